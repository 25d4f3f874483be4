"""A tiny interface over a real table (departments), to try the primitives of ``api`` with. URL configuration of the
tests in this folder that carry ``pytest.mark.urls("tests.api.platform_views")``.
"""

import threading
from typing import Any, ClassVar

from django.db import connection
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department
from api.idempotency import idempotent
from api.pagination import page_of, page_of_rows
from api.serializers import Choice, Day, Fen, Flag, Id, Moment, StrictSerializer, Text, Whole
from api.urls import UNKNOWN
from api.views import BaseView, ListView
from audit.workflow import record
from kernel.errors import Refused
from partners.kinds import ServiceKind

running, may_end = threading.Event(), threading.Event()


class DepartmentIn(StrictSerializer):
    name = Text(max_length=60)
    wait = Flag(default=False)
    refuse = Flag(default=False)
    die = Flag(default=False)


class DepartmentOut(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ("id", "name")


class EverythingIn(StrictSerializer):
    fee_fen = Fen(required=False)
    units = Whole(required=False, min_value=1, max_value=20)
    starts_at = Moment(required=False)
    day = Day(required=False)
    service = Id(required=False)
    kind = Choice(ServiceKind.choices, required=False)
    note = Text(required=False, max_length=10)
    agree = Flag(required=False)
    inner = DepartmentIn(required=False)
    many = DepartmentIn(required=False, many=True)


class DepartmentsView(ListView):
    act = "department.create"
    serializer_class = DepartmentOut

    def get_queryset(self) -> Any:
        return Department.objects.all()

    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(DepartmentOut(rows, many=True).data)

    @extend_schema(request=DepartmentIn, responses={201: DepartmentOut})
    @idempotent
    def post(self, request: Request) -> Response:
        form = DepartmentIn(data=request.data)
        form.is_valid(raise_exception=True)
        department = Department.objects.create(name=form.validated_data["name"])
        record(actor=self.actor, action="department.create", obj=department)
        if form.validated_data["wait"]:
            running.set()
            may_end.wait(10)
        if form.validated_data["die"]:
            connection.connection.close()  # as when the worker or the database is killed: nothing was said goodbye to
        if form.validated_data["refuse"]:
            raise Refused("no_agreement")
        return Response(DepartmentOut(department).data, status=201)


class EchoView(BaseView):
    permissions: ClassVar = {"POST": "service.read"}

    @extend_schema(request=EverythingIn, responses=EverythingIn)
    def post(self, request: Request) -> Response:
        form = EverythingIn(data=request.data)
        form.is_valid(raise_exception=True)
        return Response({name: str(value) for name, value in form.validated_data.items()})


class NumbersView(BaseView):
    @extend_schema(responses={200: None})
    def get(self, request: Request) -> Response:
        rows, following = page_of_rows(request, list(range(7)), key=str)
        return Response({"results": rows, "next": following})


class ByNameView(BaseView):
    @extend_schema(responses=DepartmentOut(many=True))
    def get(self, request: Request) -> Response:
        rows, following = page_of(request, Department.objects.all(), order=("-name", "id"))
        return Response({"results": [row.name for row in rows], "next": following})


class ForbiddenView(BaseView):
    permissions: ClassVar = {"POST": "agreement.approve"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        raise AssertionError("never reached")


class BrokenView(BaseView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        raise RuntimeError("secret words")


api_patterns = [
    path("", include("api.urls")),
    path("", include("partners.api_urls")),
    path("departments/", DepartmentsView.as_view()),
    path("by-name/", ByNameView.as_view()),
    path("echo/", EchoView.as_view()),
    path("numbers/", NumbersView.as_view()),
    path("approve/", ForbiddenView.as_view()),
    path("broken/", BrokenView.as_view()),
    UNKNOWN,
]
# Every page of a frame leads to the manual, the page of the docs too.
urlpatterns = [path("api/v1/", include(api_patterns)), path("", include("manual.urls"))]
