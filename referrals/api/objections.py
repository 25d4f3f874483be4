"""``vouchers/{id}/dispute/`` and what follows: the person's word after a service, the office's finding."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, EmptySerializer, StrictSerializer
from api.views import BaseView
from kernel.errors import NotFound
from referrals.access import access_voucher
from referrals.api import enums
from referrals.api.shapes import checked, tenant_of
from referrals.models import Redemption
from referrals.states import RedemptionKind
from referrals.workflow.objecting import agree, decide_dispute, dispute, withdraw_dispute


class DisputeIn(StrictSerializer):
    """What is not right, and of which use; without one, of the latest."""

    reason = Choice(enums.DISPUTE)
    redemption = serializers.UUIDField(required=False)


class FindingIn(StrictSerializer):
    """What the office found."""

    finding = Choice(enums.FINDING)


class UseOut(serializers.Serializer[Any]):
    """One use of a voucher, as it counts with what was corrected. ``due_at``: until when the person may object, or the office is to have looked."""

    id = serializers.UUIDField(source="pk")
    voucher = serializers.UUIDField(source="voucher_id")
    state = serializers.ChoiceField(enums.REDEMPTION_STATES)
    service_date = serializers.DateField()
    subsidy_fen = serializers.IntegerField(source="subsidy_now_fen")
    self_fen = serializers.IntegerField(source="self_now_fen")
    due_at = serializers.DateTimeField(allow_null=True)
    own_share_due = serializers.BooleanField()


class VoucherDisputeView(BaseView):
    """The person objects to a use of their voucher."""

    act = "voucher.dispute"
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="vouchers_dispute", request=DisputeIn, responses=UseOut)
    @idempotent
    def post(self, request: Request, voucher_id: UUID) -> Response:
        """Within 48 hours; only this use waits."""
        data = checked(DisputeIn(data=request.data))
        uses = Redemption.objects.filter(voucher=access_voucher(self.actor, voucher_id), kind=RedemptionKind.SERVICE)
        wanted = uses.filter(pk=data["redemption"]) if "redemption" in data else uses
        line = wanted.order_by("-redeemed_at", "-pk").first()
        if line is None:
            raise NotFound
        found = dispute(actor=self.actor, tenant=tenant_of(request), redemption_id=line.pk, reason=data["reason"])
        return Response(UseOut(found).data)


class UseAgreeView(BaseView):
    """The person says that it was right."""

    act = "voucher.agree"
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="uses_agree", request=EmptySerializer, responses=UseOut)
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """Said twice, it counts once."""
        checked(EmptySerializer(data=request.data))
        return Response(UseOut(agree(actor=self.actor, redemption_id=redemption_id)).data)


class UseWithdrawView(BaseView):
    """The person takes the objection back."""

    act = "voucher.withdraw_dispute"
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="uses_withdraw", request=EmptySerializer, responses=UseOut)
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """The use counts."""
        checked(EmptySerializer(data=request.data))
        return Response(UseOut(withdraw_dispute(actor=self.actor, redemption_id=redemption_id)).data)


class UseDecideView(BaseView):
    """The office that decides the kind ends an objection."""

    act = "voucher.uphold"

    @extend_schema(operation_id="uses_decide", request=FindingIn, responses=UseOut)
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """Final; both are told."""
        data = checked(FindingIn(data=request.data))
        found = decide_dispute(actor=self.actor, redemption_id=redemption_id, finding=data["finding"])
        return Response(UseOut(found).data)
