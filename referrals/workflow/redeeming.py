"""Writers of the partner's counter: prepare, redeem, reverse. One unit is redeemed once, however many try (rules §2, M1)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from audit import record
from kernel.clock import local_day, now
from kernel.errors import DomainError, NotFound, Refused, TooMany
from ledger.keys import Kind
from partners.members import counter_at
from partners.models import Agreement, Institution, Service
from partners.states import AgreementState, InstitutionState
from referrals.access import as_uuid
from referrals.codes import secrets_in
from referrals.models import Booking, Redemption, Referral, ScanLog, Voucher
from referrals.rules import (
    Refusal,
    RefusalReason,
    VoucherFacts,
    days_of,
    days_of_waiting,
    is_by_appointment,
    is_over,
    may_redeem,
    next_units,
    units_a_visit,
)
from referrals.states import (
    BookingEvent,
    BookingState,
    RedemptionEvent,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    VoucherEvent,
    VoucherState,
    step,
)
from referrals.subsidies import accounting
from referrals.workflow.ending import LIVE, end_voucher, used_units
from referrals.workflow.notices import tell_person
from referrals.workflow.secrets import secret_hash
from referrals.workflow.submitting import check_reason
from tenancy.locate import locate
from tenancy.models import Tenant
from tenancy.scope import use_tenant

GUESSES = 30
GUESSING_TIME = timedelta(minutes=10)
MOST_UNITS = 60
"""Units that one act at the counter may spend."""
REVERSE_REASONS = frozenset({"wrong_person", "not_delivered", "scanned_by_mistake", "wrong_amount"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a voucher is good for, before anything is spent. ``self_fen`` is what the counter collects for one unit.

    ``ahead`` holds ``(subsidy_fen, self_fen)`` of the units that this visit may spend, in the order in which they are.
    """

    voucher: Voucher
    service: Service
    booking: Booking | None
    subsidy_fen: int
    self_fen: int
    ahead: tuple[tuple[int, int], ...]


def find_voucher(text: str) -> tuple[UUID, UUID] | None:
    """``(tenant id, voucher id)`` behind what was typed or scanned, or None.

    A link and a code in one message are looked up together. Raises Refused ``two_vouchers`` when they are not of one
    voucher, and for two codes or two links: which one was meant is asked, and a list of codes is no cheaper guess.
    """
    read = secrets_in(text)
    if not read:
        return None
    if len({secret.kind for secret in read}) < len(read):
        raise Refused("two_vouchers")
    found = {locate("voucher_locate", secret_hash(secret.value)) for secret in read}
    if len(found) > 1:
        raise Refused("two_vouchers")
    return found.pop()


def prepare(*, actor: Actor, text: str, is_logged: bool = True) -> Prepared:
    """Look at a voucher without spending it. Every look is logged, also a refused one; the same look shown once more
    (a reload, Back, another language) is no other one: not ``is_logged``.

    Raises NotFound ``unknown``, Conflict ``already_redeemed``, Refused for the other reasons of rules §2 and ``two_vouchers``.
    """
    require(actor, "partner.redeem")
    _brake(actor)
    found = find_voucher(text)
    if found is None or actor.institution_id is None:
        if is_logged:
            _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    with use_tenant(tenant_id):
        voucher = Voucher.objects.select_related("service", "booking").get(pk=voucher_id)
        facts = _facts(voucher, Tenant.objects.get(pk=tenant_id))
        refusal = _refusal(actor, facts, units=1)
        if is_logged:
            _log(actor, voucher, refusal.reason if refusal else "ok")
        if refusal:
            raise refusal.error()
        following = next_units(voucher.unit_splits, used_units(voucher))[: facts.visit_units]
        ahead = tuple((subsidy_fen, self_fen) for _index, (_fee, subsidy_fen, self_fen) in following)
    return Prepared(voucher, voucher.service, voucher.booking, *ahead[0], ahead)


