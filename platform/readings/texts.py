"""How somebody stands, and whom a reading is for, in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from accounts.roles import Role
from readings.models import Reading
from readings.rules import Stand

STANDS: Final[Mapping[Stand, Any]] = {
    Stand.HAS: _("Has the document"),
    Stand.OPEN: _("Not yet"),
    Stand.LATE: _("Past the day"),
    Stand.TIME: _("Still has time"),
    Stand.AWAY: _("On a long leave"),
}
SIGNS: Final[Mapping[Stand, tuple[str, str]]] = {
    Stand.HAS: ("ok", "check"),
    Stand.OPEN: ("wait", "clock"),
    Stand.LATE: ("bad", "alert"),
    Stand.TIME: ("", "clock"),
    Stand.AWAY: ("", "minus"),
}
"""Tone and icon of ``{% tag %}``."""


def sign(stand: Stand) -> dict[str, Any]:
    """What ``{% tag %}`` needs."""
    tone, icon = SIGNS[stand]
    return {"tone": tone, "icon": icon, "text": STANDS[stand]}


def audience_words(reading: Reading) -> str:
    """For whom it is."""
    if not reading.roles and not reading.departments:
        return _now("All staff")
    names = [str(Role(role).label) for role in reading.roles]
    if reading.departments:
        found = Department.objects.filter(pk__in=reading.departments).order_by("sort_key", "pk")
        names += list(found.values_list("name", flat=True))
    return "、".join(names)
