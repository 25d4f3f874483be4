"""Writers of the partner's counter: prepare, redeem, reverse. One unit is redeemed once, however many try (rules §2, M1)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import append, entry_of, head_part
from kernel.clock import now
from kernel.errors import DomainError, NotFound, Refused, TooMany
from notifications.outbox import wake_on_commit
from partners.models import Service
from referrals.access import as_uuid
from referrals.codes import secrets_in
from referrals.models import Booking, Redemption, Referral, Reschedule, ScanLog, Voucher
from referrals.rules import (
    Refusal,
    RefusalReason,
    is_by_appointment,
    may_redeem,
)
from referrals.states import (
    BookingEvent,
    BookingState,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    RescheduleEvent,
    RescheduleState,
    VoucherEvent,
    step,
)
from referrals.workflow.completing import complete
from referrals.workflow.course import follow_appointments
from referrals.workflow.looking import NOTABLE, SCANNABLE, Looked, look
from referrals.workflow.noted import Noted
from referrals.workflow.notices import person_rows
from referrals.workflow.reversing import take_back
from referrals.workflow.secrets import secret_hash
from referrals.workflow.submitting import check_reason
from referrals.workflow.units import lock_accounts_of, prepare_spend
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
_FINISH: Final = f'UPDATE "{Booking._meta.db_table}" SET state = %s, due_at = NULL, remind_at = NULL WHERE tenant_id = %s AND id = %s AND state = ANY(%s)'  # noqa: S608
_END_WISH: Final = f'WITH ended AS (UPDATE "{Reschedule._meta.db_table}" SET state = %s, answered_at = %s WHERE tenant_id = %s AND booking_id = %s AND state = %s RETURNING slot) SELECT slot_free(slot) FROM ended WHERE slot IS NOT NULL'  # noqa: S608
"""Whoever was asked for another time need not answer any more, and the time that was held for it is free (books §9)."""
_ENDED: Final = step(RescheduleState.OPEN, RescheduleEvent.WITHDRAW)
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


def redeem(*, actor: Actor, text: str, units: int = 1, noted: Noted | None = None) -> list[Redemption]:
    """Spend ``units`` of a voucher in the school it belongs to. N tries for one unit: exactly one success.

    ``noted``: what the counter wrote down without network; it counts for the moment at which it did (``offline_marks``).
    """
    require(actor, "partner.redeem")
    found = find_voucher(actor, text)
    if found is None or actor.institution_id is None:
        _log_unknown(actor)
        raise Refusal(RefusalReason.UNKNOWN).error()
    tenant_id, voucher_id = found
    # No savepoint of Django's: a refusal is handed back, so that its scan is written in the same transaction.
    with use_tenant(tenant_id), transaction.atomic(savepoint=False):
        outcome = _tried(actor, voucher_id, units, noted)
        if isinstance(outcome, DomainError):
            _log(actor, voucher_id, outcome.reason)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _tried(actor: Actor, voucher_id: UUID, units: int, noted: Noted | None) -> list[Redemption] | DomainError:
    try:
        return _redeem(actor, voucher_id, units, noted)
    except DomainError as error:
        return error


def _redeem(actor: Actor, voucher_id: UUID, units: int, noted: Noted | None) -> list[Redemption]:
    """One message reads all under lock, the rule decides, one writes all, one adds to the record (docs/benchmarks.md).

    What is refused has written nothing.
    """
    assert actor.user_id is not None  # whoever works for an institution is somebody
    seen = look(voucher_id, lock=True, noted=noted.at if noted else None)
    referral, voucher, tenant, moment = seen.referral, seen.voucher, seen.tenant, seen.moment
    if not 1 <= units <= MOST_UNITS:
        raise Refused("out_of_range")
    refusal = _refusal(actor, seen, units=units)
    if noted and refusal is None:
        refusal = noted.refusal(seen)
    if refusal:
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
            service_date=tenant.day_of(seen.used),
            redeemed_at=seen.used,
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
    _move_along(referral, voucher, tenant)
    _write_redeemed(actor, seen, taken, noted)
    return taken


def _write_redeemed(actor: Actor, seen: Looked, taken: list[Redemption], noted: Noted | None) -> None:
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
    told = person_rows(
        referral,
        _TEMPLATE,
        seen.person_user_id,
        seen.channels,
        suffix=f"/{taken[-1].pk}",
        has_left=seen.has_left,
    )
    school, visit = seen.tenant.pk, seen.booking.pk if seen.booking else None
    answers = send(
        Part("SAVEPOINT spent"),
        insert(taken),
        update(voucher, "state", "units_left", "booking", "valid_from", "valid_until"),
        Part(_FINISH, (_DONE, school, visit, list(NOTABLE if noted else SCANNABLE))),
        Part(_END_WISH, (_ENDED, seen.moment, school, visit, RescheduleState.OPEN)),
        update(referral, "state", "deadline", "changed_at"),
        *spending.parts,
        insert([scan]),
        insert(told, ignore_conflicts=True),
        head_part(),
    )
    try:
        spending.read(answers[6:])
    except DomainError:
        send(Part("ROLLBACK TO SAVEPOINT spent"))
        raise
    entries = [
        entry_of(
            actor=actor,
            action="voucher.redeem",
            obj=redemption,
            facts={"voucher": voucher.pk, "subsidy_fen": redemption.subsidy_fen, "self_fen": redemption.self_fen}
            | (noted.facts() if noted else {}),
        )
        for redemption in taken
    ]
    append(entries, answers[-1])
    wake_on_commit()


def _move_along(referral: Referral, voucher: Voucher, tenant: Tenant) -> None:
    """The first unit begins the service, the last one completes it. Neither is written yet."""
    if referral.state == ReferralState.CONFIRMED:
        referral.state = step(referral.state, ReferralEvent.START)
    referral.deadline = None
    if not voucher.units_left:
        complete(referral, tenant.time_zone)


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
    return take_back(actor, seen, reason)


def _refusal(actor: Actor, seen: Looked, *, units: int) -> Refusal | None:
    day = seen.tenant.day_of(seen.used)
    return may_redeem(seen.facts, partner_id=str(actor.institution_id), on=day, now=seen.used, units=units)


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
