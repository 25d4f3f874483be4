"""Writers of the partner's counter: prepare, redeem, reverse. One unit is redeemed once, however many try (rules §2, M1)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from audit import record
from audit.workflow import append, entry_of, head_part
from kernel.clock import now
from kernel.errors import DomainError, NotFound, Refused, TooMany
from notifications.outbox import wake_on_commit
from partners.models import Service
from referrals.access import as_uuid
from referrals.codes import secrets_in
from referrals.models import Booking, Redemption, Referral, ScanLog, Unit, Voucher
from referrals.rules import (
    Refusal,
    RefusalReason,
    days_of,
    is_by_appointment,
    is_over,
    may_redeem,
)
from referrals.states import (
    BookingEvent,
    BookingState,
    RedemptionEvent,
    RedemptionKind,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    VoucherEvent,
    VoucherState,
    step,
)
from referrals.workflow.clocks import set_clocks
from referrals.workflow.course import follow_appointments, follow_days, standing_of
from referrals.workflow.ending import LIVE, end_voucher
from referrals.workflow.looking import Looked, look
from referrals.workflow.notices import person_rows, tell_person
from referrals.workflow.secrets import secret_hash
from referrals.workflow.submitting import check_reason
from referrals.workflow.units import give_back, lock_accounts_of, prepare_spend, waive_unit
from tenancy.messages import Part, insert, send, update
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id, use_tenant

GUESSES = 30
GUESSING_TIME = timedelta(minutes=10)
OBJECT_FOR: Final = timedelta(hours=48)
"""How long a person may object to what was redeemed; silence agrees (rules §2)."""
MOST_UNITS = 60
"""Units that one act at the counter may spend."""
_GUESSES: Final = f'SELECT count(*) FROM "{ScanLog._meta.db_table}" WHERE tenant_id = %s AND user_id = %s AND outcome = %s AND at > %s'  # noqa: S608
_LOCATE: Final = "SELECT tenant_id, voucher_id FROM voucher_locate(%s)"
_TEMPLATE: Final = "voucher_redeemed"
_DONE: Final = step(BookingState.CONFIRMED, BookingEvent.FINISH)
_FINISH: Final = f'UPDATE "{Booking._meta.db_table}" SET state = %s, due_at = NULL, remind_at = NULL WHERE tenant_id = %s AND id = %s AND state = %s'  # noqa: S608
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


def find_voucher(actor: Actor, text: str) -> tuple[UUID, UUID] | None:
    """``(tenant id, voucher id)`` behind what was typed or scanned, or None.

    A link and a code in one message are looked up together. Raises Refused ``two_vouchers`` when they are not of one
    voucher, and for two codes or two links: which one was meant is asked, and a list of codes is no cheaper guess.
    Raises TooMany after ``GUESSES`` unknown codes of one person in ``GUESSING_TIME``, by page or call (ADR 0007).
    """
    read = secrets_in(text)
    hashes = [secret_hash(secret.value) for secret in read]
    if len({secret.kind for secret in read}) < len(read):
        hashes = []
    school = actor.tenant_id or current_tenant_id()
    with use_tenant(school):  # unknown codes belong to no school: they are logged on the actor's own host
        guesses = (school, actor.user_id, RefusalReason.UNKNOWN, now() - GUESSING_TIME)
        answers = send(Part(_GUESSES, guesses), *(Part(_LOCATE, (each,)) for each in hashes))
    if answers[0][0][0] >= GUESSES:
        raise TooMany(minutes=int(GUESSING_TIME.total_seconds() // 60))
    if len(hashes) < len(read):
        raise Refused("two_vouchers")
    found = {(rows[0][0], rows[0][1]) if rows else None for rows in answers[1:]}
    if len(found) > 1:
        raise Refused("two_vouchers")
    return next(iter(found), None)


def prepare(*, actor: Actor, text: str, is_logged: bool = True) -> Prepared:
    """Look at a voucher without spending it. Every look is logged, also a refused one; the same look shown once more
    (a reload, Back, another language) is no other one: not ``is_logged``.

    Raises NotFound ``unknown``, Conflict ``already_redeemed``, Refused for the other reasons of rules §2 and ``two_vouchers``.
    """
    require(actor, "partner.redeem")
    found = find_voucher(actor, text)
    if found is None or actor.institution_id is None:
        if is_logged:
            _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    with use_tenant(tenant_id):
        seen = look(voucher_id, lock=False)
        refusal = _refusal(actor, seen, units=1)
        if is_logged:
            _log(actor, voucher_id, refusal.reason if refusal else "ok")
        if refusal:
            raise refusal.error()
        following = seen.held[: seen.facts.visit_units]
        ahead = tuple((unit.subsidy_fen, unit.self_fen) for unit in following)
    return Prepared(seen.voucher, seen.service, seen.booking, *ahead[0], ahead)


def redeem(*, actor: Actor, text: str, units: int = 1) -> list[Redemption]:
    """Spend ``units`` of a voucher in the school it belongs to. N tries for one unit: exactly one success."""
    require(actor, "partner.redeem")
    found = find_voucher(actor, text)
    if found is None or actor.institution_id is None:
        _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    # No savepoint of Django's: a refusal is handed back, so that its scan is written in the same transaction.
    with use_tenant(tenant_id), transaction.atomic(savepoint=False):
        outcome = _tried(actor, voucher_id, units)
        if isinstance(outcome, DomainError):
            _log(actor, voucher_id, outcome.reason)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _tried(actor: Actor, voucher_id: UUID, units: int) -> list[Redemption] | DomainError:
    try:
        return _redeem(actor, voucher_id, units)
    except DomainError as error:
        return error


def _redeem(actor: Actor, voucher_id: UUID, units: int) -> list[Redemption]:
    """One message reads all under lock, the rule decides, one writes all, one adds to the record (docs/benchmarks.md).

    What is refused has written nothing.
    """
    assert actor.user_id is not None  # whoever works for an institution is somebody
    seen = look(voucher_id, lock=True)
    referral, voucher, tenant, moment = seen.referral, seen.voucher, seen.tenant, seen.moment
    if not 1 <= units <= MOST_UNITS:
        raise Refused("out_of_range")
    if refusal := _refusal(actor, seen, units=units):
        raise refusal.error()
    taken = [
        Redemption(
            voucher=voucher,
            booking=seen.booking,
            partner_id=voucher.partner_id,
            unit_index=unit.index,
            fee_fen=unit.fee_fen,
            subsidy_fen=unit.subsidy_fen,
            self_fen=unit.self_fen,
            voucher_number=voucher.number,
            state=RedemptionState.REDEEMED,
            service_date=tenant.day_of(moment),
            redeemed_at=moment,
            redeemed_by_id=actor.user_id,
            due_at=moment + OBJECT_FOR,
        )
        for unit in seen.held[:units]
    ]
    voucher.units_left -= len(taken)
    voucher.state = step(voucher.state, VoucherEvent.REDEEM if voucher.units_left else VoucherEvent.REDEEM_LAST)
    if voucher.units_left and is_by_appointment(referral.kind, seen.service.unit):
        others = [booking for booking in seen.standing if booking != seen.booking]
        follow_appointments(tenant, voucher, others, tenant.day_of(moment))
    _move_along(referral, voucher)
    _write_redeemed(actor, seen, taken)
    return taken


def _write_redeemed(actor: Actor, seen: Looked, taken: list[Redemption]) -> None:
    """Redemptions, voucher, booking, referral, books, scan, message, and last of all the head of the record."""
    assert actor.user_id is not None
    referral, voucher = seen.referral, seen.voucher
    spent = [(unit, redemption.pk) for unit, redemption in zip(seen.held, taken, strict=False)]
    spending = prepare_spend(actor=actor, referral=referral, spent=spent)
    if len(spending.moves) > 1:  # each locks its own accounts: one after the other, two counters could wait crosswise
        lock_accounts_of(referral)
    scan = ScanLog(
        voucher=voucher, partner_id=voucher.partner_id, user_id=actor.user_id, at=seen.moment, outcome="redeemed"
    )
    told = person_rows(referral, _TEMPLATE, seen.person_user_id, seen.channels, suffix=f"/{taken[-1].pk}")
    answers = send(
        Part("SAVEPOINT spent"),
        insert(taken),
        update(voucher, "state", "units_left", "booking", "valid_from", "valid_until"),
        Part(_FINISH, (_DONE, seen.tenant.pk, seen.booking.pk if seen.booking else None, BookingState.CONFIRMED)),
        update(referral, "state", "deadline", "changed_at"),
        *spending.parts,
        insert([scan]),
        insert(told, ignore_conflicts=True),
        head_part(),
    )
    try:
        spending.read(answers[5:])
    except DomainError:
        send(Part("ROLLBACK TO SAVEPOINT spent"))
        raise
    entries = [
        entry_of(
            actor=actor,
            action="voucher.redeem",
            obj=redemption,
            facts={"voucher": voucher.pk, "subsidy_fen": redemption.subsidy_fen, "self_fen": redemption.self_fen},
        )
        for redemption in taken
    ]
    append(entries, answers[-1])
    wake_on_commit()


def _move_along(referral: Referral, voucher: Voucher) -> None:
    """The first unit begins the service, the last one completes it. Neither is written yet."""
    if referral.state == ReferralState.CONFIRMED:
        referral.state = step(referral.state, ReferralEvent.START)
    if not voucher.units_left:
        referral.state = step(referral.state, ReferralEvent.COMPLETE)
    referral.deadline = None


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
    redemption.due_at = None
    if redemption.kind == RedemptionKind.FEE:
        return _waive(actor, referral, redemption, reason)
    tenant = Tenant.objects.get(pk=redemption.tenant_id)
    standing = standing_of(referral)
    reopened = [*standing, *([booking] if booking else [])]
    lock_accounts_of(referral, days=[tenant.day_of(each.starts_at) for each in reopened])
    moment = now()
    over = is_over(voucher.valid_until, tenant.day_of(moment)) and not standing
    if over and voucher.state in LIVE:
        end_voucher(system_in(tenant.pk), referral, voucher)
    redemption.reversed_at, redemption.reverse_reason = moment, reason
    redemption.own_share_due = redemption.self_fen > 0
    redemption.save(update_fields=["state", "due_at", "reversed_at", "reverse_reason", "own_share_due"])
    lives_on = not over and voucher.state in (VoucherState.ACTIVE, VoucherState.USED_UP)
    if lives_on:
        voucher.units_left += 1
        _open_again(tenant, referral, voucher, booking, standing)
    is_past = over and voucher.state == VoucherState.USED_UP
    voucher.state = step(voucher.state, VoucherEvent.EXPIRE if is_past else VoucherEvent.REVERSE)
    voucher.save(update_fields=["state", "units_left", "booking", "valid_from", "valid_until"])
    referral.save(update_fields=["state", "changed_at"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": voucher.pk, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    unit = Unit.objects.get(referral=referral, index=redemption.unit_index)
    give_back(actor=actor, referral=referral, unit=unit, redemption_id=redemption.pk, hold_again=lives_on)
    if lives_on:
        follow_days(actor, tenant, referral, standing, must=False)
    tell_person(referral, "voucher_reversed" if lives_on else "voucher_value_returned", suffix=f"/{redemption.pk}")
    return redemption


def _waive(actor: Actor, referral: Referral, redemption: Redemption, reason: str) -> Redemption:
    """The agency waives the fee for a missed appointment: what the pool paid returns to it, no unit comes back."""
    lock_accounts_of(referral)
    redemption.reversed_at, redemption.reverse_reason = now(), reason
    redemption.save(update_fields=["state", "due_at", "reversed_at", "reverse_reason"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": redemption.voucher_id, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    unit = Unit.objects.get(referral=referral, index=redemption.unit_index)
    waive_unit(actor=actor, referral=referral, unit=unit, fen=redemption.subsidy_fen, redemption_id=redemption.pk)
    tell_person(referral, "missed_fee_waived", suffix=f"/{redemption.pk}")
    return redemption


def _open_again(
    tenant: Tenant, referral: Referral, voucher: Voucher, booking: Booking | None, standing: list[Booking]
) -> None:
    """Undoes ``_move_along`` for a returned unit: the service is open again, and its appointment too while its days last.

    One whose days are over stays as it was: the agency enters another.
    """
    if referral.state == ReferralState.COMPLETED:
        referral.state = step(referral.state, ReferralEvent.REOPEN)
    if referral.state == ReferralState.IN_SERVICE and voucher.units_left == voucher.units:
        referral.state = step(referral.state, ReferralEvent.UNDO_START)
    open_days, today = tenant.settings.open_voucher_days, tenant.today()
    by_appointment = is_by_appointment(referral.kind, voucher.service.unit)
    if booking is not None and _is_unused(booking):
        days = days_of(referral.kind, tenant.day_of(booking.starts_at), open_days)
        if not is_over(days.last, today) and (by_appointment or booking.pk == voucher.booking_id):
            booking.state = step(booking.state, BookingEvent.REOPEN)
            set_clocks(tenant, referral.kind, booking)
            booking.save(update_fields=["state", "due_at", "remind_at"])
            standing.append(booking)
            standing.sort(key=lambda row: (row.starts_at, row.pk))
            if not by_appointment:
                voucher.valid_from, voucher.valid_until = days
    if by_appointment and (standing or voucher.state == VoucherState.USED_UP):
        follow_appointments(tenant, voucher, standing, today)


def _is_unused(booking: Booking) -> bool:
    """Whether the booking is done and none of its redemptions stands any more."""
    standing = Redemption.objects.filter(booking=booking).exclude(state=RedemptionState.REVERSED)
    return booking.state == BookingState.DONE and not standing.exists()


def _refusal(actor: Actor, seen: Looked, *, units: int) -> Refusal | None:
    day = seen.tenant.day_of(seen.moment)
    return may_redeem(seen.facts, partner_id=str(actor.institution_id), on=day, now=seen.moment, units=units)


def _log(actor: Actor, voucher_id: UUID, outcome: str) -> None:
    ScanLog.objects.create(
        voucher_id=voucher_id, partner_id=actor.institution_id, user_id=actor.user_id, at=now(), outcome=outcome
    )


def _log_unknown(actor: Actor) -> None:
    """Log a scan of an unknown code. It belongs to no school, so the row is the platform's."""
    if actor.institution_id is None or actor.tenant_id is None:
        return
    with use_tenant(actor.tenant_id):
        ScanLog.objects.create(
            partner_id=actor.institution_id, user_id=actor.user_id, at=now(), outcome=RefusalReason.UNKNOWN
        )
