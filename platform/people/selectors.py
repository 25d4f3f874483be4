"""Which colleagues somebody may find."""

from typing import Final

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Membership
from accounts.permissions import permissions_of
from accounts.roles import Role
from accounts.search import contains
from kernel.clock import local_day, now

_WHOLE_SCHOOL: Final = frozenset(role for role in Role.values if "person.search" in permissions_of([role])) - {
    Role.HEAD
}
"""A head of department finds the people of the own department; the other roles that may search find everyone."""


def people_seen_by(actor: Actor, q: str) -> QuerySet[Membership]:
    """Present members whose name or staff number contains ``q``."""
    rows = Membership.objects.current(local_day(now())).prefetch_related("department")
    if not actor.roles & _WHOLE_SCHOOL:
        own = Membership.objects.filter(pk=actor.membership_id, department__isnull=False).values("department_id")
        rows = rows.filter(Q(department_id__in=own) | Q(pk=actor.membership_id))
    return rows.filter(contains(q, "name") | Q(staff_no__istartswith=q)) if q else rows
