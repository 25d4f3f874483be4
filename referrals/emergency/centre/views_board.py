"""``/centre/emergency/``: what is open, by minutes without an answer; numbers alone, a name opens with a row of the record."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.emergency.centre.duty_shown import duty_of
from referrals.emergency.centre.incident_first import First, first_of, untaken
from referrals.emergency.centre.incident_lists import ClosedList
from referrals.emergency.centre.incident_reading import Read, Reports, read_open
from referrals.emergency.centre.incident_shown import leg_sign
from referrals.emergency.centre.incident_tasks import all_tasks
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.models import Incident
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.school_line import is_live
from referrals.emergency.workflow.moving import chain_now
from ui.navigation import at_desk
from ui.states import Sign, sign_of


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One incident on the board. ``legs``: what each of the four is called, and its sign."""

    incident: Incident
    first: First
    grade: Sign
    legs: list[tuple[str, Sign, str]]
    heading: str
    is_mine: bool
    reports: Reports


def row_of(read: Read) -> BoardRow:
    """As the board shows it: nothing of the person."""
    first = first_of(read)
    incident = read.incident
    sign = sign_of(incident.grade, "grade") if incident.grade else sign_of("reported", "incident")
    heading = (
        f"{LEG_TEXTS[LegKind(first.leg.kind)]} · {incident.number}"
        if first.is_untaken and first.leg
        else incident.number
    )
    legs = []
    for leg in read.legs.values():
        if leg.kind != LegKind.TEAM:
            found = leg_sign(read, leg)
            legs.append((str(LEG_TEXTS[LegKind(leg.kind)]), found, found.tone if found.tone != "" else "off"))
    mine = read.school.owner_id is not None and read.school.owner_id == read.actor.membership_id
    return BoardRow(incident, first, sign, legs, heading, mine, read.reports)


@require_safe
@role_required("incident.read")
def board(request: ActingRequest) -> HttpResponse:
    """Untaken first, the longest wait on top; then what is in hand; then what has ended, ``?q=&grade=&outcome=&page=``."""
    moment = chain_now()
    reads = read_open(request.actor, request.tenant, moment)
    waiting = [read for read in reads if untaken(read)]
    waiting.sort(key=lambda read: min(leg.since for leg in untaken(read)))
    count = sum(len(untaken(read)) for read in waiting)
    context = at_desk(
        request,
        "emergency",
        waiting=[row_of(read) for read in waiting],
        in_hand=[row_of(read) for read in reads if not untaken(read)],
        heading=_heading(count, is_any_open=bool(reads)),
        read_at=moment,
        tasks=all_tasks(request.actor, moment),
        duty=duty_of(request.actor, request.tenant, moment) if request.actor.may("chain.read") else None,
        may_keep=request.actor.may("chain.rota"),
        may_take=request.actor.may("duty.take"),
        calls=reads or is_live(request.tenant),
        may_open=request.actor.may("incident.open"),
        quick_exit=True,
        **ClosedList(request).context(),
    )
    return render(request, "emergency/board.html", context)


def _heading(untaken_lines: int, *, is_any_open: bool) -> str:
    """That every line has somebody is said of incidents that there are."""
    if untaken_lines:
        return ngettext("Nobody has %(n)d line", "Nobody has %(n)d lines", untaken_lines) % {"n": untaken_lines}
    return _("No line waits") if is_any_open else _("Nothing is open")


@require_safe
@role_required("incident.read")
def closed_csv(request: ActingRequest) -> HttpResponse:
    """The ended ones as a file; kept in the record."""
    return ClosedList(request).file()
