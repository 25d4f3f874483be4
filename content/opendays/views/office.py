"""``/union/open-days/``: the organiser plans a day, sees numbers, opens gates, prints the list."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from content.opendays.access import organised, session_of
from content.opendays.checkins import families
from content.opendays.forms import GateForm, PlanForm, SessionForm
from content.opendays.models import Claim, OpenDay, OpenDayPage
from content.opendays.paper import visitors_pdf
from content.opendays.pictures import take_down_by, taken_back
from content.opendays.selectors import rooms, shown
from content.opendays.survey_questions import OPEN_DAY
from content.opendays.views.surveying import survey_address
from content.opendays.workflow.days import (
    call_off_day,
    change_day,
    drop_session,
    plan_day,
    publish_day,
    put_session,
)
from content.opendays.workflow.gate import open_gate, shut_gate
from kernel.clock import now
from kernel.errors import DomainError
from surveys.selectors import standing
from ui.lists import ListPage, page_of
from ui.navigation import at_desk

BAD_FORM = 422
PER_PAGE = 20


@require_safe
@role_required("openday.run")
def office_open_days(request: ActingRequest) -> HttpResponse:
    """Every open day, the newest first."""
    days = OpenDay.objects.annotate(answers=Count("parties", filter=Q(parties__left_at__isnull=True))).order_by(
        "-starts_at", "pk"
    )
    page: ListPage[OpenDay] = page_of(days, request.GET.get("page"), PER_PAGE)
    return render(request, "opendays/office_list.html", at_desk(request, "union", page=page))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_open_day_new(request: ActingRequest) -> HttpResponse:
    """Plan one; nobody sees it before it is published."""
    form = PlanForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            day = plan_day(actor=request.actor, school=request.tenant, plan=form.plan(request.tenant))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Add the programme, then publish it."))
            return redirect("office_open_day", open_day_id=day.pk)
    return _form(request, form, _("Plan an open day"), reverse("office_open_days"))


@require_safe
@role_required("openday.run")
def office_open_day(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """One day in numbers: seats, line, gates, pictures to take down. No name."""
    day = organised(request.actor, open_day_id)
    seen = shown(day)
    waiting = dict(
        Claim.objects.filter(session__open_day=day, wants__gt=0)
        .values_list("session")
        .annotate(n=Count("pk"))
        .order_by()
    )
    gates = [
        (steward, request.build_absolute_uri(reverse("openday_gate", args=[steward.token])))
        for steward in day.stewards.filter(ended_at__isnull=True).order_by("created_at")
    ]
    rows, whole = families(day)
    asked = standing(OPEN_DAY, day.pk)
    context = at_desk(
        request,
        "union",
        day=day,
        page_href=_href(day),
        rooms=[(room, waiting.get(room.session.pk, 0)) for room in rooms(seen.sessions)],
        tally=whole,
        families=len(rows),
        gates=gates,
        gate_form=GateForm(label_suffix=""),
        taken_down=take_down_by(taken_back(day), request.tenant),
        asked=asked,
        asked_at=survey_address(request, asked.survey) if asked else "",
        may_close=now() >= day.ends_at,
        may_change=now() < day.starts_at and day.state != "called_off",
    )
    return render(request, "opendays/office_day.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_open_day_change(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """Other hours, another place, more or fewer seats."""
    day = organised(request.actor, open_day_id)
    entry = shown(day).entry
    initial = PlanForm.of(day, entry.capacity or 0, request.tenant)
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if form.is_bound and form.is_valid():
        try:
            change_day(actor=request.actor, school=request.tenant, open_day_id=day.pk, plan=form.plan(request.tenant))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. If hours or place changed, whoever invited is told."))
            return redirect("office_open_day", open_day_id=day.pk)
    return _form(request, form, _("Change this open day"), reverse("office_open_day", args=[day.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_session(request: ActingRequest, open_day_id: UUID, session_id: UUID | None = None) -> HttpResponse:
    """A session more, or another word about one."""
    day = organised(request.actor, open_day_id)
    session = session_of(day, session_id) if session_id else None
    initial = SessionForm.of(session, request.tenant) if session else {}
    form = SessionForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if form.is_bound and form.is_valid():
        try:
            put_session(
                actor=request.actor,
                open_day_id=day.pk,
                item=form.item(day, request.tenant),
                session_id=session.pk if session else None,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office_open_day", open_day_id=day.pk)
    title = _("Change a session") if session else _("Add a session")
    return _form(request, form, title, reverse("office_open_day", args=[day.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_session_drop(request: ActingRequest, open_day_id: UUID, session_id: UUID) -> HttpResponse:
    """Take a session off the programme, asked once more."""
    day = organised(request.actor, open_day_id)
    session = session_of(day, session_id)
    if request.method == "POST":
        drop_session(actor=request.actor, open_day_id=day.pk, session_id=session.pk)
        messages.success(request, _("The session is off the programme."))
        return redirect("office_open_day", open_day_id=day.pk)
    context = {
        "title": _("Take this session off the programme?"),
        "lead": _("Families read the programme without it from now on."),
        "facts": [(_("Session"), session.title)],
        "confirm_label": _("Take it off the programme"),
        "back_url": reverse("office_open_day", args=[day.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_open_day_publish(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """What publishing means, then the button."""
    day = organised(request.actor, open_day_id)
    if request.method == "POST":
        publish_day(actor=request.actor, open_day_id=day.pk)
        messages.success(request, _("Published. Everybody who works here can invite their family now."))
        return redirect("office_open_day", open_day_id=day.pk)
    context = {
        "title": _("Publish this open day?"),
        "lead": _(
            "Its page is on the school's site, and everybody who works here can invite their family. Hours and places can still be changed."
        ),
        "facts": [(_("Title"), day.title)],
        "confirm_label": _("Publish"),
        "back_url": reverse("office_open_day", args=[day.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_open_day_call_off(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """What calling off means, then the button."""
    day = organised(request.actor, open_day_id)
    if request.method == "POST":
        call_off_day(actor=request.actor, open_day_id=day.pk)
        messages.success(request, _("Called off. Whoever invited is told."))
        return redirect("office_open_day", open_day_id=day.pk)
    context = {
        "title": _("Call this open day off?"),
        "lead": _(
            "It cannot be taken back. Whoever invited is told at once, the page says so, and calendars take it out."
        ),
        "facts": [(_("Title"), day.title)],
        "danger": True,
        "confirm_label": _("Call the day off"),
        "back_url": reverse("office_open_day", args=[day.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@role_required("openday.run")
def office_gate_open(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """A link for one gate."""
    day = organised(request.actor, open_day_id)
    form = GateForm(request.POST, label_suffix="")
    if form.is_valid():
        open_gate(actor=request.actor, open_day_id=day.pk, gate=form.cleaned_data["gate"])
        messages.success(request, _("The link works on the day itself only."))
    else:
        messages.error(request, _("Say which gate it is for. Nothing was changed."))
    return redirect("office_open_day", open_day_id=day.pk)


@require_POST
@role_required("openday.run")
def office_gate_shut(request: ActingRequest, open_day_id: UUID, steward_id: UUID) -> HttpResponse:
    """The link of a gate opens nothing any more."""
    shut_gate(actor=request.actor, open_day_id=open_day_id, steward_id=steward_id)
    messages.success(request, _("The link opens nothing any more. What was counted stands."))
    return redirect("office_open_day", open_day_id=open_day_id)


@require_safe
@role_required("openday.run")
def office_visitors(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """The list for the gate: form of address, size, plate, leaf. Each opening is in the record."""
    day = organised(request.actor, open_day_id)
    rows, whole = families(day)
    record_read(actor=request.actor, action="openday.visitors", obj=day)
    context: dict[str, Any] = at_desk(request, "union", day=day, rows=rows, tally=whole)
    return render(request, "opendays/visitors.html", context)


@require_POST
@role_required("openday.run")
def office_visitors_print(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """The same list as PDF."""
    day = organised(request.actor, open_day_id)
    rows, whole = families(day)
    pdf = visitors_pdf(day, rows, whole, request.tenant)
    record_read(actor=request.actor, action="openday.visitors", obj=day, facts={"paper": True})
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="visitors.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _href(day: OpenDay) -> str:
    if day.page_id is None:
        return ""
    page = OpenDayPage.objects.filter(pk=day.page_id, live=True).first()
    return page.href if page else ""


def _form(request: ActingRequest, form: Any, title: str, back: str) -> HttpResponse:
    context = at_desk(request, "union", form=form, title=title, back_url=back)
    return render(request, "opendays/office_form.html", context, status=BAD_FORM if form.errors else 200)
