"""``people/``: find a colleague by name or staff number, among those the role may see."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership
from api.serializers import StrictSerializer, Text
from api.views import ListView
from kernel.fold import fold_text
from people.selectors import people_seen_by


class PersonOut(serializers.Serializer[Any]):
    """A member of the school."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    department = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)


class PeopleQuery(StrictSerializer):
    """Part of a name or an address."""

    q = Text(required=False, max_length=80)


def _shown(member: Membership) -> dict[str, Any]:
    return {
        "id": member.pk,
        "name": member.name,
        "department": member.department.name if member.department else None,
        "email": member.email or None,
    }


class PeopleView(ListView):
    """Colleagues, by name."""

    permissions: ClassVar = {"GET": "person.search"}
    order = ("sort_key", "id")
    serializer_class = PersonOut

    def get_queryset(self) -> QuerySet[Membership]:
        """Those the role may see."""
        query = PeopleQuery(data={name: text for name, text in self.request.query_params.items() if name == "q"})
        query.is_valid(raise_exception=True)
        return people_seen_by(self.actor, fold_text(query.validated_data.get("q", "")))

    @extend_schema(operation_id="people_list", parameters=[PeopleQuery], responses=PersonOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([PersonOut(_shown(row)).data for row in rows])
