"""An appointment whose day is over and that nobody scanned: both are asked, and what they say decides (books §3, §9).

The dates decide: whoever acts first writes down what they have decided (``catch_up``), the sweep or a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from referrals.access import access_referral, as_uuid
from referrals.kinds import DECIDING_OFFICES, KINDS
from referrals.missed import UNRESOLVED_FOR, Missed, Outcome, Said, outcome
from referrals.models import Booking, Redemption, Referral, Unit, Voucher
from referrals.rules import is_by_appointment
from referrals.states import (
    BookingEvent,
    BookingState,
    RedemptionEvent,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    RescheduleEvent,
    VoucherEvent,
    step,
)
from referrals.workflow.completing import complete
from referrals.workflow.ending import LIVE
from referrals.workflow.fees import charge, lock_fees, units_at
from referrals.workflow.notices import tell_deciders, tell_partner, tell_person
from referrals.workflow.slots import end_wishes
from referrals.workflow.unit_holders import holding_of
from referrals.workflow.units import lock_accounts_of, prepare_spend
from referrals.workflow.using_up import follow_course, use_up
from tenancy.messages import send
from tenancy.models import Tenant

ASK_PAGE: Final = "/partner/unscanned/"
_EVENTS: Final = {
    Outcome.DONE: BookingEvent.FINISH,
    Outcome.NO_SHOW: BookingEvent.NO_SHOW,
    Outcome.LAPSED: BookingEvent.LAPSE,
    Outcome.DISPUTED: BookingEvent.DISPUTE,
}
DECISIONS: Final = {"took_place": Outcome.DONE, "no_show": Outcome.NO_SHOW, "neither": Outcome.LAPSED}
"""What an office may decide about a quarrel."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows under lock, in the order of locks; ``voucher`` with its service. ``decided``: when that was settled which is
    written down: now, or the earlier moment by which the dates had settled it.
    """

    tenant: Tenant
    referral: Referral
    booking: Booking
    voucher: Voucher
    moment: datetime
    decided: datetime


def _held(tenant: Tenant, booking: Booking) -> Held:
    """Everything that an answer may change, under lock, its accounts last; and what the dates have decided is written down."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=booking.referral_id)
    bookings = list(Booking.objects.select_for_update(no_key=True).filter(referral=referral).order_by("pk"))
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral)
        .order_by("-pk")
        .first()
    )
    if voucher is None:  # no appointment is confirmed without one
        raise NotFound
    voucher.referral = referral
    lock_fees(referral)
    days = [tenant.day_of(row.starts_at) for row in holding_of(referral)]
    lock_accounts_of(referral, days=days)
    moment = now()
    return Held(tenant, referral, next(row for row in bookings if row.pk == booking.pk), voucher, moment, moment)


@transaction.atomic
def pass_time(*, booking_id: UUID) -> bool:
    """Writes down what the dates have decided about one appointment; the sweep's part. False when it was not due."""
    seen = Booking.objects.get(pk=booking_id)
    return catch_up(_held(Tenant.objects.get(pk=seen.tenant_id), seen))


def catch_up(held: Held) -> bool:
    """The same with everything locked by the caller. Whether anything had come due."""
    booking, tenant, is_late = held.booking, held.tenant, False
    system = system_in(tenant.pk)
    while booking.due_at is not None and held.moment >= booking.due_at:
        is_late, held = True, replace(held, decided=booking.due_at)
        match BookingState(booking.state):
            case BookingState.CONFIRMED if held.voucher.state in LIVE:
                booking.state = step(booking.state, BookingEvent.PASS)
                booking.due_at, booking.remind_at = booking.due_at + UNRESOLVED_FOR, None
                booking.save(update_fields=["state", "due_at", "remind_at"])
                end_wishes(booking, RescheduleEvent.EXPIRE, held.moment)
                record(actor=system, action="booking.unscanned", obj=booking, facts={"referral": held.referral.pk})
                if held.moment < booking.due_at:
                    _ask_both(held)
            case BookingState.UNRESOLVED:
                _follow(system, held, outcome(Said(booking.person_says), Said(booking.agency_says), is_over=True))
            case BookingState.NO_SHOW:
                _charge(system, held)
            case _:
                booking.due_at = None
                booking.save(update_fields=["due_at"])
    return is_late


def _ask_both(held: Held) -> None:
    booking = held.booking
    tell_person(held.referral, "booking_unscanned", suffix=f"/{booking.pk}")
    tell_partner(booking.partner_id, "booking_unscanned_there", key=f"booking/{booking.pk}/unscanned", link=ASK_PAGE)


