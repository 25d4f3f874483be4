"""``partner/week/`` and ``partner/resources/``: the institution's own week and who can be had of it; nothing is written."""

from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Day, StrictSerializer
from api.views import BaseView
from kernel.clock import local_day, now
from partners.calendars.resources import places_at
from partners.kinds import CounsellorGender, ResourceKind, Speciality
from referrals.access import institution_of
from referrals.api import enums
from referrals.api.shapes import SpanOut, asked
from referrals.week import Row, week_of


class WeekQuery(StrictSerializer):
    """``day``: any day of the week that is asked for; today without one."""

    day = Day(required=False)


class EntryOut(SpanOut):
    """One thing of a day. ``booking`` of ``visit`` and ``wish`` (the person asks for another time); whose ``held`` is, nobody says."""

    kind = serializers.ChoiceField(enums.WEEK_ENTRIES)
    booking = serializers.UUIDField(allow_null=True)


class WeekRowOut(serializers.Serializer[Any]):
    """One of the institution's people or rooms; ``resource`` null: the institution itself."""

    resource = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    entries = EntryOut(many=True)


class WeekOut(serializers.Serializer[Any]):
    """Seven days from Monday ``first`` on."""

    first = serializers.DateField()
    rows = WeekRowOut(many=True)


class ResourceOut(serializers.Serializer[Any]):
    """Who or what an appointment can take. ``active`` false: nothing new, what is agreed stays."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(ResourceKind.choices)
    active = serializers.BooleanField()
    capacity = serializers.IntegerField()
    buffer_minutes = serializers.IntegerField()
    gender = serializers.ChoiceField(CounsellorGender.choices, allow_blank=True)
    online = serializers.BooleanField()
    on_site = serializers.BooleanField()
    specialities = serializers.ListField(child=serializers.ChoiceField(Speciality.choices))


class ResourcesOut(serializers.Serializer[Any]):
    """All of them, the longest there first: an institution has a few dozen at most."""

    results = ResourceOut(many=True)


class WeekView(BaseView):
    """The institution's own week, across all schools."""

    permissions: ClassVar = {"GET": "partner.read"}

    @extend_schema(operation_id="partner_week", parameters=[WeekQuery], responses=WeekOut)
    def get(self, request: Request) -> Response:
        """Appointments by their id; the card stands with ``bookings/``."""
        moment = now()
        day = asked(WeekQuery, request).get("day") or local_day(moment)
        found = week_of(self.actor, day - timedelta(days=day.weekday()), moment)
        return Response(WeekOut({"first": found.first, "rows": [_row(row) for row in found.rows]}).data)


class ResourcesView(BaseView):
    """The institution's own people, rooms and groups, with those that people are not told by name."""

    permissions: ClassVar = {"GET": "partner.read"}

    @extend_schema(operation_id="partner_resources", responses=ResourcesOut)
    def get(self, request: Request) -> Response:
        """Kept on ``/partner/people/``; here they are read."""
        rows = [
            {
                "id": place.resource_id,
                "name": place.name,
                "kind": place.kind,
                "active": is_active,
                "capacity": place.capacity,
                "buffer_minutes": place.buffer // timedelta(minutes=1),
                "gender": place.gender,
                "online": place.online,
                "on_site": place.on_site,
                "specialities": list(place.specialities),
            }
            for place, is_active in places_at(institution_of(self.actor))
        ]
        return Response(ResourcesOut({"results": rows}).data)


def _row(row: Row) -> dict[str, Any]:
    entries = [
        {
            "kind": entry.kind,
            "starts_at": entry.starts_at,
            "ends_at": entry.ends_at,
            "booking": entry.booking.pk if entry.booking else None,
        }
        for cell in row.cells
        for entry in cell.entries
    ]
    return {"resource": row.place.resource_id, "name": row.place.name, "entries": entries}
