"""A free time is taken without asking the agency: at once where nobody must decide, else it stays blocked until they have.

(books §4, §9; rules §2, mode ``instant``.) The appointment is ``pending`` from the moment the request is sent: its time is
held until an office must have answered, or until two hours before it begins. The dates decide, whenever the sweep comes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Membership
from audit import record
from kernel.clock import now
from kernel.errors import Invalid, Refused
from partners.calendars.free import SOONEST
from partners.models import Service
from partners.pauses import check_open
from partners.selectors import agreed_line
from referrals.models import Booking, Offer, Referral
from referrals.states import (
    BookingEvent,
    BookingState,
    OfferEvent,
    ReferralEvent,
    ReferralState,
    UnitState,
    step,
)
from referrals.workflow.clocks import set_clocks
from referrals.workflow.confirming import book, card_of
from referrals.workflow.holding import Chosen, check_soonest, keep_chosen, picks_time
from referrals.workflow.notices import tell_person
from referrals.workflow.slots import Seat, keep_seat, let_time_go
from referrals.workflow.times import checked_times
from referrals.workflow.units import lock_accounts_of, release_units, units_of
from tenancy.models import Tenant


def decide_by(starts_at: datetime, office_by: datetime) -> datetime:
    """Until when an office may decide about a time that is blocked for it (books §4)."""
    return min(office_by, starts_at - SOONEST)


def block_time(
    places: Collection[UUID], tenant: Tenant, service: Service, chosen: Chosen, until: datetime, moment: datetime
) -> Seat:
    """The chosen time is blocked until ``until`` for the person whose ``places`` are locked. Before the books in the order of locks.

    Refused ``not_instant``, ``no_agreement``, ``pending_open`` while another request of this kind waits with a time of its
    own; Invalid ``windows_invalid``, Conflict ``slot_taken``.
    """
    if not picks_time(service):
        raise Refused("not_instant")
    check_soonest(chosen.starts_at, moment)
    checked_times(tenant, service, [(chosen.starts_at, chosen.ends_at)], moment)
    if chosen.ends_at - chosen.starts_at != timedelta(minutes=service.visit_minutes):
        raise Invalid("windows_invalid", fields=(("ends_at", "other_length", ""),))
    agreed_line(service.pk, tenant.day_of(chosen.starts_at))
    waiting = Booking.objects.filter(
        referral__person__in=places,
        referral__kind=service.kind,
        referral__state=ReferralState.SUBMITTED,
        referral__deadline__gt=moment,
        state=BookingState.PENDING,
    )
    if waiting.exists():
        raise Refused("pending_open")
    return keep_chosen(service, chosen, until - moment)


def save_pending(tenant: Tenant, referral: Referral, chosen: Chosen, seat: Seat) -> Booking:
    """The appointment that waits: its agency sees a time that is held and no card."""
    booking = Booking(
        referral=referral,
        partner_id=referral.partner_id,
        service_id=referral.service_id,
        resource=seat.resource,
        slot=seat.slot,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        zone=tenant.time_zone,
        state=BookingState.PENDING,
    )
    booking.save(force_insert=True)
    return booking


def pending_of(referral: Referral) -> Booking | None:
    """The appointment that waits for a decision about this request, under lock."""
    return Booking.objects.select_for_update(no_key=True).filter(referral=referral, state=BookingState.PENDING).first()


def firm_up(referral: Referral, moment: datetime) -> Booking | None:
    """The time that waits is taken for good, before the books are locked; None where the agency is asked instead.

    Refused ``too_late`` when its time to decide is over, whether or not the sweep has been; Conflict ``slot_taken``.
    """
    booking = pending_of(referral)
    if booking is None:
        return None
    if referral.needs_person and referral.deadline is not None and referral.deadline <= moment:
        raise Refused("too_late")
    seat = keep_seat(Seat(booking.resource, booking.slot), booking.service, booking.starts_at, booking.ends_at)
    booking.resource, booking.slot = seat.resource, seat.slot
    booking.save(update_fields=["resource", "slot"])
    return booking


def confirm_pending(
    actor: Actor, tenant: Tenant, referral: Referral, offer: Offer, booking: Booking, moment: datetime
) -> None:
    """The request is approved: its time, which ``firm_up`` has taken, is confirmed in the same act.

    Refused ``suspended`` where the agency is paused on that day: the office declines, or its time to decide runs out.
    """
    check_open(booking.partner_id, referral.kind, tenant.day_of(booking.starts_at))
    booking.state = step(booking.state, BookingEvent.CONFIRM)
    booking.card = card_of(Membership.objects.get(pk=referral.person_id))
    set_clocks(tenant, referral.kind, booking)
    booking.save(update_fields=["state", "card_sealed", "due_at", "remind_at"])
    offer.state = step(offer.state, OfferEvent.ACCEPT)
    book(actor, tenant, referral, offer, booking, moment)


def let_pending_go(referral: Referral) -> None:
    """The request comes to nothing: its time and what was asked for instead are free. Referral locked by the caller, its accounts not yet."""
    booking = pending_of(referral)
    if booking is not None:
        booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
        booking.save(update_fields=["state", "sequence"])
        let_time_go(booking)


@transaction.atomic
def expire_pending(*, actor: Actor, referral_id: UUID) -> bool:
    """No office decided in time: the time is free, all that was held is, and the person is told. False when it had not run out."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    is_over = referral.deadline is not None and referral.deadline <= now()
    if referral.state != ReferralState.SUBMITTED or not is_over or pending_of(referral) is None:
        return False
    let_pending_go(referral)
    lock_accounts_of(referral)
    referral.state, referral.deadline = step(referral.state, ReferralEvent.EXPIRE), None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.undecided", obj=referral, facts={})
    release_units(actor=actor, referral=referral, units=units_of(referral, UnitState.HELD), why="undecided")
    tell_person(referral, "referral_undecided")
    return True
