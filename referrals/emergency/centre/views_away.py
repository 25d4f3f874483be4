"""``/centre/emergency/duty/away/``: who says when they are away, what is not filled yet, and one's own calendar address."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import DayField
from kernel.errors import DomainError
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.centre.shown import colleagues_named
from referrals.emergency.duty_calendar import calendar_of, feed_of
from referrals.emergency.models import DutyAway, DutyFeed, chain_moment
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.readiness_facts import away_to_come, unfilled_of
from referrals.emergency.rules.away import FILLED_BEFORE, Unfilled
from referrals.emergency.rules.on_duty import rota_day
from referrals.emergency.workflow.away import enter_away, take_back_away
from referrals.emergency.workflow.feeds import end_feed, make_feed
from referrals.emergency.workflow.hand_overs import accept_hand_over
from tenancy.middleware import SchoolRequest
from tenancy.models import Tenant
from ui.navigation import at_desk

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SHOWN_HOLES = 3


class AwayForm(ChainForm):
    """From which day to which."""

    elsewhere = "first_day"
    first_day = DayField(label=gettext_lazy("First day away"), widget=_DAY)
    last_day = DayField(label=gettext_lazy("Last day away"), widget=_DAY, help_text=gettext_lazy("Nobody asks why."))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duty.take")
def away(request: ActingRequest) -> HttpResponse:
    """Everybody's days to come with what nobody has yet; below, a form for one's own."""
    form = AwayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            enter_away(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered. Whoever keeps the rota was told."))
            return redirect("emergency_away")
    return _page(request, form, "")


def _page(request: ActingRequest, form: AwayForm, token: str) -> HttpResponse:
    school, moment = request.tenant, chain_moment()
    rows = list(away_to_come(school.day_of(moment)))
    found = {one.away.key: one for one in unfilled_of(school, moment)} if rows else {}
    me = request.actor.membership_id
    names = colleagues_named(row.member_id for row in rows)
    context = at_desk(
        request,
        "emergency",
        form=form,
        rows=[_row(row, names.get(row.member_id, ""), found.get(row.pk), school, moment) for row in rows],
        me=me,
        may_keep=request.actor.may("chain.rota"),
        has_feed=DutyFeed.objects.filter(member_id=me).exists(),
        feed_url=request.build_absolute_uri(reverse("emergency_duty_calendar", args=[token])) if token else "",
    )
    return render(request, "emergency/away.html", context, status=422 if form.errors else 200)


def _row(row: DutyAway, name: str, found: Unfilled | None, school: Tenant, moment: datetime) -> dict[str, Any]:
    holes = found.holes if found else ()
    return {
        "pk": row.pk,
        "member": row.member_id,
        "name": name,
        "first": row.first_day,
        "last": row.last_day,
        "due_on": row.first_day - FILLED_BEFORE,
        "is_due": found is not None and found.away.must_be_filled(moment),
        "holes": [
            (hole.starts_at, hole.ends_at, rota_day(hole.starts_at, school.time_zone)) for hole in holes[:SHOWN_HOLES]
        ],
        "more": max(0, len(holes) - SHOWN_HOLES),
    }


@require_POST
@role_required("duty.take")
@calm_when_over("emergency_away", key="away_id", removed=("emergency.dutyaway", "duty_away.back"), is_own=True)
def away_back(request: ActingRequest, away_id: UUID) -> HttpResponse:
    """There after all."""
    take_back_away(actor=request.actor, away_id=away_id)
    messages.success(request, _("Taken back."))
    return redirect("emergency_away")


@require_POST
@role_required("duty.take")
def feed_new(request: ActingRequest) -> HttpResponse:
    """One's own address, made anew: it stands on the page that answers, and nowhere else ever."""
    token = make_feed(actor=request.actor)
    answer = _page(request, AwayForm(), token)
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@role_required("duty.take")
def feed_end(request: ActingRequest) -> HttpResponse:
    """The address is dead."""
    if not end_feed(actor=request.actor):
        return already_done(request, "emergency_away")
    messages.success(request, _("The calendar reads it no more."))
    return redirect("emergency_away")


@require_safe
def duty_calendar(request: SchoolRequest, token: str) -> HttpResponse:
    """The shifts behind a secret address: for a calendar, without sign-in. Missing for whoever has left or lost the role."""
    school, moment = request.tenant, chain_moment()
    feed = feed_of(school, token, moment) if school is not None else None
    if feed is None or school is None:
        raise Http404
    answer = HttpResponse(calendar_of(school, feed, moment), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@role_required("duty.take")
@calm_when_over("emergency_duty")
def hand_over(request: ActingRequest, shift_id: UUID) -> HttpResponse:
    """Read what is open."""
    accept_hand_over(actor=request.actor, shift_id=shift_id)
    messages.success(request, _("You have it. Thank you."))
    return redirect("emergency_duty")