@transaction.atomic
def say_took_place(*, actor: Actor, tenant: Tenant, booking_id: UUID | str, says: str) -> Booking:
    """The person's or the agency's answer about an appointment that nobody scanned; until the 48 h end it may be changed.

    ``says``: ``yes``, ``no``, of the agency also ``no_show``; the agency may say ``no_show`` from its end on. A person who
    says ``yes`` within 48 h of the agency's "did not come" objects to it. Raises NotFound for who is neither side, Invalid
    for another word, Refused ``not_over`` before, ``too_late`` after the time to answer.
    """
    seen = Booking.objects.select_related("referral").filter(pk=as_uuid(booking_id)).first()
    if seen is None:
        raise NotFound
    is_agency = _is_agency(actor, seen)
    said = _word(says, is_agency=is_agency)
    held = _held(tenant, seen)
    catch_up(held)
    booking, field = held.booking, "agency_says" if is_agency else "person_says"
    if getattr(booking, field) == said and booking.state != BookingState.CONFIRMED:
        return booking  # said twice
    is_early_no_show = (
        said is Said.NO_SHOW and booking.state == BookingState.CONFIRMED and held.moment >= booking.ends_at
    )
    is_claimed = not is_agency and booking.state == BookingState.NO_SHOW
    is_objection = is_claimed and said is Said.YES
    if booking.state == BookingState.CONFIRMED and not is_early_no_show:
        raise Refused("not_over")
    if booking.due_at is None or not (booking.state == BookingState.UNRESOLVED or is_early_no_show or is_claimed):
        raise Refused("too_late")
    setattr(booking, field, said.value)
    booking.save(update_fields=[field])
    facts = {"referral": held.referral.pk, "side": "agency" if is_agency else "person", "says": said.value}
    record(actor=actor, action="booking.object" if is_objection else "booking.say", obj=booking, facts=facts)
    if is_objection:
        _follow(actor, held, Outcome.DISPUTED)
    elif not is_claimed:
        _follow(actor, held, outcome(Said(booking.person_says), Said(booking.agency_says), is_over=False))
    return booking


def _is_agency(actor: Actor, booking: Booking) -> bool:
    """Which side of the appointment the actor is, and may speak for. NotFound for everybody else, offices included."""
    is_agency = actor.institution_id is not None and booking.partner_id == actor.institution_id
    if not is_agency and (actor.membership_id is None or booking.referral.person_id != actor.membership_id):
        raise NotFound
    require(actor, "partner.answer" if is_agency else "referral.own")
    return is_agency


def _word(says: str, *, is_agency: bool) -> Said:
    known = [Said.YES, Said.NO, *([Said.NO_SHOW] if is_agency else [])]
    if says not in known:
        raise Invalid("out_of_range", fields=(("says", "unknown_reason", ", ".join(known)),))
    return Said(says)


@transaction.atomic
def decide_unscanned(*, actor: Actor, tenant: Tenant, booking_id: UUID | str, decision: str) -> Booking:
    """The office that decides the kind ends a quarrel: ``took_place``, ``no_show`` or ``neither``; it is final.

    Raises NotFound where the office does not decide the kind, Forbidden ``same_person`` for one's own under another account,
    Invalid for another word, IllegalMove unless it is disputed.
    """
    if not any(actor.may(f"referral.decide.{office}") for office in DECIDING_OFFICES):
        require(actor, f"referral.decide.{min(DECIDING_OFFICES)}")
    seen = Booking.objects.filter(pk=as_uuid(booking_id)).first()
    if seen is None:
        raise NotFound
    found = access_referral(actor, seen.referral_id)
    require(actor, f"referral.decide.{KINDS[found.kind].decider}")
    if found.person_id == actor.membership_id:
        raise NotFound  # nobody decides about their own
    if same_member(found.person_id, actor.membership_id):
        raise Forbidden("same_person")
    if decision not in DECISIONS:
        raise Invalid("out_of_range", fields=(("decision", "unknown_reason", ", ".join(DECISIONS)),))
    held = _held(tenant, seen)
    booking = held.booking
    step(booking.state, _EVENTS[DECISIONS[decision]])
    if booking.state != BookingState.DISPUTED:
        raise Refused("too_late")
    record(
        actor=actor, action="booking.decide", obj=booking, facts={"referral": held.referral.pk, "decision": decision}
    )
    if DECISIONS[decision] is Outcome.NO_SHOW:
        booking.state = step(booking.state, BookingEvent.NO_SHOW)
        _charge(actor, held)
    else:
        _follow(actor, held, DECISIONS[decision])
    tell_person(held.referral, "booking_decided", suffix=f"/{booking.pk}")
    tell_partner(booking.partner_id, "booking_decided_there", key=f"booking/{booking.pk}/decided", link=ASK_PAGE)
    return booking


