"""``people/``: find a colleague by name or staff number, among those the role may see."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.models import Membership
from accounts.permissions import permissions_of
from accounts.roles import Role
from accounts.search import contains
from api.serializers import StrictSerializer, Text
from api.views import ListView
from kernel.clock import local_day, now
from kernel.fold import fold_text

_WHOLE_SCHOOL = frozenset(role for role in Role.values if "person.search" in permissions_of([role])) - {Role.HEAD}
"""A head of department finds the people of the own department; the other roles that may search find everyone."""


class PersonOut(serializers.Serializer[Any]):
    """A member of the school."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    department = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)


def people_seen_by(actor: Actor, q: str) -> QuerySet[Membership]:
    """Present members whose name or staff number contains ``q``."""
    rows = Membership.objects.current(local_day(now())).prefetch_related("department")
    if not actor.roles & _WHOLE_SCHOOL:
        own = Membership.objects.filter(pk=actor.membership_id, department__isnull=False).values("department_id")
        rows = rows.filter(Q(department_id__in=own) | Q(pk=actor.membership_id))
    return rows.filter(contains(q, "name") | Q(staff_no__istartswith=q)) if q else rows


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
