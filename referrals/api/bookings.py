"""``bookings/``: the person's own, or the institution's across schools with the minimum card."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor, require
from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, Id, Moment, StrictSerializer
from api.views import BaseView
from kernel.errors import NotFound
from partners.api import PartnerOut
from referrals.access import in_school_of, partner_booking, partner_voucher
from referrals.api import enums
from referrals.api.shapes import ServiceBrief, SpanIn, asked, checked
from referrals.models import Booking, Reschedule, Voucher
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.reassigning import reassign
from referrals.workflow.rescheduling import (
    accept_reschedule,
    ask_reschedule,
    decline_reschedule,
    withdraw_reschedule,
)
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id, use_partner


class BookingQuery(StrictSerializer):
    """What narrows the list."""

    state = Choice(enums.BOOKING_STATES, required=False)


class BookingOut(serializers.Serializer[Any]):
    """An appointment. ``card`` is what the partner may know of the person (rules §2), empty for everyone else.

    ``due_at``: when the clock next decides about it: the end of its day, of the 48 hours in which both are asked, or in which
    "did not come" may be objected to. ``missed_fee_fen``: what the agreement lets the agency ask for missing it,
    ``missed_paid_fen``: what of it the school pays.
    """

    id = serializers.UUIDField()
    referral = serializers.UUIDField(source="referral_id")
    state = serializers.ChoiceField(enums.BOOKING_STATES)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    service = ServiceBrief()
    partner = PartnerOut()
    voucher = serializers.UUIDField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    missed_fee_fen = serializers.IntegerField()
    missed_paid_fen = serializers.IntegerField()
    card = serializers.CharField(source="shown_card", allow_blank=True)


class BookingPage(serializers.Serializer[Any]):
    """One page."""

    results = BookingOut(many=True)
    next = serializers.CharField(allow_null=True)


def _bookings() -> QuerySet[Booking]:
    issued = Voucher.objects.filter(referral_id=OuterRef("referral_id")).order_by("-pk").values("pk")[:1]
    return Booking.objects.prefetch_related("service", "partner").annotate(voucher=Subquery(issued))


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


class RescheduleIn(StrictSerializer):
    """The other time: one window, as long as the appointment is."""

    windows = serializers.ListField(child=SpanIn(), min_length=1, max_length=1)
    """Exactly one: each time that is asked for is held."""


class RescheduleOut(serializers.Serializer[Any]):
    """A wish to move. ``asked_by`` is the side that asked; the other one answers until ``until``, else the old time stands."""

    id = serializers.UUIDField()
    booking = serializers.UUIDField(source="booking_id")
    asked_by = serializers.ChoiceField(enums.RESCHEDULE_SIDES)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    state = serializers.ChoiceField(enums.OFFER_STATES)


@contextmanager
def school_of_booking(actor: Actor, booking_id: UUID) -> Iterator[Tenant]:
    """The school the appointment belongs to: an institution works for many, everybody else is inside theirs."""
    if actor.institution_id is None:
        yield Tenant.objects.get(pk=current_tenant_id())
        return
    with in_school_of(partner_booking(actor, booking_id)) as tenant_id:
        yield Tenant.objects.get(pk=tenant_id)


class RescheduleView(BaseView):
    """One side asks for another time of an appointment."""

    act = "booking.ask_reschedule"

    @extend_schema(operation_id="bookings_reschedule", request=RescheduleIn, responses={201: RescheduleOut})
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """The new time is held for the other side for a day at most; the old one stands until it says yes."""
        data = checked(RescheduleIn(data=request.data))
        [window] = data["windows"]
        with school_of_booking(self.actor, booking_id) as tenant:
            asked = ask_reschedule(
                actor=self.actor,
                tenant=tenant,
                booking_id=booking_id,
                starts_at=window["starts_at"],
                ends_at=window["ends_at"],
            )
            return Response(RescheduleOut(asked).data, status=201)


class RescheduleAnswerView(BaseView):
    """The other side's answer, or taking the wish back."""

    act = "booking.reschedule"
    answer: ClassVar[str] = "accept"

    def given(self, tenant: Tenant, reschedule_id: UUID) -> Reschedule:
        """What this address does with it."""
        match self.answer:
            case "accept":
                accept_reschedule(actor=self.actor, tenant=tenant, reschedule_id=reschedule_id)
            case "decline":
                decline_reschedule(actor=self.actor, reschedule_id=reschedule_id)
            case _:
                withdraw_reschedule(actor=self.actor, reschedule_id=reschedule_id)
        return Reschedule.objects.get(pk=reschedule_id)

    def answered(self, booking_id: UUID, reschedule_id: UUID) -> Response:
        """Inside the appointment's school; a wish of another appointment is a missing one."""
        with school_of_booking(self.actor, booking_id) as tenant:
            if not Reschedule.objects.filter(pk=reschedule_id, booking_id=booking_id).exists():
                raise NotFound
            return Response(RescheduleOut(self.given(tenant, reschedule_id)).data)


class RescheduleAcceptView(RescheduleAnswerView):
    """Yes."""

    @extend_schema(operation_id="bookings_reschedule_accept", request=None, responses=RescheduleOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID, reschedule_id: UUID) -> Response:
        """The appointment is there now; voucher and calendar entry stay the same ones."""
        return self.answered(booking_id, reschedule_id)


class RescheduleDeclineView(RescheduleAnswerView):
    """No."""

    act = "booking.decline_reschedule"
    answer = "decline"

    @extend_schema(operation_id="bookings_reschedule_decline", request=None, responses=RescheduleOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID, reschedule_id: UUID) -> Response:
        """The old time stands."""
        return self.answered(booking_id, reschedule_id)


class RescheduleWithdrawView(RescheduleAnswerView):
    """Whoever asked takes it back."""

    act = "booking.withdraw_reschedule"
    answer = "withdraw"

    @extend_schema(operation_id="bookings_reschedule_withdraw", request=None, responses=RescheduleOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID, reschedule_id: UUID) -> Response:
        """The old time stands."""
        return self.answered(booking_id, reschedule_id)


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


class ReassignIn(StrictSerializer):
    """Which of the agency's people has it from now on (``partner/resources/``)."""

    counsellor = Id()


class ReassignView(BaseView):
    """The institution gives a standing appointment to another of its people."""

    act = "booking.reassign"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="partner_bookings_reassign", request=ReassignIn, responses=BookingOut)
    @idempotent
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Time, voucher and price stay; the person is told and lets it go without a fee if they would rather not."""
        data = checked(ReassignIn(data=request.data))
        with in_school_of(partner_booking(self.actor, booking_id)):
            booking = reassign(actor=self.actor, booking_id=booking_id, resource_id=data["counsellor"])
            return Response(booking_shown(booking.pk, card=True))
