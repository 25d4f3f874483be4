"""``pools/``: money of pools as finance reads it; what one person asks for and another decides (books §1)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, EmptySerializer, Fen, StrictSerializer, Text, Whole
from api.views import BaseView, ListView
from kernel.clock import local_day, now
from kernel.errors import NotFound
from ledger.selectors import pools
from referrals.api import enums
from referrals.api.shapes import asked, checked
from referrals.models import PoolOrder
from referrals.models.pools import MAX_REASON
from referrals.workflow.pools import approve_pool_order, ask_pool_order, decline_pool_order, withdraw_pool_order
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

FIRST_YEAR, LAST_YEAR = 2000, 9998


class PoolQuery(StrictSerializer):
    """Which calendar year; this one unless told."""

    year = Whole(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)

    def to_internal_value(self, data: Any) -> Any:
        """An address has only text."""
        year = str(data.get("year", ""))
        return super().to_internal_value({**data, "year": int(year)} if year.isdecimal() and year.isascii() else data)


class PoolOut(serializers.Serializer[Any]):
    """One scheme's money of one calendar year, in fen. ``granted`` = available + reserved + spent."""

    scheme = serializers.ChoiceField(enums.SCHEMES, source="key.owner")
    year = serializers.IntegerField(source="key.period")
    granted_fen = serializers.IntegerField(source="balance.granted")
    available_fen = serializers.IntegerField(source="balance.available")
    reserved_fen = serializers.IntegerField(source="balance.reserved")
    spent_fen = serializers.IntegerField(source="balance.spent")


class PoolsOut(serializers.Serializer[Any]):
    """All pools of a year: no more than there are schemes."""

    results = PoolOut(many=True)


class PoolOrderIn(StrictSerializer):
    """What is asked for. ``amount_fen`` is 0 for ``close_year`` and above 0 for the others; ``reason`` names nobody."""

    kind = Choice(enums.POOL_ORDER_KINDS)
    scheme = Choice(enums.SCHEMES)
    year = Whole(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    amount_fen = Fen(required=False)
    reason = Text(max_length=MAX_REASON)


class PoolOrderOut(serializers.Serializer[Any]):
    """An order. What a closing gave back and carried on stands in the last two once it is approved."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(enums.POOL_ORDER_KINDS)
    scheme = serializers.ChoiceField(enums.SCHEMES)
    year = serializers.IntegerField()
    amount_fen = serializers.IntegerField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(enums.POOL_ORDER_STATES)
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    returned_fen = serializers.IntegerField()
    carried_fen = serializers.IntegerField()


def _school() -> Tenant:
    return Tenant.objects.get(pk=current_tenant_id())


class PoolsView(BaseView):
    """The pools of a year."""

    permissions: ClassVar = {"GET": "ledger.lines"}

    @extend_schema(operation_id="pools_list", parameters=[OpenApiParameter("year", int)], responses=PoolsOut)
    def get(self, request: Request) -> Response:
        """In the order of their schemes."""
        year = asked(PoolQuery, request).get("year", local_day(now()).year)
        return Response(PoolsOut({"results": pools(year)}).data)


class PoolOrdersView(ListView):
    """Orders, newest first."""

    act = "pool.ask"
    permissions: ClassVar = {"GET": "ledger.lines", "POST": "pool.grant"}
    serializer_class = PoolOrderOut

    def get_queryset(self) -> QuerySet[PoolOrder]:
        """All of them."""
        return PoolOrder.objects.all()

    @extend_schema(operation_id="pool_orders_list", responses=PoolOrderOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(PoolOrderOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="pool_orders_create", request=PoolOrderIn, responses={201: PoolOrderOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Nothing moves before a second person approves."""
        data = checked(PoolOrderIn(data=request.data))
        return Response(PoolOrderOut(ask_pool_order(actor=self.actor, tenant=_school(), **data)).data, status=201)


class PoolOrderView(BaseView):
    """One order."""

    permissions: ClassVar = {"GET": "ledger.lines"}

    @extend_schema(operation_id="pool_orders_read", responses=PoolOrderOut)
    def get(self, request: Request, order_id: UUID) -> Response:
        """As it stands."""
        order = PoolOrder.objects.filter(pk=order_id).first()
        if order is None:
            raise NotFound
        return Response(PoolOrderOut(order).data)


class PoolOrderApproveView(BaseView):
    """The second person's yes: the money moves."""

    act = "pool.approve"
    permissions: ClassVar = {"POST": "pool.grant"}

    @extend_schema(operation_id="pool_orders_approve", request=EmptySerializer, responses=PoolOrderOut)
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """Granted, returned or closed in the same act."""
        checked(EmptySerializer(data=request.data))
        done = approve_pool_order(actor=self.actor, tenant=_school(), order_id=order_id)
        return Response(PoolOrderOut(done).data)


class PoolOrderDeclineView(BaseView):
    """The second person's no."""

    act = "pool.decline"
    permissions: ClassVar = {"POST": "pool.grant"}

    @extend_schema(operation_id="pool_orders_decline", request=EmptySerializer, responses=PoolOrderOut)
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """Nothing moves."""
        checked(EmptySerializer(data=request.data))
        return Response(PoolOrderOut(decline_pool_order(actor=self.actor, order_id=order_id)).data)


class PoolOrderWithdrawView(BaseView):
    """Whoever asked takes it back."""

    act = "pool.withdraw"
    permissions: ClassVar = {"POST": "pool.grant"}

    @extend_schema(operation_id="pool_orders_withdraw", request=EmptySerializer, responses=PoolOrderOut)
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """Nothing moves."""
        checked(EmptySerializer(data=request.data))
        return Response(PoolOrderOut(withdraw_pool_order(actor=self.actor, order_id=order_id)).data)
