"""谁看过 of an incident: each look of a colleague is one row of the record; here they are read (chain §6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.models import AuditEntry, object_of
from referrals.emergency.incident_texts import Text
from referrals.emergency.models import Incident

LOOKS: Final[dict[str, Text]] = {
    "incident.read": _("the incident"),
    "incident.contact_number": _("a contact's number, to call by hand"),
    "incident.plan_read": _("the agreed plan"),
}
"""Acts of the record that are a look, and at what."""

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Look:
    """``name`` is for the centre alone; the person is told ``roles``, as of every look at what is theirs."""

    name: str
    roles: tuple[str, ...]
    at: datetime
    at_what: Text


def looks_at(incident: Incident) -> QuerySet[AuditEntry, Any]:
    """The looks at one incident, newest first, not read yet."""
    object_type, object_id = object_of(incident)
    rows = AuditEntry.objects.filter(object_type=object_type, object_id=object_id, action__in=list(LOOKS))
    return rows.order_by("-seq").values_list("actor_id", "at", "action")


@dataclass(frozen=True, slots=True)
class Looks:
    """How often colleagues of ``roles`` looked at ``at_what`` on one day of the school: as the person is told, without a name."""

    roles: tuple[str, ...]
    day: date
    at_what: Text
    count: int


def counted(incident: Incident, zone: str) -> list[Looks]:
    """All looks at one incident by colleague, day and what, newest day first: as many rows as people and days, however many looks."""
    object_type, object_id = object_of(incident)
    rows = AuditEntry.objects.filter(object_type=object_type, object_id=object_id, action__in=list(LOOKS))
    found = list(
        rows.annotate(day=TruncDate("at", tzinfo=ZoneInfo(zone)))
        .values_list("actor_id", "day", "action")
        .annotate(count=Count("pk"))
        .order_by("-day", "action", "actor_id")
    )
    people = Membership.objects.filter(user_id__in={actor for actor, _day, _action, _count in found})
    roles = {user: tuple(held) for user, held in people.values_list("user_id", "roles")}
    return [Looks(roles.get(actor, ()), day, LOOKS[action], count) for actor, day, action, count in found]


def named(rows: Sequence[tuple[Any, datetime, str]]) -> list[Look]:
    """With who it was: one question for all of them."""
    people = Membership.objects.filter(user_id__in={actor for actor, _at, _action in rows})
    known = {user: (name, tuple(roles)) for user, name, roles in people.values_list("user_id", "name", "roles")}
    found = []
    for actor, at, action in rows:
        name, roles = known.get(actor, ("", ()))
        found.append(Look(name, roles, at, LOOKS[action]))
    return found
