"""``/partner/week/``: the agency's week at the desk, one day of it on a telephone."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now, read_day
from partners.kinds import CounsellorGender, ResourceKind
from partners.models import Institution
from referrals.counter.selectors import waiting_up_to
from referrals.week import DAYS, Row, week_of
from ui.names import named


@require_safe
@role_required("partner.read")
def week(request: ActingRequest) -> HttpResponse:
    """``?day=``: the week in which it lies, else the one that is on, on a Sunday the next; on a telephone that day alone."""
    moment = now()
    today = local_day(moment)
    day = read_day(request.GET.get("day")) or first_shown(today)
    first = day - timedelta(days=day.weekday())
    found = week_of(request.actor, first, moment)
    institution = Institution.objects.get(pk=request.actor.institution_id)
    context = {
        "week": found,
        "last": found.days[-1],
        "days": [
            {
                "day": each,
                "is_today": each == today,
                "is_shown": each == day,
                "is_shut": not found.hours[each],
                "count": found.counts.get(each, 0),
                "hours": found.hours[each],
                "url": _address(each),
            }
            for each in found.days
        ],
        "rows": [{"row": row, "name": row.place.name or named(institution), "text": _text(row)} for row in found.rows],
        "day": day,
        "earlier": _address(day - timedelta(days=DAYS)),
        "later": _address(day + timedelta(days=DAYS)),
        "now_url": reverse("partner_week"),
        "may_manage": request.actor.may("opening.manage"),
        "may_answer": request.actor.may("partner.answer"),
        "waiting": waiting_up_to(10, request.actor) if request.actor.may("partner.answer") else 0,
        "moment": moment,
    }
    return render(request, "referrals/partner/week.html", context)


def _address(day: date) -> str:
    return reverse("partner_week", query={"day": day.isoformat()})


def _text(row: Row) -> str:
    place = row.place
    words: list[Any] = []
    if place.gender:
        words.append(CounsellorGender(place.gender).label)
    if place.kind and place.kind != ResourceKind.COUNSELLOR:
        words.append(ResourceKind(place.kind).label)
    if place.capacity > 1:
        words.append(f"≤ {place.capacity}")
    return " · ".join(str(word) for word in words)


def first_shown(today: date) -> date:
    """Which day the page opens with: today, and on a Sunday the Monday to come, for that week is over."""
    return today + timedelta(days=1) if today.isoweekday() == DAYS else today
