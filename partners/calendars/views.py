"""``/partner/opening/``: an institution keeps its week and its closures itself; schools see when, never why."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now, start_of_day
from kernel.errors import DomainError, NotFound
from partners.booked import booked_with
from partners.calendars.forms import ClosureForm, WeekForm
from partners.calendars.models import Absence, Closure
from partners.calendars.selectors import opening_of
from partners.calendars.workflow import MANAGE, close, reopen, save_hours
from ui.templatetags.ui import school_day, school_time


def _own(request: ActingRequest) -> UUID:
    if request.actor.institution_id is None:
        raise NotFound
    return request.actor.institution_id


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def opening(request: ActingRequest) -> HttpResponse:
    """The week as seven lines, and the closures to come."""
    found = opening_of(_own(request))
    form = WeekForm(request.POST if request.method == "POST" else None, initial=WeekForm.initial_of(found.hours))
    if form.is_valid():
        try:
            save_hours(actor=request.actor, week=form.week())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Schools see these hours from now on."))
            return redirect("partner_opening")
    return _page(request, form=form, is_said=found.is_said)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def closure_new(request: ActingRequest) -> HttpResponse:
    """Closed from, until, and a note for oneself."""
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = close(actor=request.actor, **form.closure())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. No new appointment is made for that time."))
            _warn_of_appointments(request, made)
            return redirect("partner_opening")
    context = {"form": form}
    return render(request, "partners/calendars/closure.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@role_required(MANAGE)
def closure_remove(request: ActingRequest, closure_id: UUID) -> HttpResponse:
    """Open after all."""
    reopen(actor=request.actor, closure_id=closure_id)
    messages.success(request, _("Removed. Your weekly hours hold again for that time."))
    return redirect("partner_opening")


def _page(request: ActingRequest, **context: Any) -> HttpResponse:
    rows = Closure.objects.filter(institution_id=_own(request), during__endswith__gt=now()).order_by("during")
    page = {"closures": [(row, closure_text(row)) for row in rows], **context}
    return render(request, "partners/calendars/opening.html", page, status=422 if context["form"].errors else 200)


def closure_text(closure: Closure | Absence) -> str:
    """Whole days by their days, else by the clock."""
    starts, ends = closure.during.lower, closure.during.upper
    first, last = local_day(starts), local_day(ends)
    if starts != start_of_day(first) or ends != start_of_day(last):
        return f"{school_time(starts)} – {school_time(ends)}"
    days = dict.fromkeys((first, last - timedelta(days=1)))
    return _("%(days)s, all day") % {"days": " – ".join(map(school_day, days))}


def _warn_of_appointments(request: ActingRequest, closure: Closure) -> None:
    """What was agreed for the time stays; somebody must ring."""
    first, last = local_day(closure.during.lower), local_day(closure.during.upper)
    count = sum(first <= row.day <= last for row in booked_with(_own(request)))
    if count:
        told = ngettext(
            "%(count)d appointment stands in these days and stays. Please ring the person.",
            "%(count)d appointments stand in these days and stay. Please ring the people.",
            count,
        )
        messages.warning(request, told % {"count": count})
