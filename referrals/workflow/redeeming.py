"""At the partner's counter: look, spend, give back. One unit, one success, however many try (rules §2, M1)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
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
from referrals.rules import Refusal, RefusalReason, VoucherFacts, may_redeem
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

    ``ahead`` holds ``(subsidy_fen, self_fen)`` of every unit that is left, in the order in which they are spent.
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


def prepare(*, actor: Actor, text: str) -> Prepared:
    """Look at a voucher without spending it. Every look is logged, also a refused one.

    Raises NotFound ``unknown``, Conflict ``already_redeemed``, Refused for the other reasons of rules §2 and ``two_vouchers``.
    """
    require(actor, "partner.redeem")
    _brake(actor)
    found = find_voucher(text)
    if found is None or actor.institution_id is None:
        _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    with use_tenant(tenant_id):
        voucher = Voucher.objects.select_related("service", "booking").get(pk=voucher_id)
        refusal = _refusal(actor, voucher, Tenant.objects.get(pk=tenant_id), units=1)
        _log(actor, voucher, refusal.reason if refusal else "ok")
        if refusal:
            raise refusal.error()
        left = _units_ahead(voucher)[: voucher.units_left]
        ahead = tuple((subsidy_fen, self_fen) for _index, (_fee, subsidy_fen, self_fen) in left)
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
    voucher = Voucher.objects.select_for_update(no_key=True, of=("self",)).get(pk=voucher_id)
    if not 1 <= units <= MOST_UNITS:
        raise Refused("out_of_range")
    refusal = _refusal(actor, voucher, tenant, units=units)
    if refusal:
        raise refusal.error()
    accounting.lock_lines_of(referral)
    moment = now()
    taken: list[Redemption] = []
    for index, (fee_fen, subsidy_fen, self_fen) in _units_ahead(voucher)[:units]:
        voucher.units_left -= 1
        taken.append(
            Redemption.objects.create(
                voucher=voucher,
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
    voucher.save(update_fields=["state", "units_left"])
    _move_along(referral, voucher)
    for redemption in taken:
        record(
            actor=actor,
            action="voucher.redeem",
            obj=redemption,
            facts={"voucher": voucher.pk, "subsidy_fen": redemption.subsidy_fen, "self_fen": redemption.self_fen},
        )
        accounting.book(
            actor=actor,
            kind=Kind.COMMIT,
            referral=referral,
            share=accounting.share_of_units(referral, [redemption.subsidy_fen]),
            reference=f"redemption/{redemption.pk}/commit",
        )
    ScanLog.objects.create(
        voucher=voucher, partner_id=voucher.partner_id, user_id=actor.user_id, at=moment, outcome="redeemed"
    )
    tell_person(referral, "voucher_redeemed", suffix=f"/{taken[-1].pk}")
    return taken


def _move_along(referral: Referral, voucher: Voucher) -> None:
    """First unit: the service has begun. Last unit: it is complete, and the appointment is over."""
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

    After the voucher's end only the value returns, to its pool (rules §2). Raises IllegalMove once it is settled.
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
    voucher = Voucher.objects.select_for_update(no_key=True).get(pk=seen.voucher_id)
    redemption = Redemption.objects.select_for_update(no_key=True).get(pk=seen.pk)
    redemption.state = step(redemption.state, RedemptionEvent.REVERSE)
    accounting.lock_lines_of(referral)
    redemption.reversed_at, redemption.reverse_reason = now(), reason
    redemption.save(update_fields=["state", "reversed_at", "reverse_reason"])
    lives_on = voucher.state in (VoucherState.ACTIVE, VoucherState.USED_UP)
    voucher.state = step(voucher.state, VoucherEvent.REVERSE)
    voucher.units_left += 1 if lives_on else 0
    voucher.save(update_fields=["state", "units_left"])
    if referral.state == ReferralState.COMPLETED and lives_on:
        referral.state = step(referral.state, ReferralEvent.REOPEN)
        Booking.objects.filter(pk=voucher.booking_id, state=BookingState.DONE).update(
            state=step(BookingState.DONE, BookingEvent.REOPEN)
        )
    if referral.state == ReferralState.IN_SERVICE and voucher.units_left == voucher.units:
        referral.state = step(referral.state, ReferralEvent.UNDO_START)
    referral.save(update_fields=["state", "changed_at"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": voucher.pk, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    _give_back(actor, referral, redemption, hold_again=lives_on)
    tell_person(referral, "voucher_reversed", suffix=f"/{redemption.pk}")
    return redemption


def _give_back(actor: Actor, referral: Referral, redemption: Redemption, *, hold_again: bool) -> None:
    """Spent → available → held again for the unit that returned. A reservation under a new name: the old one is used."""
    share = accounting.share_of_units(referral, [redemption.subsidy_fen])
    reference = f"redemption/{redemption.pk}"
    accounting.book(actor=actor, kind=Kind.REFUND, referral=referral, share=share, reference=f"{reference}/refund")
    if hold_again:
        accounting.book(actor=actor, kind=Kind.RESERVE, referral=referral, share=share, reference=f"{reference}/again")


def _units_ahead(voucher: Voucher) -> list[tuple[int, tuple[int, int, int]]]:
    """The units that no standing redemption uses, in order: ``(index, (fee, subsidy, self))`` in fen."""
    used = set(
        Redemption.objects.filter(voucher=voucher)
        .exclude(state=RedemptionState.REVERSED)
        .values_list("unit_index", flat=True)
    )
    return [(index, tuple(split)) for index, split in enumerate(voucher.unit_splits) if index not in used]


def _refusal(actor: Actor, voucher: Voucher, tenant: Tenant, *, units: int) -> Refusal | None:
    moment = now()
    last = (
        Redemption.objects.filter(voucher=voucher)
        .exclude(state=RedemptionState.REVERSED)
        .order_by("-redeemed_at")
        .first()
        if voucher.state == VoucherState.USED_UP
        else None
    )
    facts = VoucherFacts(
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
    )
    return may_redeem(
        facts, partner_id=str(actor.institution_id), on=local_day(moment, tenant.time_zone), now=moment, units=units
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
    """Guessing stops after ``GUESSES`` unknown codes in ``GUESSING_TIME``, for the person, whatever the door (ADR 0007)."""
    if actor.tenant_id is None:
        return
    with use_tenant(actor.tenant_id):
        guesses = ScanLog.objects.filter(
            user_id=actor.user_id, outcome=RefusalReason.UNKNOWN, at__gt=now() - GUESSING_TIME
        ).count()
    if guesses >= GUESSES:
        raise TooMany(minutes=int(GUESSING_TIME.total_seconds() // 60))


def _log_unknown(actor: Actor) -> None:
    """A scan of nothing belongs to no school: it stands in the platform's own books."""
    if actor.institution_id is None or actor.tenant_id is None:
        return
    with use_tenant(actor.tenant_id):
        ScanLog.objects.create(
            partner_id=actor.institution_id, user_id=actor.user_id, at=now(), outcome=RefusalReason.UNKNOWN
        )
