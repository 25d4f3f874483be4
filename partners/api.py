"""``agreements/`` of the contract: list, read, create by role; an agreement is ended and replaced, never edited."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, Day, EmptySerializer, Fen, Id, StrictSerializer, Text, Whole
from api.views import BaseView, ListView
from kernel.errors import NotFound
from partners.kinds import AgreementReason
from partners.models import Agreement, AgreementLine, Institution
from partners.states import AgreementState
from partners.terms import MOST_FREE_HOURS, MOST_NO_SHOW_BP
from partners.workflow import (
    LineDraft,
    approve_agreement,
    draft_agreement,
    end_agreement,
    resume_agreement,
    suspend_agreement,
    terminate_agreement,
)

AGREEMENT_STATES = tuple(state.value for state in AgreementState)
AGREEMENT_REASONS = tuple(AgreementReason.values)


class TermsIn(StrictSerializer):
    """Cancellation terms; shares in basis points."""

    free_hours = Whole(required=False, min_value=0, max_value=MOST_FREE_HOURS)
    late_fee_bp = Whole(required=False, min_value=0, max_value=10_000)
    no_show_fee_bp = Whole(required=False, min_value=0, max_value=MOST_NO_SHOW_BP)


class LineIn(StrictSerializer):
    """A service and its agreed tariff, fen per unit of the service."""

    service = Id()
    tariff_fen = Fen()


class AgreementIn(StrictSerializer):
    """A draft. The range of days is half-open."""

    partner = Id()
    valid_from = Day()
    valid_until = Day()
    data_part_valid_until = Day()
    lines = LineIn(many=True, allow_empty=False)
    duties = Text(required=False, allow_blank=True, max_length=4000)
    service_content = Text(required=False, allow_blank=True, max_length=4000)
    cancellation_terms = TermsIn(required=False)
    number = Text(required=False, max_length=40)


class EndIn(StrictSerializer):
    """The first day that the agreement no longer covers."""

    on = Day()


class ReasonIn(StrictSerializer):
    """Why, from a closed list."""

    reason = Choice(AGREEMENT_REASONS)


class PartnerOut(serializers.ModelSerializer[Any]):
    """An institution in brief."""

    class Meta:
        model = Institution
        fields = ("id", "slug", "name")


class LineOut(serializers.ModelSerializer[Any]):
    """One priced service."""

    service = serializers.UUIDField(source="service_id")

    class Meta:
        model = AgreementLine
        fields = ("service", "unit", "tariff_fen")


class AgreementOut(serializers.ModelSerializer[Any]):
    """An agreement with its lines."""

    partner = PartnerOut()
    lines = LineOut(many=True)
    cancellation_terms = inline_serializer(
        "CancellationTerms",
        {name: serializers.IntegerField() for name in ("free_hours", "late_fee_bp", "no_show_fee_bp")},
    )

    class Meta:
        model = Agreement
        fields = (
            "id", "number", "state", "partner", "valid_from", "valid_until", "data_part_valid_until", "duties",
            "service_content", "cancellation_terms", "lines", "approved_at", "suspended_at", "terminated_at", "reason",
        )  # fmt: skip


def _agreements() -> QuerySet[Agreement]:
    return Agreement.objects.prefetch_related("partner", "lines")


def _one(agreement_id: UUID) -> dict[str, Any]:
    agreement = _agreements().filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound
    return dict(AgreementOut(agreement).data)


class AgreementsView(ListView):
    """The open school's agreements, newest first."""

    act = "agreement.draft"
    permissions: ClassVar = {"GET": "agreement.read", "POST": "agreement.draft"}
    serializer_class = AgreementOut

    def get_queryset(self) -> QuerySet[Agreement]:
        """With everything a row shows."""
        return _agreements()

    @extend_schema(operation_id="agreements_list", responses=AgreementOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(AgreementOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="agreements_create", request=AgreementIn, responses={201: AgreementOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """A draft by the union."""
        form = AgreementIn(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        lines = [LineDraft(line["service"], line["tariff_fen"]) for line in data.pop("lines")]
        agreement = draft_agreement(actor=self.actor, partner_id=data.pop("partner"), lines=lines, **data)
        return Response(_one(agreement.pk), status=201)


class AgreementView(BaseView):
    """One agreement."""

    permissions: ClassVar = {"GET": "agreement.read"}

    @extend_schema(operation_id="agreements_read", responses=AgreementOut)
    def get(self, request: Request, agreement_id: UUID) -> Response:
        """With its lines."""
        return Response(_one(agreement_id))


class AgreementApproveView(BaseView):
    """Approval by finance, by another person than the one who drafted it."""

    act = "agreement.approve"
    permissions: ClassVar = {"POST": "agreement.approve"}

    @extend_schema(operation_id="agreements_approve", request=EmptySerializer, responses=AgreementOut)
    @idempotent
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """Into force for its dates."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        approve_agreement(actor=self.actor, agreement_id=agreement_id)
        return Response(_one(agreement_id))


class AgreementEndView(BaseView):
    """An earlier end."""

    act = "agreement.end"

    @extend_schema(operation_id="agreements_end", request=EndIn, responses=AgreementOut)
    @idempotent
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """From ``on`` the agreement covers nothing."""
        form = EndIn(data=request.data)
        form.is_valid(raise_exception=True)
        end_agreement(actor=self.actor, agreement_id=agreement_id, on=form.validated_data["on"])
        return Response(_one(agreement_id))


class AgreementSuspendView(BaseView):
    """Nothing new at the agency until it is lifted."""

    act = "agreement.suspend"
    permissions: ClassVar = {"POST": "agreement.suspend"}

    @extend_schema(operation_id="agreements_suspend", request=ReasonIn, responses=AgreementOut)
    @idempotent
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """What is booked there is decided one by one (``paused/``)."""
        form = ReasonIn(data=request.data)
        form.is_valid(raise_exception=True)
        suspend_agreement(actor=self.actor, agreement_id=agreement_id, reason=form.validated_data["reason"])
        return Response(_one(agreement_id))


class AgreementResumeView(BaseView):
    """In force again."""

    act = "agreement.resume"
    permissions: ClassVar = {"POST": "agreement.approve"}

    @extend_schema(operation_id="agreements_resume", request=EmptySerializer, responses=AgreementOut)
    @idempotent
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """By whoever approves agreements."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        resume_agreement(actor=self.actor, agreement_id=agreement_id)
        return Response(_one(agreement_id))


class AgreementTerminateView(BaseView):
    """Over from now on: what was not served is void."""

    act = "agreement.terminate"
    permissions: ClassVar = {"POST": "agreement.approve"}

    @extend_schema(operation_id="agreements_terminate", request=ReasonIn, responses=AgreementOut)
    @idempotent
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """What was done is settled and paid."""
        form = ReasonIn(data=request.data)
        form.is_valid(raise_exception=True)
        terminate_agreement(actor=self.actor, agreement_id=agreement_id, reason=form.validated_data["reason"])
        return Response(_one(agreement_id))
