"""``services/<id>/free-times/``: when a service whose times are chosen can be had, and of whom; nothing is written."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import BaseView
from kernel.clock import now
from kernel.errors import NotFound
from partners.calendars.offered import free_times
from partners.kinds import CounsellorGender, Speciality
from partners.models import Service
from partners.selectors import days_open
from referrals.api.shapes import tenant_of
from referrals.kinds import KINDS
from referrals.workflow.holding import picks_time


class CounsellorOut(serializers.Serializer[Any]):
    """Who can be chosen. ``gender`` is empty where the agency has not said it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    gender = serializers.ChoiceField(CounsellorGender.choices, allow_blank=True)
    online = serializers.BooleanField()
    on_site = serializers.BooleanField()
    specialities = serializers.ListField(child=serializers.ChoiceField(Speciality.choices))


class FreeStartOut(serializers.Serializer[Any]):
    """One start; ``counsellors`` are those who can be chosen for it, empty where nobody is named."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    counsellors = serializers.ListField(child=serializers.UUIDField())


class FreeTimesOut(serializers.Serializer[Any]):
    """Two weeks of starts, in order. A start that is shown may be taken by the time it is asked for."""

    counsellors = CounsellorOut(many=True)
    results = FreeStartOut(many=True)


class FreeTimesView(BaseView):
    """Free times of one service, as the school's people see them."""

    permissions: ClassVar = {"GET": "service.read"}

    @extend_schema(operation_id="services_free_times", responses=FreeTimesOut)
    def get(self, request: Request, service_id: UUID) -> Response:
        """404 for a service that the school cannot use; empty for one whose agency names the times itself."""
        tenant, moment = tenant_of(request), now()
        service = Service.objects.filter(pk=service_id).first()
        if service is None or not days_open([service.pk], tenant.today(), 14)[service.pk]:
            raise NotFound
        if not picks_time(service):
            return Response({"counsellors": [], "results": []})
        unguarded = {service.pk} if KINDS[service.kind].is_open else set()
        found = free_times([service], moment, zone=tenant.time_zone, unguarded=unguarded)[service.pk]
        named = [(place, frozenset(starts)) for place, starts in found.by_place if place.name]
        rows = [
            {
                "starts_at": start,
                "ends_at": start + found.length,
                "counsellors": [place.resource_id for place, starts in named if start in starts],
            }
            for start in found.starts()
        ]
        people = [
            {
                "id": place.resource_id,
                "name": place.name,
                "gender": place.gender,
                "online": place.online,
                "on_site": place.on_site,
                "specialities": list(place.specialities),
            }
            for place, _starts in named
        ]
        return Response(FreeTimesOut({"counsellors": people, "results": rows}).data)
