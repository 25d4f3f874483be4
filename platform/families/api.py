"""``children/``: whose guardian the caller is. Names are sealed at rest and shown to a guardian only."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Day, StrictSerializer, Text
from api.views import BaseView, ListView
from families.access import access_child, children_of
from families.models import Child
from families.workflow import register_child


class ChildIn(StrictSerializer):
    """A child of the caller."""

    name = Text(max_length=60)
    born = Day()


class ChildOut(serializers.Serializer[Any]):
    """A child."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    born = serializers.DateField()


class ChildrenView(ListView):
    """The caller's children, newest entry first."""

    act = "child.register"
    permissions: ClassVar = {"GET": "child.own", "POST": "child.own"}
    serializer_class = ChildOut

    def get_queryset(self) -> QuerySet[Child]:
        """Nobody else's."""
        return children_of(self.actor)

    @extend_schema(operation_id="children_list", responses=ChildOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(ChildOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="children_create", request=ChildIn, responses={201: ChildOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Register a child; one whom the other parent registered is linked, not doubled."""
        form = ChildIn(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(ChildOut(register_child(actor=self.actor, **form.validated_data)).data, status=201)


class ChildView(BaseView):
    """One child."""

    permissions: ClassVar = {"GET": "child.own"}

    @extend_schema(operation_id="children_read", responses=ChildOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        """404 for everyone but a guardian."""
        return Response(ChildOut(access_child(self.actor, child_id)).data)
