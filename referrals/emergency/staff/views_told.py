"""``/my/incidents/``: what the person may read of what was done for them, once it has ended and a psychologist has told them.

Until then there is no such page and no such incident for them: it is not learnt from a screen (chain §3, §6).
"""

from collections import Counter
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
from referrals.emergency.looks import Looks, counted
from referrals.emergency.models import AgreedPlan, Incident
from referrals.emergency.told import told_incidents
from referrals.emergency.workflow import agreeing
from referrals.emergency.workflow.keeping import last_day
from ui.templatetags.ui import school_day


@dataclass(frozen=True, slots=True)
class Told:
    """One incident as its person reads it. ``looks``: which office looked on which day, at what, how often; never a name."""

    days: str
    knows: list[tuple[str, str]]
    looks: list[tuple[Any, str, Any, int]]
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
    return Told(
        _days(one),
        who_knows(read_told(request.actor, one), to_person=True),
        _by_office(counted(one, request.tenant.time_zone)),
        plan,
        agreeing.words_of(one, plan) if plan else {},
        date_format(last) if (last := last_day(request.tenant, one)) else "",
    )


def _days(one: Incident) -> str:
    """From when to when; one day once."""
    return " – ".join(dict.fromkeys(school_day(moment) for moment in (one.opened_at, one.closed_at)))


def _by_office(looks: list[Looks]) -> list[tuple[Any, str, Any, int]]:
    """An office, a day, at what and how often: several of one office are one line, so that no single colleague is made out."""
    found: Counter[tuple[str, str, str]] = Counter()
    for look in looks:
        found[str(_looker(look.roles)), school_day(look.day), str(look.at_what)] += look.count
    return [(who, day, what, count) for (who, day, what), count in found.items()]


def _looker(roles: tuple[str, ...]) -> Any:
    """As of a request: the office, never the name."""
    found = next((texts.LOOKERS[role] for role in texts.LOOKERS if role in roles), None)
    return found or _("Somebody who was called to help")
