"""``referrals/``: ask, look, take back; the centre's and the union's decision; taking a proposed time."""

from contextlib import nullcontext
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from api.idempotency import idempotent
from api.serializers import Choice, EmptySerializer, Flag, Id, StrictSerializer, Text, Whole
from api.views import BaseView, ListView
from audit import record_read
from families.purposes import Purpose
from kernel.errors import Invalid
from partners.api import PartnerOut
from partners.kinds import ServiceKind
from referrals.access import access_referral
from referrals.api import enums
from referrals.api.bookings import BookingOut, booking_shown
from referrals.api.shapes import (
    QuoteLineOut,
    ServiceBrief,
    SpanIn,
    SpanOut,
    SplitOut,
    WishesOut,
    checked,
    spans,
    tenant_of,
    wishes_of,
)
from referrals.models import Offer, Referral
from referrals.models.asking import MOST_ASKED
from referrals.states import OfferState
from referrals.workflow.answering import accept_proposal
from referrals.workflow.appointments import cancel_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.holding import Chosen, naming_others
from referrals.workflow.stopping import stop_course
from referrals.workflow.submitting import approve_referral, decline_referral, look_again, submit_referral

MAX_NOTE = 2000


class WishesIn(StrictSerializer):
    """What the agency should know: choices alone. Left out: either is fine."""

    gender = Choice(enums.WISHED_GENDER, required=False)
    place = Choice(enums.WISHED_PLACE, required=False)
    access = serializers.ListField(
        child=Choice(enums.WISHED_ACCESS), required=False, max_length=len(enums.WISHED_ACCESS)
    )


class ReferralIn(StrictSerializer):
    """A request. ``token`` is that of a quote: then a price that has changed since is refused.

    ``at_once``: the one time in ``windows`` is a free one and is taken without asking the agency, with ``counsellor`` or with
    anybody; only for services of mode ``instant``. ``others``: further services of the same kind, of other agencies, that are
    asked at the same time, each in mode ``query``; ``query_others`` says nothing beside them. ``note`` is taken only where an
    office decides and reads it (400 ``nobody_reads_it``); ``wishes`` go to the agency.
    """

    service = Id()
    units = Whole(min_value=1, max_value=60)
    windows = SpanIn(many=True)
    child = Id(required=False, allow_null=True)
    note = Text(required=False, allow_blank=True, max_length=MAX_NOTE)
    wishes = WishesIn(required=False)
    others = serializers.ListField(child=Id(), max_length=MOST_ASKED - 1, required=False)
    query_others = Flag(required=False)
    at_once = Flag(required=False)
    counsellor = Id(required=False, allow_null=True)
    consent = serializers.ListField(child=Choice(Purpose.choices), max_length=len(Purpose.values))
    token = Text(required=False, max_length=4000)


class DeclineIn(StrictSerializer):
    """Why not."""

    reason = Choice(enums.DECLINE)


class ProposalOut(SpanOut):
    """Another time that the partner proposed; one call takes it."""

    id = serializers.UUIDField()


class ReferralQuoteOut(SplitOut):
    """What was decided, as it was reserved."""

    lines = QuoteLineOut(many=True, source="decision.lines")


