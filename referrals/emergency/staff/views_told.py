"""``/my/incidents/``: what the person may read of what was done for them, once it has ended and a psychologist has told them.

Until then there is no such page and no such incident for them: it is not learnt from a screen (chain §3, §6).
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.actor import ActingRequest
from kernel.errors import NotFound
from referrals import texts
from referrals.emergency.centre.incident_reading import read_told
from referrals.emergency.centre.incident_telling import who_knows
from referrals.emergency.looks import PAGE, looks_at, named
from referrals.emergency.models import AgreedPlan, Incident
from referrals.emergency.told import told_incidents
from referrals.emergency.workflow import agreeing
from referrals.emergency.workflow.keeping import last_day
from ui.templatetags.ui import school_day


@dataclass(frozen=True, slots=True)
class Told:
    """One incident as its person reads it. ``looks``: which office looked, when, at what; never a name."""

    days: str
    knows: list[tuple[str, str]]
    looks: list[tuple[Any, Any, Any]]
    plan: AgreedPlan | None
    words: dict[str, str]
    until: str


@require_safe
@signed_in
def told(request: ActingRequest) -> HttpResponse:
    """Newest first. 404 while there is nothing that was told."""
    rows = list(told_incidents(request.actor))
    if not rows:
        raise NotFound
    context = {"rows": [_told(request, row) for row in rows], "quick_exit": True}
    return render(request, "emergency/told.html", context)


def _told(request: ActingRequest, one: Incident) -> Told:
    plan = agreeing.newest(one)
    looks = named(list(looks_at(one)[:PAGE]))
    return Told(
        _days(one),
        who_knows(read_told(request.actor, one), to_person=True),
        [(_looker(look.roles), look.at, look.at_what) for look in looks],
        plan,
        agreeing.words_of(one, plan) if plan else {},
        date_format(last) if (last := last_day(request.tenant, one)) else "",
    )


def _days(one: Incident) -> str:
    """From when to when; one day once."""
    return " – ".join(dict.fromkeys(school_day(moment) for moment in (one.opened_at, one.closed_at)))


def _looker(roles: tuple[str, ...]) -> Any:
    """As of a request: the office, never the name."""
    found = next((texts.LOOKERS[role] for role in texts.LOOKERS if role in roles), None)
    return found or _("Somebody who was called to help")
