"""The school's own line as every page shows it (``settings.SCHOOL_LINE``), by the state of the chain: one place decides.

While the chain is live the line reaches whoever is on duty at any hour (chain §1), whatever its office hours say; a school
without a number of its own shows the line behind its chain. Until then its written hours hold (chain §2 Going live).
"""

import time
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import DatabaseError
from django.utils.translation import gettext as _

from referrals.emergency.models import Chain
from referrals.emergency.rules.line_numbers import as_dialled
from referrals.emergency.rules.plan_states import ChainState
from tenancy.models import Tenant
from tenancy.scope import NoTenant, use_tenant
from ui.school_line import SchoolLine
from workdays.duty import is_shut

_SECONDS: Final = 5.0
_known: dict[UUID, tuple[float, "_Standing"]] = {}


class _Standing(NamedTuple):
    """Whether the chain is live, and the number behind it."""

    is_live: bool
    number: str


_OFF: Final = _Standing(is_live=False, number="")


def line_of(school: Any) -> SchoolLine:
    """The line of ``school``; none for the platform and for hosts nobody owns. Asks at most once in five seconds."""
    if school is None:
        return SchoolLine()
    phone, hours = school.duty_phone or "", school.duty_hours or ""
    if not isinstance(school, Tenant):  # an error page's stand-in is asked for nothing
        return SchoolLine(phone, hours)
    standing = _standing(school)
    if standing.is_live:
        return SchoolLine(phone or as_dialled(standing.number), _("Day and night: whoever is on duty answers"))
    return SchoolLine(phone, hours, bool(phone and hours) and is_shut(school))


def is_live(school: Tenant) -> bool:
    """Whether the school's chain is live, at most five seconds old: for what is only shown."""
    return _standing(school).is_live


def call_back(school: Tenant) -> str:
    """Where a person answers: the school's own line, else the one behind its chain."""
    return school.duty_phone or as_dialled(_standing(school).number)


def forget() -> None:
    """Drop what is remembered: after a change, and between tests."""
    _known.clear()


def _standing(school: Tenant) -> _Standing:
    remembered = _known.get(school.pk)
    if remembered and time.monotonic() - remembered[0] < _SECONDS:
        return remembered[1]
    try:
        with use_tenant(school.pk):
            row = Chain.objects.values_list("state", "operator_line__number").first()
    except (DatabaseError, NoTenant):
        return _OFF  # a page about a fault asks for nothing that may fail
    found = _Standing(row[0] == ChainState.LIVE, row[1] or "") if row else _OFF
    _known[school.pk] = (time.monotonic(), found)
    return found
