"""``corrections/``: a use that was counted with a wrong split; one person of finance asks, another decides (books §2, §9)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, EmptySerializer, Fen, Id, StrictSerializer, Text
from api.views import BaseView, ListView
from referrals.api import enums
from referrals.api.shapes import SplitOut, checked
from referrals.models import Correction
from referrals.models.correction import MAX_REASON
from referrals.workflow.correcting import (
    approve_correction,
    ask_correction,
    confirm_corrected_share,
    decline_correction,
    readable_correction,
    readable_corrections,
    withdraw_correction,
)


class CorrectionIn(StrictSerializer):
    """``fee_fen``: the right price of the unit, 0 for ``not_had`` only. ``side``: who asked finance. ``reason`` names nobody.

    ``claim``: the claim that it answers, of this use; the side is its own then.
    """

    redemption = Id()
    cause = Choice(enums.CORRECTION_CAUSES)
    side = Choice(enums.CORRECTION_SIDES)
    fee_fen = Fen()
    reason = Text(max_length=MAX_REASON)
    claim = Id(required=False)


class CorrectionOut(serializers.Serializer[Any]):
    """A correction. ``change`` = ``new`` − ``old``, part by part. The month, never the day of the service."""

    id = serializers.UUIDField()
    voucher_number = serializers.CharField()
    month = serializers.DateField(source="service_date", format="%Y-%m")
    cause = serializers.ChoiceField(enums.CORRECTION_CAUSES)
    side = serializers.ChoiceField(enums.CORRECTION_SIDES)
    reason = serializers.CharField()
    state = serializers.ChoiceField(enums.POOL_ORDER_STATES)
    old = SplitOut()
    new = SplitOut()
    change = SplitOut()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class CorrectedShareOut(serializers.Serializer[Any]):
    """What the agency collected too much: ``change.self_fen`` is below zero."""

    correction = serializers.UUIDField(source="pk")
    redemption = serializers.UUIDField(source="redemption_id")
    change = SplitOut()
    own_share_due = serializers.BooleanField()
    own_share_back_at = serializers.DateTimeField(allow_null=True)


class CorrectionsView(ListView):
    """Corrections, newest first."""

    act = "correction.ask"
    permissions: ClassVar = {"GET": "voucher.correct", "POST": "voucher.correct"}
    serializer_class = CorrectionOut

    def get_queryset(self) -> QuerySet[Correction]:
        """All but those of one's own uses."""
        return readable_corrections(self.actor)

    @extend_schema(operation_id="corrections_list", responses=CorrectionOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(CorrectionOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="corrections_create", request=CorrectionIn, responses={201: CorrectionOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Nothing moves before a second person approves."""
        data = checked(CorrectionIn(data=request.data))
        row = ask_correction(
            actor=self.actor, redemption_id=data.pop("redemption"), claim_id=data.pop("claim", None), **data
        )
        return Response(CorrectionOut(row).data, status=201)


class CorrectionView(BaseView):
    """One correction."""

    permissions: ClassVar = {"GET": "voucher.correct"}

    @extend_schema(operation_id="corrections_read", responses=CorrectionOut)
    def get(self, request: Request, correction_id: UUID) -> Response:
        """As it stands."""
        return Response(CorrectionOut(readable_correction(self.actor, correction_id)).data)


class CorrectionApproveView(BaseView):
    """The second person's yes: the difference is booked."""

    act = "correction.approve"
    permissions: ClassVar = {"POST": "voucher.correct"}

    @extend_schema(operation_id="corrections_approve", request=EmptySerializer, responses=CorrectionOut)
    @idempotent
    def post(self, request: Request, correction_id: UUID) -> Response:
        """Not by whoever asked, and not for one's own use."""
        checked(EmptySerializer(data=request.data))
        return Response(CorrectionOut(approve_correction(actor=self.actor, correction_id=correction_id)).data)


class CorrectionDeclineView(BaseView):
    """The second person's no."""

    act = "correction.decline"
    permissions: ClassVar = {"POST": "voucher.correct"}

    @extend_schema(operation_id="corrections_decline", request=EmptySerializer, responses=CorrectionOut)
    @idempotent
    def post(self, request: Request, correction_id: UUID) -> Response:
        """Nothing moves."""
        checked(EmptySerializer(data=request.data))
        return Response(CorrectionOut(decline_correction(actor=self.actor, correction_id=correction_id)).data)


class CorrectionWithdrawView(BaseView):
    """Taken back by whoever asked."""

    act = "correction.withdraw"
    permissions: ClassVar = {"POST": "voucher.correct"}

    @extend_schema(operation_id="corrections_withdraw", request=EmptySerializer, responses=CorrectionOut)
    @idempotent
    def post(self, request: Request, correction_id: UUID) -> Response:
        """Nothing moves."""
        checked(EmptySerializer(data=request.data))
        return Response(CorrectionOut(withdraw_correction(actor=self.actor, correction_id=correction_id)).data)


class CorrectedShareView(BaseView):
    """The person has back what they paid too much at the counter."""

    act = "voucher.own_share_back"
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="vouchers_corrected_share", request=EmptySerializer, responses=CorrectedShareOut)
    @idempotent
    def post(self, request: Request, correction_id: UUID) -> Response:
        """Said twice, it counts once."""
        checked(EmptySerializer(data=request.data))
        return Response(CorrectedShareOut(confirm_corrected_share(actor=self.actor, correction_id=correction_id)).data)
