"""``union/agencies/``: what counts against each agency, as the union's page has it (books §3)."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import BaseView
from kernel.clock import now
from referrals.agency_counts import counts_of, month_begins
from referrals.api.shapes import tenant_of


class AgencyCountOut(serializers.Serializer[Any]):
    """One agency in the school year that begins in September of ``year``; null: more than none, of fewer people than are shown."""

    partner = serializers.UUIDField(source="partner_id")
    name = serializers.CharField()
    year = serializers.IntegerField()
    called_off = serializers.IntegerField(source="called_off.times", allow_null=True)
    taken_back = serializers.IntegerField(source="taken_back.times", allow_null=True)


class AgencyCountsOut(serializers.Serializer[Any]):
    """Up to ``until``, the beginning of the running month in school time. ``fewest_people``: below them a figure is null."""

    until = serializers.DateTimeField()
    fewest_people = serializers.IntegerField()
    results = AgencyCountOut(many=True)


class AgencyCountsView(BaseView):
    """For the union; nobody's name, no single act."""

    permissions: ClassVar = {"GET": "referral.read.union"}

    @extend_schema(operation_id="union_agencies", responses=AgencyCountsOut)
    def get(self, request: Request) -> Response:
        """The latest school year first."""
        tenant, moment = tenant_of(request), now()
        told = {
            "until": month_begins(tenant, moment),
            "fewest_people": tenant.settings.fewest_people,
            "results": counts_of(tenant, moment),
        }
        return Response(AgencyCountsOut(told).data)
