"""``bookings/``: the person's own, or the institution's across schools with the minimum card."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import require
from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, Moment, StrictSerializer
from api.views import BaseView
from partners.api import PartnerOut
from referrals.access import in_school_of, partner_voucher
from referrals.api import enums
from referrals.api.shapes import ServiceBrief, asked, checked
from referrals.models import Booking, Voucher
from referrals.workflow.appointments import enter_appointment
from tenancy.models import Tenant
from tenancy.scope import use_partner


class BookingQuery(StrictSerializer):
    """What narrows the list."""

    state = Choice(enums.BOOKING_STATES, required=False)


class BookingOut(serializers.Serializer[Any]):
    """An appointment. ``card`` is what the partner may know of the person (rules §2), empty for everyone else."""

    id = serializers.UUIDField()
    referral = serializers.UUIDField(source="referral_id")
    state = serializers.ChoiceField(enums.BOOKING_STATES)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    service = ServiceBrief()
    partner = PartnerOut()
    voucher = serializers.UUIDField(allow_null=True)
    card = serializers.CharField(source="shown_card", allow_blank=True)


class BookingPage(serializers.Serializer[Any]):
    """One page."""

    results = BookingOut(many=True)
    next = serializers.CharField(allow_null=True)


def _bookings() -> QuerySet[Booking]:
    issued = Voucher.objects.filter(referral_id=OuterRef("referral_id")).order_by("-pk").values("pk")[:1]
    return Booking.objects.select_related("service", "partner").annotate(voucher=Subquery(issued))


def _shown(booking: Any, *, card: bool) -> dict[str, Any]:
    booking.shown_card = booking.card if card else ""
    return dict(BookingOut(booking).data)


def booking_shown(booking_id: UUID, *, card: bool) -> dict[str, Any]:
    """One booking of the open school, for an answer; ``card`` for the partner only."""
    return _shown(_bookings().get(pk=booking_id), card=card)


class BookingsView(BaseView):
    """Appointments, newest first."""

    @extend_schema(
        operation_id="bookings_list",
        parameters=[BookingQuery, *PAGES],
        responses=BookingPage,
    )
    def get(self, request: Request) -> Response:
        """One page, narrowed to a state."""
        state = asked(BookingQuery, request).get("state")
        actor = self.actor
        if actor.institution_id is None:
            require(actor, "booking.own")
            rows, following = page_of(
                request, _narrowed(_bookings().filter(referral__person_id=actor.membership_id), state)
            )
            return Response({"results": [_shown(row, card=False) for row in rows], "next": following})
        require(actor, "partner.read")
        with use_partner(actor.institution_id):
            rows, following = page_of(request, _narrowed(_bookings(), state))
        return Response({"results": [_as_partner(row) for row in rows], "next": following})


def _narrowed(rows: QuerySet[Booking], state: str | None) -> QuerySet[Booking]:
    return rows.filter(state=state) if state else rows


def _as_partner(booking: Booking) -> dict[str, Any]:
    with in_school_of(booking):  # the card is sealed with its school's key
        return _shown(booking, card=True)


class AppointmentIn(StrictSerializer):
    """When it is, as agreed with the person."""

    starts_at = Moment()
    ends_at = Moment()


class AppointmentView(BaseView):
    """The next appointment of a course, entered by the institution."""

    act = "booking.enter"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="partner_appointments_create", request=AppointmentIn, responses={201: BookingOut})
    @idempotent
    def post(self, request: Request, voucher_id: UUID) -> Response:
        """The voucher is good on that day; the person is told."""
        data = checked(AppointmentIn(data=request.data))
        with in_school_of(partner_voucher(self.actor, voucher_id)) as tenant_id:
            booking = enter_appointment(
                actor=self.actor,
                tenant=Tenant.objects.get(pk=tenant_id),
                voucher_id=voucher_id,
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
            )
            return Response(booking_shown(booking.pk, card=True), status=201)