def redeem(*, actor: Actor, text: str, units: int = 1) -> list[Redemption]:
    """Spend ``units`` of a voucher in the school it belongs to. N tries for one unit: exactly one success."""
    require(actor, "partner.redeem")
    _brake(actor)
    found = find_voucher(text)
    if found is None or actor.institution_id is None:
        _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    with use_tenant(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        try:
            return _redeem(actor, tenant, voucher_id, units)
        except DomainError as error:
            _log(actor, Voucher.objects.get(pk=voucher_id), error.reason)
            raise


@transaction.atomic
def _redeem(actor: Actor, tenant: Tenant, voucher_id: UUID, units: int) -> list[Redemption]:
    seen = Voucher.objects.only("referral_id").get(pk=voucher_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=voucher_id)
    if not 1 <= units <= MOST_UNITS:
        raise Refused("out_of_range")
    refusal = _refusal(actor, _facts(voucher, tenant), units=units)
    if refusal:
        raise refusal.error()
    accounting.lock_accounts_of(referral)
    moment = now()
    taken: list[Redemption] = []
    for index, (fee_fen, subsidy_fen, self_fen) in next_units(voucher.unit_splits, used_units(voucher))[:units]:
        voucher.units_left -= 1
        taken.append(
            Redemption.objects.create(
                voucher=voucher,
                booking_id=voucher.booking_id,
                partner_id=voucher.partner_id,
                unit_index=index,
                fee_fen=fee_fen,
                subsidy_fen=subsidy_fen,
                self_fen=self_fen,
                voucher_number=voucher.number,
                state=RedemptionState.REDEEMED,
                redeemed_at=moment,
                redeemed_by_id=actor.user_id,
            )
        )
    voucher.state = step(voucher.state, VoucherEvent.REDEEM if voucher.units_left else VoucherEvent.REDEEM_LAST)
    if voucher.units_left and is_by_appointment(referral.kind, voucher.service.unit):
        voucher.valid_from, voucher.valid_until = days_of_waiting(
            tenant.day_of(moment), tenant.settings.open_voucher_days
        )
    voucher.save(update_fields=["state", "units_left", "valid_from", "valid_until"])
    _move_along(referral, voucher)
    for redemption in taken:
        record(
            actor=actor,
            action="voucher.redeem",
            obj=redemption,
            facts={"voucher": voucher.pk, "subsidy_fen": redemption.subsidy_fen, "self_fen": redemption.self_fen},
        )
        accounting.post(
            actor=actor,
            kind=Kind.COMMIT,
            referral=referral,
            subsidy=accounting.subsidy_of_units(referral, [redemption.subsidy_fen]),
            reference=f"redemption/{redemption.pk}/commit",
        )
    ScanLog.objects.create(
        voucher=voucher, partner_id=voucher.partner_id, user_id=actor.user_id, at=moment, outcome="redeemed"
    )
    tell_person(referral, "voucher_redeemed", suffix=f"/{taken[-1].pk}")
    return taken


def _move_along(referral: Referral, voucher: Voucher) -> None:
    """Moves booking and referral along: the first unit begins the service, the last one completes it."""
    if referral.state == ReferralState.CONFIRMED:
        referral.state = step(referral.state, ReferralEvent.START)
    if not voucher.units_left:
        referral.state = step(referral.state, ReferralEvent.COMPLETE)
    Booking.objects.filter(pk=voucher.booking_id, state=BookingState.CONFIRMED).update(
        state=step(BookingState.CONFIRMED, BookingEvent.FINISH)
    )
    referral.deadline = None
    referral.save(update_fields=["state", "deadline", "changed_at"])


@transaction.atomic
def reverse(*, actor: Actor, redemption_id: UUID | str, reason: str) -> Redemption:
    """Take a redemption back, with a reason, until its settlement closes. The unit returns to the voucher.

    After the voucher's last day only the value returns, to its pool: nothing is held again, no appointment opens, and
    it makes no difference whether the sweep has been (rules §2). Raises IllegalMove once it is settled.
    """
    require(actor, "partner.reverse")
    check_reason(reason, REVERSE_REASONS)
    seen = (
        Redemption.objects.select_related("voucher")
        .filter(pk=as_uuid(redemption_id), partner_id=actor.institution_id)
        .first()
    )
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.voucher.referral_id)
    booking = Booking.objects.select_for_update(no_key=True).filter(pk=seen.booking_id).first()
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.voucher_id)
    )
    redemption = Redemption.objects.select_for_update(no_key=True).get(pk=seen.pk)
    redemption.state = step(redemption.state, RedemptionEvent.REVERSE)
    accounting.lock_accounts_of(referral)
    tenant = Tenant.objects.get(pk=redemption.tenant_id)
    moment = now()
    over = is_over(voucher.valid_until, tenant.day_of(moment))
    if over and voucher.state in LIVE:
        end_voucher(system_in(tenant.pk), referral, voucher)
    redemption.reversed_at, redemption.reverse_reason = moment, reason
    redemption.save(update_fields=["state", "reversed_at", "reverse_reason"])
    lives_on = not over and voucher.state in (VoucherState.ACTIVE, VoucherState.USED_UP)
    if lives_on:
        voucher.units_left += 1
        _open_again(tenant, referral, voucher, booking)
    is_past = over and voucher.state == VoucherState.USED_UP
    voucher.state = step(voucher.state, VoucherEvent.EXPIRE if is_past else VoucherEvent.REVERSE)
    voucher.save(update_fields=["state", "units_left", "valid_from", "valid_until"])
    referral.save(update_fields=["state", "changed_at"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": voucher.pk, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    _give_back(actor, referral, redemption, hold_again=lives_on)
    tell_person(referral, "voucher_reversed" if lives_on else "voucher_value_returned", suffix=f"/{redemption.pk}")
    return redemption


def _open_again(tenant: Tenant, referral: Referral, voucher: Voucher, booking: Booking | None) -> None:
    """Undoes ``_move_along`` for a returned unit: the service is open again, and its appointment too while its days last.

    An appointment before the present one, or one whose days are over, stays as it was: the agency enters another.
    """
    if referral.state == ReferralState.COMPLETED:
        referral.state = step(referral.state, ReferralEvent.REOPEN)
    if referral.state == ReferralState.IN_SERVICE and voucher.units_left == voucher.units:
        referral.state = step(referral.state, ReferralEvent.UNDO_START)
    open_days, today = tenant.settings.open_voucher_days, tenant.today()
    if booking is not None and booking.pk == voucher.booking_id and _is_unused(booking):
        days = days_of(referral.kind, tenant.day_of(booking.starts_at), open_days)
        if not is_over(days.last, today):
            booking.state = step(booking.state, BookingEvent.REOPEN)
            booking.save(update_fields=["state"])
            voucher.valid_from, voucher.valid_until = days
            return
    if voucher.state == VoucherState.USED_UP and is_by_appointment(referral.kind, voucher.service.unit):
        voucher.valid_from, voucher.valid_until = days_of_waiting(today, open_days)


def _is_unused(booking: Booking) -> bool:
    """Whether the booking is done and none of its redemptions stands any more."""
    standing = Redemption.objects.filter(booking=booking).exclude(state=RedemptionState.REVERSED)
    return booking.state == BookingState.DONE and not standing.exists()


def _give_back(actor: Actor, referral: Referral, redemption: Redemption, *, hold_again: bool) -> None:
    """Spent → available → held again for the unit that returned. A reservation under a new name: the old one is used."""
    subsidy = accounting.subsidy_of_units(referral, [redemption.subsidy_fen])
    reference = f"redemption/{redemption.pk}"
    accounting.post(actor=actor, kind=Kind.REFUND, referral=referral, subsidy=subsidy, reference=f"{reference}/refund")
    if hold_again:
        accounting.post(
            actor=actor, kind=Kind.RESERVE, referral=referral, subsidy=subsidy, reference=f"{reference}/again"
        )


def _facts(voucher: Voucher, tenant: Tenant) -> VoucherFacts:
    """What is known of the voucher, with its service loaded."""
    standing = Redemption.objects.filter(voucher=voucher).exclude(state=RedemptionState.REVERSED)
    last = standing.order_by("-redeemed_at").first()
    booking = Booking.objects.filter(pk=voucher.booking_id).first()
    unit = voucher.service.unit
    by_appointment = is_by_appointment(voucher.service.kind, unit)
    visit_units = units_a_visit(unit, booking.ends_at - booking.starts_at) if booking else None
    if visit_units is not None and not by_appointment:
        today = tenant.today()
        visit_units -= sum(1 for at in standing.values_list("redeemed_at", flat=True) if tenant.day_of(at) == today)
        visit_units = max(visit_units, 0)
    return VoucherFacts(
        state=VoucherState(voucher.state),
        partner_id=str(voucher.partner_id),
        service_id=str(voucher.service_id),
        units_left=voucher.units_left,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        suspended=_is_suspended(voucher),
        last_redeemed_by=_counter_of(last) if last else "",
        last_redeemed_at=last.redeemed_at if last else None,
        zone=tenant.time_zone,
        awaits_appointment=by_appointment and (booking is None or booking.state != BookingState.CONFIRMED),
        visit_units=visit_units,
    )


def _refusal(actor: Actor, facts: VoucherFacts, *, units: int) -> Refusal | None:
    moment = now()
    return may_redeem(
        facts, partner_id=str(actor.institution_id), on=local_day(moment, facts.zone), now=moment, units=units
    )


def _counter_of(redemption: Redemption) -> str:
    """The counter's name at that time, or empty for the office: never a person's."""
    return counter_at(redemption.redeemed_by_id, redemption.partner_id, redemption.redeemed_at)


def _is_suspended(voucher: Voucher) -> bool:
    """Whether agreement or institution takes nothing at present. A lapsed one still honours what was issued before."""
    if not Institution.objects.filter(pk=voucher.partner_id, state=InstitutionState.LISTED).exists():
        return True
    return Agreement.objects.filter(partner_id=voucher.partner_id, state=AgreementState.SUSPENDED).exists()


def _log(actor: Actor, voucher: Voucher, outcome: str) -> None:
    ScanLog.objects.create(
        voucher=voucher, partner_id=actor.institution_id, user_id=actor.user_id, at=now(), outcome=outcome
    )


def _brake(actor: Actor) -> None:
    """Raises TooMany after ``GUESSES`` unknown codes of one person in ``GUESSING_TIME``, by page or call (ADR 0007)."""
    if actor.tenant_id is None:
        return
    with use_tenant(actor.tenant_id):
        guesses = ScanLog.objects.filter(
            user_id=actor.user_id, outcome=RefusalReason.UNKNOWN, at__gt=now() - GUESSING_TIME
        ).count()
    if guesses >= GUESSES:
        raise TooMany(minutes=int(GUESSING_TIME.total_seconds() // 60))


def _log_unknown(actor: Actor) -> None:
    """Log a scan of an unknown code. It belongs to no school, so the row is the platform's."""
    if actor.institution_id is None or actor.tenant_id is None:
        return
    with use_tenant(actor.tenant_id):
        ScanLog.objects.create(
            partner_id=actor.institution_id, user_id=actor.user_id, at=now(), outcome=RefusalReason.UNKNOWN
        )