def _follow(actor: Actor, held: Held, what: Outcome) -> None:
    """What follows from what both said, in books, voucher and request."""
    booking = held.booking
    if what is Outcome.OPEN:
        return
    units = units_at(held.referral, held.voucher, booking) if what is Outcome.DONE else []
    booking.state = step(booking.state, _EVENTS[what])
    booking.due_at = held.moment + UNRESOLVED_FOR if what is Outcome.NO_SHOW else None
    booking.remind_at = None
    booking.save(update_fields=["state", "due_at", "remind_at"])
    match what:
        case Outcome.DONE:
            _redeem(actor, held, units)
        case Outcome.LAPSED:
            use_up(actor, held.tenant, held.referral, held.voucher, paid=(), decided=_day(held))
        case Outcome.NO_SHOW:
            tell_person(held.referral, "booking_no_show", suffix=f"/{booking.pk}")
        case Outcome.DISPUTED:
            office, page = KINDS[held.referral.kind].decider, f"unscanned/{booking.pk}/"
            tell_deciders(held.referral, office, suffix=f"/{page}", page=page)


def _charge(actor: Actor, held: Held) -> None:
    """Not come, and final: the fee by the agreement's terms, the rest released."""
    booking, referral, voucher = held.booking, held.referral, held.voucher
    units = units_at(referral, voucher, booking)  # its row holds one until it is saved
    booking.due_at = None
    paid = charge(actor, held.tenant, referral, voucher, booking, units, Missed.NO_SHOW, held.moment)
    booking.save(update_fields=["state", "due_at", "missed_fee_fen", "missed_paid_fen"])
    use_up(actor, held.tenant, referral, voucher, paid=paid, decided=_day(held))


def _redeem(actor: Actor, held: Held, units: Sequence[Unit]) -> None:
    """Both say that it took place, or the office does: redeemed with the appointment's day, and past objecting."""
    booking, referral, voucher = held.booking, held.referral, held.voucher
    taken = [_line(actor, held, unit) for unit in units]
    Redemption.objects.bulk_create(taken)
    spending = prepare_spend(
        actor=actor, referral=referral, spent=[(unit, line.pk) for unit, line in zip(units, taken, strict=True)]
    )
    answers = send(*spending.parts) if spending.parts else []
    spending.read(answers)
    voucher.units_left -= len(units)
    voucher.state = step(voucher.state, VoucherEvent.REDEEM if voucher.units_left else VoucherEvent.REDEEM_LAST)
    voucher.save(update_fields=["state", "units_left"])
    if referral.state == ReferralState.CONFIRMED:
        referral.state = step(referral.state, ReferralEvent.START)
    referral.deadline = None
    if not voucher.units_left:
        complete(referral, held.tenant.time_zone)
    referral.save(update_fields=["state", "deadline", "changed_at"])
    for line in taken:
        record(
            actor=actor,
            action="voucher.redeem",
            obj=line,
            facts={"voucher": voucher.pk, "subsidy_fen": line.subsidy_fen, "self_fen": line.self_fen},
        )
    tell_person(referral, "voucher_redeemed_late", suffix=f"/{booking.pk}")
    if voucher.units_left:
        _go_on(actor, held)


def _line(actor: Actor, held: Held, unit: Unit) -> Redemption:
    return Redemption(
        voucher=held.voucher,
        booking=held.booking,
        partner_id=held.voucher.partner_id,
        unit_index=unit.index,
        service_date=held.tenant.day_of(held.booking.starts_at),
        fee_fen=unit.fee_fen,
        subsidy_fen=unit.subsidy_fen,
        self_fen=unit.self_fen,
        voucher_number=held.voucher.number,
        state=step(RedemptionState.REDEEMED, RedemptionEvent.VALIDATE),
        redeemed_at=held.moment,
        redeemed_by_id=actor.user_id if actor.institution_id else None,
        agreed_at=held.moment,
    )


def _go_on(actor: Actor, held: Held) -> None:
    """What is left of the voucher: a course goes on, an open voucher's days are over."""
    if is_by_appointment(held.referral.kind, held.voucher.service.unit):
        follow_course(actor, held.tenant, held.voucher, _day(held))
    else:
        use_up(actor, held.tenant, held.referral, held.voucher, paid=(), decided=_day(held))


def _day(held: Held) -> date:
    """In school time."""
    return held.tenant.day_of(held.decided)