class ReferralOut(serializers.Serializer[Any]):
    """A request as its owner sees it. ``deadline``: until when the next step is due."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(enums.REFERRAL_STATES)
    kind = serializers.ChoiceField(ServiceKind.choices)
    service = ServiceBrief()
    partner = PartnerOut()
    units = serializers.IntegerField()
    service_date = serializers.DateField()
    child = serializers.UUIDField(source="child_id", allow_null=True)
    windows = SpanOut(many=True)
    note = serializers.CharField()
    wishes = WishesOut()
    query_others = serializers.BooleanField()
    consent = serializers.ListField(child=serializers.ChoiceField(Purpose.choices))
    needs_person = serializers.BooleanField()
    deadline = serializers.DateTimeField(allow_null=True)
    decline_reason = serializers.CharField(allow_blank=True)
    quote = ReferralQuoteOut(source="*")
    proposals = ProposalOut(many=True)
    booking = serializers.UUIDField(allow_null=True)
    voucher = serializers.UUIDField(allow_null=True)
    submitted_at = serializers.DateTimeField()


def _referrals() -> QuerySet[Referral]:
    """With everything that a row shows, however many rows."""
    offers = Offer.objects.filter(state=OfferState.OPEN).prefetch_related("proposals")
    return Referral.objects.prefetch_related(
        "service",
        "partner",
        "windows",
        Prefetch("offers", queryset=offers, to_attr="open_offers"),
        "bookings",
        "vouchers",
    )


def _shown(referral: Any) -> dict[str, Any]:
    referral.proposals = [
        proposal for offer in referral.open_offers for proposal in offer.proposals.all() if not proposal.accepted_at
    ]
    referral.booking = max((row.pk for row in referral.bookings.all()), default=None)
    referral.voucher = max((row.pk for row in referral.vouchers.all()), default=None)
    return dict(ReferralOut(referral).data)


def referral_shown(referral_id: UUID) -> dict[str, Any]:
    """As its owner sees it."""
    return _shown(_referrals().get(pk=referral_id))


def _decided(actor: Actor, referral: Referral) -> dict[str, Any]:
    """For the decider, whose look is recorded (谁看过)."""
    record_read(actor=actor, action="referral.read", obj=referral)
    return referral_shown(referral.pk)


class ReferralsView(ListView):
    """The caller's own requests, newest first."""

    act = "referral.submit"
    permissions: ClassVar = {"GET": "referral.own", "POST": "referral.own"}
    serializer_class = ReferralOut

    def get_queryset(self) -> QuerySet[Referral]:
        """Nobody else's."""
        return _referrals().filter(person_id=self.actor.membership_id)

    @extend_schema(operation_id="referrals_list", responses=ReferralOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([_shown(row) for row in rows])

    @extend_schema(operation_id="referrals_create", request=ReferralIn, responses={201: ReferralOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send a request; its subsidy is reserved at once."""
        data = checked(ReferralIn(data=request.data))
        chosen, tenant = _chosen(data), tenant_of(request)
        others = (
            naming_others(tenant, data["service"], chosen.starts_at, counsellor_id=chosen.counsellor_id)
            if chosen
            else nullcontext()
        )
        with others:
            referral = submit_referral(
                actor=self.actor,
                tenant=tenant,
                service_id=data["service"],
                units=data["units"],
                windows=spans(data["windows"]),
                consent=data["consent"],
                child_id=data.get("child"),
                note=data.get("note", ""),
                wishes=wishes_of(data.get("wishes", {})),
                others=data.get("others", ()),
                quote_token=data.get("token", ""),
                chosen=chosen,
            )
        return Response(referral_shown(referral.pk), status=201)


def _chosen(data: dict[str, Any]) -> Chosen | None:
    """The one time that is to be taken at once; None where the agency is asked."""
    if not data.get("at_once"):
        return None
    times = spans(data["windows"])
    if len(times) != 1:
        raise Invalid("windows_invalid", fields=(("windows", "too_many_windows" if times else "windows_missing", "1"),))
    return Chosen(*times[0], counsellor_id=data.get("counsellor"))


class ReferralView(BaseView):
    """One request: one's own, or one that the caller decides by kind."""

    @extend_schema(operation_id="referrals_read", responses=ReferralOut)
    def get(self, request: Request, referral_id: UUID) -> Response:
        """404 for everyone else."""
        referral = access_referral(self.actor, referral_id)
        own = referral.person_id == self.actor.membership_id
        return Response(referral_shown(referral.pk) if own else _decided(self.actor, referral))


class ReferralCancelView(BaseView):
    """Taken back by the person."""

    act = "referral.cancel"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_cancel", request=EmptySerializer, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """What was reserved is free again, the voucher is void."""
        checked(EmptySerializer(data=request.data))
        cancel_referral(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        return Response(referral_shown(referral_id))


class ReferralAgainView(BaseView):
    """The person asks a human to look again at a no."""

    act = "referral.look_again"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_look_again", request=EmptySerializer, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Once; the same request at the same price, held again."""
        checked(EmptySerializer(data=request.data))
        look_again(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        return Response(referral_shown(referral_id))


class AppointmentCancelIn(StrictSerializer):
    """Which appointment of the course; left out, the next one."""

    booking = Id(required=False)


class AppointmentCancelView(BaseView):
    """The person lets one appointment of a course go, in time."""

    act = "booking.cancel"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_appointment_cancel", request=AppointmentCancelIn, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """The unit stays on the voucher; the agency enters another appointment. Without ``booking`` the next one goes."""
        data = checked(AppointmentCancelIn(data=request.data))
        cancel_appointment(
            actor=self.actor, tenant=tenant_of(request), referral_id=referral_id, booking_id=data.get("booking")
        )
        return Response(referral_shown(referral_id))


class CourseStopView(BaseView):
    """A course ended early, by the person or by the office that decides its kind."""

    act = "referral.stop"

    @extend_schema(operation_id="referrals_stop", request=EmptySerializer, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """All units that are not served are released; what was served stays."""
        checked(EmptySerializer(data=request.data))
        referral = stop_course(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        own = referral.person_id == self.actor.membership_id
        return Response(referral_shown(referral_id) if own else _decided(self.actor, referral))


class ReferralApproveView(BaseView):
    """Yes, by the centre or the union."""

    act = "referral.approve"

    @extend_schema(operation_id="referrals_approve", request=EmptySerializer, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """The request goes to the partner at once."""
        checked(EmptySerializer(data=request.data))
        referral = approve_referral(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        return Response(_decided(self.actor, referral))


class ReferralDeclineView(BaseView):
    """No, with a reason."""

    act = "referral.decline"

    @extend_schema(operation_id="referrals_decline", request=DeclineIn, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """What was reserved is free again."""
        data = checked(DeclineIn(data=request.data))
        referral = decline_referral(actor=self.actor, referral_id=referral_id, reason=data["reason"])
        return Response(_decided(self.actor, referral))


class ProposalAcceptView(BaseView):
    """The person takes another time."""

    act = "proposal.accept"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_proposal_accept", request=EmptySerializer, responses=BookingOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID, proposal_id: UUID) -> Response:
        """Booking and voucher are made at once."""
        checked(EmptySerializer(data=request.data))
        booking = accept_proposal(
            actor=self.actor, tenant=tenant_of(request), referral_id=referral_id, proposal_id=proposal_id
        )
        return Response(booking_shown(booking.pk, card=False))
