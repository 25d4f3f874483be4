"""``/school/settings/calendar/``: the state's days, and where the school differs."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError
from ui.navigation import at_desk
from workdays.forms import ChangeForm
from workdays.models import CalendarChange
from workdays.state_table import KNOWN_YEARS, REST, WORK
from workdays.workflow import add_change, remove_change


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("workday.manage")
def school_calendar(request: ActingRequest) -> HttpResponse:
    """The school's own entries, a form for another, and what the state has announced for this year and the next."""
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_change(actor=request.actor, **form.change())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("school_calendar")
    today = request.tenant.today()
    changes = CalendarChange.objects.filter(last_day__gte=date(today.year, 1, 1))
    years = [(year, year in KNOWN_YEARS, _announced(year)) for year in (today.year, today.year + 1)]
    context = at_desk(request, "school", form=form, changes=changes, years=years)
    return render(request, "workdays/calendar.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@role_required("workday.manage")
def school_calendar_remove(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """Take an entry out."""
    remove_change(actor=request.actor, change_id=change_id)
    messages.success(request, gettext("Removed. The state's table holds again for these days."))
    return redirect("school_calendar")


def _announced(year: int) -> list[tuple[str, bool]]:
    """What the state has announced for ``year``, by day: the days in words, and whether they are worked."""
    spans = [(first, last, False) for first, last in _runs(sorted(day for day in REST if day.year == year))]
    rows = sorted([*spans, *((day, day, True) for day in WORK if day.year == year)])
    return [(" – ".join(map(_short, dict.fromkeys((first, last)))), is_workday) for first, last, is_workday in rows]


def _short(day: date) -> str:
    """Without its year, which stands above."""
    return date_format(day, pgettext("day", "D j M"))


def _runs(days: list[date]) -> list[tuple[date, date]]:
    """Days that follow each other, as ``(first, last)``."""
    breaks = [n for n, (one, other) in enumerate(pairwise(days), 1) if other - one > timedelta(days=1)]
    edges = [0, *breaks, len(days)]
    return [(days[first], days[last - 1]) for first, last in pairwise(edges) if last > first]
