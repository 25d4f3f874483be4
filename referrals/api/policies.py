"""``policies/``: versions of what the school pays; drafted by one person of finance, approved by another (rules §1)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, Day, EmptySerializer, Fen, StrictSerializer, Text, Whole
from api.views import BaseView, ListView
from kernel.errors import NotFound
from kernel.money import WHOLE_BP
from referrals.api import enums
from referrals.api.shapes import checked
from referrals.models import SubsidyPolicy
from referrals.workflow.policies import (
    MAX_REASON,
    approve_policy,
    draft_policy,
    edit_policy,
    mark_of,
    return_policy,
    withdraw_policy,
)


class PolicyTermsIn(StrictSerializer):
    """What a version pays, valid ``[valid_from, valid_until)`` by service date."""

    share_bp = Whole(min_value=0, max_value=WHOLE_BP)
    valid_from = Day()
    valid_until = Day(required=False, allow_null=True)
    session_eligible_cap_fen = Fen(required=False, allow_null=True)
    session_subsidy_cap_fen = Fen(required=False, allow_null=True)
    quota_unit = Choice(enums.QUOTA, required=False)
    quota_amount = Fen(required=False, allow_null=True)


class PolicyIn(PolicyTermsIn):
    """A new version. It pays nothing until it is approved."""

    scheme = Choice(enums.SCHEMES)
    group = Text(required=False, max_length=20)


class ReturnIn(StrictSerializer):
    """Why the draft goes back; whoever drafted it reads this."""

    reason = Text(max_length=MAX_REASON)


class ApproveIn(StrictSerializer):
    """``seen``: the ``mark`` of the draft that was read; written anew since, it is not approved (409 ``policy_changed``)."""

    seen = Text(required=False, max_length=32)


class PolicyOut(serializers.Serializer[Any]):
    """One version. ``mark``: a sign of its terms, another one once its draft was written anew."""

    id = serializers.UUIDField()
    scheme = serializers.ChoiceField(enums.SCHEMES)
    group = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(enums.POLICY_STATES)
    share_bp = serializers.IntegerField()
    session_eligible_cap_fen = serializers.IntegerField(allow_null=True)
    session_subsidy_cap_fen = serializers.IntegerField(allow_null=True)
    quota_unit = serializers.ChoiceField(enums.QUOTA)
    quota_amount = serializers.IntegerField(allow_null=True)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField()
    mark = serializers.SerializerMethodField()

    def get_mark(self, policy: SubsidyPolicy) -> str:
        """For ``approve/``."""
        return mark_of(policy)


class PoliciesView(ListView):
    """The school's policies, newest first."""

    act = "policy.draft"
    permissions: ClassVar = {"GET": "policy.read", "POST": "policy.draft"}
    serializer_class = PolicyOut

    def get_queryset(self) -> QuerySet[SubsidyPolicy]:
        """All versions."""
        return SubsidyPolicy.objects.all()

    @extend_schema(operation_id="policies_list", responses=PolicyOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(PolicyOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="policies_create", request=PolicyIn, responses={201: PolicyOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """A draft."""
        return Response(
            PolicyOut(draft_policy(actor=self.actor, **checked(PolicyIn(data=request.data)))).data, status=201
        )


class PolicyView(BaseView):
    """One version."""

    permissions: ClassVar = {"GET": "policy.read"}

    @extend_schema(operation_id="policies_read", responses=PolicyOut)
    def get(self, request: Request, policy_id: UUID) -> Response:
        """As it was approved."""
        policy = SubsidyPolicy.objects.filter(pk=policy_id).first()
        if policy is None:
            raise NotFound
        return Response(PolicyOut(policy).data)


class PolicyApproveView(BaseView):
    """The second pair of eyes."""

    act = "policy.approve"
    permissions: ClassVar = {"POST": "policy.approve"}

    @extend_schema(operation_id="policies_approve", request=ApproveIn, responses=PolicyOut)
    @idempotent
    def post(self, request: Request, policy_id: UUID) -> Response:
        """In force for its dates."""
        seen = checked(ApproveIn(data=request.data)).get("seen")
        return Response(PolicyOut(approve_policy(actor=self.actor, policy_id=policy_id, seen=seen)).data)


class PolicyEditView(BaseView):
    """A draft written anew by whoever drafted it, also after it came back."""

    act = "policy.edit"
    permissions: ClassVar = {"POST": "policy.draft"}

    @extend_schema(operation_id="policies_edit", request=PolicyTermsIn, responses=PolicyOut)
    @idempotent
    def post(self, request: Request, policy_id: UUID) -> Response:
        """All terms anew; what is left out has its default."""
        terms = checked(PolicyTermsIn(data=request.data))
        return Response(PolicyOut(edit_policy(actor=self.actor, policy_id=policy_id, **terms)).data)


class PolicyReturnView(BaseView):
    """A second person gives a draft back."""

    act = "policy.return"
    permissions: ClassVar = {"POST": "policy.approve"}

    @extend_schema(operation_id="policies_return", request=ReturnIn, responses=PolicyOut)
    @idempotent
    def post(self, request: Request, policy_id: UUID) -> Response:
        """With a reason."""
        data = checked(ReturnIn(data=request.data))
        return Response(PolicyOut(return_policy(actor=self.actor, policy_id=policy_id, **data)).data)


class PolicyWithdrawView(BaseView):
    """Whoever drafted it takes it back."""

    act = "policy.withdraw"
    permissions: ClassVar = {"POST": "policy.draft"}

    @extend_schema(operation_id="policies_withdraw", request=EmptySerializer, responses=PolicyOut)
    @idempotent
    def post(self, request: Request, policy_id: UUID) -> Response:
        """It never counts."""
        checked(EmptySerializer(data=request.data))
        return Response(PolicyOut(withdraw_policy(actor=self.actor, policy_id=policy_id)).data)
