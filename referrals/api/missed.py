"""``bookings/…``: letting an appointment go, and whether one that nobody scanned took place."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from api.idempotency import idempotent
from api.serializers import Choice, StrictSerializer
from api.views import BaseView
from kernel.errors import NotFound
from referrals.api import enums
from referrals.api.bookings import BookingOut, booking_shown, school_of_booking
from referrals.api.shapes import checked
from referrals.models import Booking
from referrals.workflow.appointments import cancel_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.rerouting import cancel_by_agency
from referrals.workflow.unscanned import decide_unscanned, say_took_place
from tenancy.models import Tenant


class CancelIn(StrictSerializer):
    """Why; the agency says it, a person need not."""

    reason = Choice(enums.AGENCY_CANCEL_REASONS, required=False)


class TookPlaceIn(StrictSerializer):
    """Whether it took place."""

    says = Choice(enums.TOOK_PLACE)


class DecisionIn(StrictSerializer):
    """What the office found."""

    decision = Choice(enums.UNSCANNED_DECISIONS)


class _BookingAct(BaseView):
    """An act on one appointment, in the school it belongs to."""

    def done(self, booking_id: UUID) -> Response:
        """The appointment as it is now; its card for the agency alone."""
        return Response(booking_shown(booking_id, card=self.actor.institution_id is not None))


class BookingCancelView(_BookingAct):
    """Either side lets an appointment go."""

    act = "booking.cancel"

    @extend_schema(operation_id="bookings_cancel", request=CancelIn, responses=BookingOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """The agency with a reason, at no cost to the person; the person free in time, later by the agreement's terms."""
        data = checked(CancelIn(data=request.data))
        with school_of_booking(self.actor, booking_id) as tenant:
            if self.actor.institution_id is not None:
                reason = data.get("reason", "")
                cancel_by_agency(actor=self.actor, tenant=tenant, booking_id=booking_id, reason=reason)
            else:
                _cancel_own(self.actor, tenant, booking_id)
            return self.done(booking_id)


def _cancel_own(actor: Actor, tenant: Tenant, booking_id: UUID) -> None:
    """One of a course by itself; the only one takes its request with it."""
    booking = Booking.objects.select_related("referral").filter(pk=booking_id).first()
    if booking is None or booking.referral.person_id != actor.membership_id:
        raise NotFound
    try:
        cancel_appointment(actor=actor, tenant=tenant, referral_id=booking.referral_id, booking_id=booking_id)
    except NotFound:
        cancel_referral(actor=actor, tenant=tenant, referral_id=booking.referral_id)


class BookingNoShowView(_BookingAct):
    """The agency says that nobody came."""

    act = "booking.say"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="bookings_no_show", request=None, responses=BookingOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """From its end until both are asked no more; the person may object for 48 hours."""
        with school_of_booking(self.actor, booking_id) as tenant:
            say_took_place(actor=self.actor, tenant=tenant, booking_id=booking_id, says="no_show")
            return self.done(booking_id)


class BookingTookPlaceView(_BookingAct):
    """Either side says whether it took place."""

    act = "booking.say"

    @extend_schema(operation_id="bookings_took_place", request=TookPlaceIn, responses=BookingOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """In the 48 hours after its day; ``yes`` to the agency's "did not come" is an objection."""
        data = checked(TookPlaceIn(data=request.data))
        with school_of_booking(self.actor, booking_id) as tenant:
            say_took_place(actor=self.actor, tenant=tenant, booking_id=booking_id, says=data["says"])
            return self.done(booking_id)


class BookingDecideView(_BookingAct):
    """The office that decides the kind ends a quarrel."""

    act = "booking.decide"

    @extend_schema(operation_id="bookings_decide", request=DecisionIn, responses=BookingOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Final; both are told."""
        data = checked(DecisionIn(data=request.data))
        with school_of_booking(self.actor, booking_id) as tenant:
            decide_unscanned(actor=self.actor, tenant=tenant, booking_id=booking_id, decision=data["decision"])
            return self.done(booking_id)
