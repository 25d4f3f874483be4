"""``partner/offers/``: what is asked of an institution, without a name, and its three answers (rules §2)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, Id, Moment, StrictSerializer
from api.views import BaseView
from kernel.clock import now
from partners.kinds import ServiceMode
from referrals.access import in_school_of, institution_of, partner_offer
from referrals.api import enums
from referrals.api.bookings import BookingOut, booking_shown
from referrals.api.shapes import ServiceBrief, SpanIn, SpanOut, WishesOut, asked, checked, spans
from referrals.models import Offer
from referrals.selectors import in_state
from referrals.states import OfferState
from referrals.workflow.answering import confirm_offer, decline_offer, propose_times
from tenancy.models import Tenant
from tenancy.scope import use_partner


class OfferQuery(StrictSerializer):
    """``state``: open ones unless told otherwise."""

    state = Choice(enums.OFFER_STATES, required=False)


class OfferOut(serializers.Serializer[Any]):
    """A request as the institution sees it before it has confirmed: no name, no number, no school, the fee alone.

    ``subsidy_fen`` and ``self_fen`` are null until it is accepted. ``mode`` ``query``: others are asked at the same time; of
    a talk the person picks among the answers (propose), else the first confirmation wins and a later one gets 409 ``taken``.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(enums.OFFER_STATES, source="shown_state")
    service = ServiceBrief()
    units = serializers.IntegerField()
    windows = SpanOut(many=True)
    district = serializers.CharField(allow_blank=True)
    age_band = serializers.CharField(allow_blank=True)
    wishes = WishesOut()
    deadline = serializers.DateTimeField()
    mode = serializers.ChoiceField(ServiceMode.choices)
    fee_fen = serializers.IntegerField()
    subsidy_fen = serializers.IntegerField(allow_null=True)
    self_fen = serializers.IntegerField(allow_null=True)


class OfferPage(serializers.Serializer[Any]):
    """One page."""

    results = OfferOut(many=True)
    next = serializers.CharField(allow_null=True)


class OfferConfirmIn(StrictSerializer):
    """A time inside one of the windows. ``counsellor``: which of ``partner/resources/`` does it, where the person chose nobody."""

    starts_at = Moment()
    ends_at = Moment()
    counsellor = Id(required=False, allow_null=True)


class OfferDeclineIn(StrictSerializer):
    """Why not."""

    reason = Choice(enums.OFFER_DECLINE)


class OfferProposeIn(StrictSerializer):
    """Up to five other times."""

    windows = SpanIn(many=True)


class OffersView(BaseView):
    """Requests laid before the caller's institution, by all schools; the shortest clock first."""

    permissions: ClassVar = {"GET": "partner.answer"}

    @extend_schema(
        operation_id="partner_offers_list",
        parameters=[OfferQuery, *PAGES],
        responses=OfferPage,
    )
    def get(self, request: Request) -> Response:
        """One page of the open ones, or of another state."""
        state = asked(OfferQuery, request).get("state", OfferState.OPEN)
        with use_partner(institution_of(self.actor)):
            found = Offer.objects.prefetch_related("service").filter(in_state(state, now()))
            rows, following = page_of(request, found, order=("deadline", "id"))
        return Response({"results": OfferOut(rows, many=True).data, "next": following})


class OfferConfirmView(BaseView):
    """Yes, at a time."""

    act = "offer.confirm"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="partner_offers_confirm", request=OfferConfirmIn, responses=BookingOut)
    @idempotent
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Booking and voucher are made in one act; now the card may be seen."""
        data = checked(OfferConfirmIn(data=request.data))
        with in_school_of(partner_offer(self.actor, offer_id)) as tenant_id:
            booking = confirm_offer(
                actor=self.actor,
                tenant=Tenant.objects.get(pk=tenant_id),
                offer_id=offer_id,
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                counsellor_id=data.get("counsellor"),
            )
            return Response(booking_shown(booking.pk, card=True))


class OfferDeclineView(BaseView):
    """No, with a reason."""

    act = "offer.decline"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="partner_offers_decline", request=OfferDeclineIn, responses=OfferOut)
    @idempotent
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Nothing of the price stays reserved; the person is told."""
        data = checked(OfferDeclineIn(data=request.data))
        with in_school_of(partner_offer(self.actor, offer_id)):
            offer = decline_offer(actor=self.actor, offer_id=offer_id, reason=data["reason"])
            return Response(OfferOut(offer).data)


class OfferProposeView(BaseView):
    """Other times."""

    act = "offer.propose"
    permissions: ClassVar = {"POST": "partner.answer"}

    @extend_schema(operation_id="partner_offers_propose", request=OfferProposeIn, responses=OfferOut)
    @idempotent
    def post(self, request: Request, offer_id: UUID) -> Response:
        """The offer stays open for the person's answer."""
        data = checked(OfferProposeIn(data=request.data))
        with in_school_of(partner_offer(self.actor, offer_id)) as tenant_id:
            propose_times(
                actor=self.actor,
                tenant=Tenant.objects.get(pk=tenant_id),
                offer_id=offer_id,
                windows=spans(data["windows"]),
            )
            return Response(OfferOut(Offer.objects.select_related("service").get(pk=offer_id)).data)
