"""``hardship/``: files of the union that open the pool of hardship or charity; the union asks, finance decides (rules §1)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, Day, EmptySerializer, Fen, Id, StrictSerializer, Text
from api.views import BaseView, ListView
from referrals.api import enums
from referrals.api.shapes import checked, tenant_of
from referrals.models import HardshipFile
from referrals.models.hardship import MAX_FILE_NUMBER
from referrals.workflow.hardship import ask_hardship, decline_hardship, end_hardship, grant_hardship


class FileIn(StrictSerializer):
    """Whose file it is, its number, the most it pays and its days, both included."""

    person = Id()
    scheme = Choice(enums.FILE_SCHEMES)
    number = Text(max_length=MAX_FILE_NUMBER)
    ceiling_fen = Fen()
    first_day = Day()
    last_day = Day()


class FileOut(serializers.Serializer[Any]):
    """A file as finance reads it: number, sum and days. Whose it is stands with the union alone."""

    id = serializers.UUIDField()
    scheme = serializers.ChoiceField(enums.FILE_SCHEMES)
    number = serializers.CharField()
    ceiling_fen = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    state = serializers.ChoiceField(enums.FILE_STATES)
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class FilesView(ListView):
    """Finance reads them; the union asks for one."""

    act = "hardship.ask"
    permissions: ClassVar = {"GET": "hardship.grant", "POST": "hardship.ask"}
    serializer_class = FileOut

    def get_queryset(self) -> QuerySet[HardshipFile]:
        """All of them, newest first."""
        return HardshipFile.objects.all()

    @extend_schema(operation_id="hardship_list", responses=FileOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        return self.get_paginated_response(FileOut(self.paginate_queryset(self.get_queryset()), many=True).data)

    @extend_schema(operation_id="hardship_create", request=FileIn, responses={201: FileOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """It pays nothing before finance has said yes."""
        data = checked(FileIn(data=request.data))
        file = ask_hardship(actor=self.actor, tenant=tenant_of(request), person_id=data.pop("person"), **data)
        return Response(FileOut(file).data, status=201)


class FileGrantView(BaseView):
    """Finance says yes."""

    act = "hardship.grant"
    permissions: ClassVar = {"POST": "hardship.grant"}

    @extend_schema(operation_id="hardship_grant", request=EmptySerializer, responses=FileOut)
    @idempotent
    def post(self, request: Request, file_id: UUID) -> Response:
        """Not by whoever asked, nor for oneself."""
        checked(EmptySerializer(data=request.data))
        return Response(FileOut(grant_hardship(actor=self.actor, file_id=file_id)).data)


class FileDeclineView(BaseView):
    """Finance says no."""

    act = "hardship.decline"
    permissions: ClassVar = {"POST": "hardship.grant"}

    @extend_schema(operation_id="hardship_decline", request=EmptySerializer, responses=FileOut)
    @idempotent
    def post(self, request: Request, file_id: UUID) -> Response:
        """The union sees it."""
        checked(EmptySerializer(data=request.data))
        return Response(FileOut(decline_hardship(actor=self.actor, file_id=file_id)).data)


class FileEndView(BaseView):
    """The union takes the question back, or ends the file before its last day."""

    act = "hardship.end"
    permissions: ClassVar = {"POST": "hardship.ask"}

    @extend_schema(operation_id="hardship_end", request=EmptySerializer, responses=FileOut)
    @idempotent
    def post(self, request: Request, file_id: UUID) -> Response:
        """What was priced by it stays as it was priced."""
        checked(EmptySerializer(data=request.data))
        return Response(FileOut(end_hardship(actor=self.actor, file_id=file_id)).data)
