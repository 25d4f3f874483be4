"""The agency gives a standing appointment to another of its people: same time, same voucher, the books unchanged (books §4)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import NotFound, Refused
from partners.calendars.free import Place
from referrals.access import as_uuid
from referrals.models import Booking, Referral
from referrals.states import BOOKING_MOVES, BookingEvent, step
from referrals.workflow.notices import tell_person
from referrals.workflow.slots import free_slot, others_free, places_of, take_seat


def may_reassign(booking: Booking) -> list[Place]:
    """Who of the agency could have it instead: there, doing that service, and free then. None once it has begun."""
    is_ahead = booking.starts_at > now() and (booking.state, BookingEvent.RESCHEDULE) in BOOKING_MOVES
    return others_free(booking) if is_ahead and booking.resource is not None else []


@transaction.atomic
def reassign(*, actor: Actor, booking_id: UUID | str, resource_id: UUID) -> Booking:
    """From now on it is with that one. The person is told, and lets it go without a fee until it begins if they would rather not.

    The same one again writes nothing. Raises NotFound for another institution's and for who does not do this service,
    Refused ``cancel_started`` once it has begun, IllegalMove when it stands no more, Conflict ``slot_taken`` for who is not free.
    """
    require(actor, "partner.answer")
    seen = Booking.objects.filter(pk=as_uuid(booking_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    booking = Booking.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    state = step(booking.state, BookingEvent.RESCHEDULE)
    if booking.starts_at <= now():
        raise Refused("cancel_started")
    chosen = next((place for place in places_of(booking.service) if place.resource_id == resource_id), None)
    if chosen is None or booking.resource is None:
        raise NotFound
    if chosen.key == booking.resource:
        return booking
    seat = take_seat(booking.service, booking.starts_at, booking.ends_at, wanted=resource_id, only=True)
    former, booking.slot, booking.resource = booking.slot, seat.slot, seat.resource
    booking.state, booking.sequence, booking.reassigned_at = state, booking.sequence + 1, now()
    booking.save(update_fields=["state", "sequence", "slot", "resource", "reassigned_at"])
    free_slot(former)
    record(actor=actor, action="booking.reassign", obj=booking, facts={"referral": referral.pk})
    tell_person(referral, "booking_reassigned", suffix=f"/{booking.pk}/{booking.sequence}")
    return booking
