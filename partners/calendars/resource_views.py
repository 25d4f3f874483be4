"""``/partner/people/``: an institution's office keeps who and what can be had, their hours and absences (books §4)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.money import yuan
from partners.calendars.forms import hours_text
from partners.calendars.models import Absence, Closure, Resource
from partners.calendars.opening import Hours
from partners.calendars.resource_forms import AbsenceForm, ResourceForm, ResourceWeekForm, services_of
from partners.calendars.resource_workflow import (
    add_resource,
    be_absent,
    be_there,
    change_resource,
    save_resource_hours,
    set_mode,
    set_resource_active,
)
from partners.calendars.selectors import opening_of
from partners.calendars.views import closure_text
from partners.calendars.workflow import MANAGE
from partners.kinds import ResourceKind, ServiceMode, Speciality
from partners.models import Institution
from ui.names import named

_ADD = {
    ResourceKind.COUNSELLOR: lambda: _("Add a counsellor"),
    ResourceKind.ROOM: lambda: _("Add a room"),
    ResourceKind.GROUP: lambda: _("Add a group"),
    ResourceKind.SEAT: lambda: _("Add places"),
}


def _institution(request: ActingRequest) -> UUID:
    if request.actor.institution_id is None:
        raise NotFound
    return request.actor.institution_id


def _own(request: ActingRequest, resource_id: UUID) -> Resource:
    found = (
        Resource.objects.filter(pk=resource_id, institution_id=_institution(request))
        .prefetch_related("services", "hours")
        .first()
    )
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required(MANAGE)
def agency(request: ActingRequest) -> HttpResponse:
    """What schools see of the institution, and the doors to its hours and its people."""
    found = Institution.objects.get(pk=_institution(request))
    opening = opening_of(found.pk)
    resources = Resource.objects.filter(institution=found, active=True).count()
    closures = Closure.objects.filter(institution=found, during__endswith__gt=now()).count()
    context = {
        "institution": found,
        "facts": [
            (pgettext("institution", "Name"), named(found)),
            (_("Kind"), found.get_kind_display()),
            (_("Address"), found.address),
            (_("Telephone"), found.phone),
            (_("Area served"), found.area or "–"),
        ],
        "services": services_of(found.pk),
        "is_said": opening.is_said,
        "people": ngettext("%(count)d can be booked", "%(count)d can be booked", resources) % {"count": resources},
        "has_people": bool(resources),
        "closures": ngettext("%(count)d closure to come", "%(count)d closures to come", closures) % {"count": closures}
        if closures
        else _("No closure to come"),
    }
    return render(request, "partners/calendars/agency.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def service_mode(request: ActingRequest, service_id: UUID) -> HttpResponse:
    """How a time of one service is found: what changes for people (GET), then the button."""
    service = next((row for row in services_of(_institution(request)) if row.pk == service_id), None)
    if service is None:
        raise NotFound
    if request.method == "POST":
        set_mode(actor=request.actor, service_id=service.pk, at_once=request.POST.get("at_once") == "1")
        messages.success(request, _("Saved."))
        return redirect("partner_agency")
    is_instant = service.mode == ServiceMode.INSTANT
    context = {
        "title": _("Be asked for every time?") if is_instant else _("Let people choose free times?"),
        "facts": [(pgettext("institution", "Service"), named(service)), (_("Price"), yuan(service.list_fee_fen))],
        "lead": _("People say which times suit them, and you confirm one. What is booked stays.")
        if is_instant
        else _(
            "People see your free times of the next two weeks and take one; it is confirmed at once and stands in your week. You are told each time. Keep hours and absences right."
        ),
        "confirm_label": _("Be asked") if is_instant else _("Let them choose"),
        "hidden": [("at_once", "0" if is_instant else "1")],
        "back_url": reverse("partner_agency"),
    }
    return render(request, "ui/confirm.html", context)


@require_safe
@role_required(MANAGE)
def people(request: ActingRequest) -> HttpResponse:
    """Everybody and everything that can be had, and who is not any more."""
    rows = (
        Resource.objects.filter(institution_id=_institution(request))
        .prefetch_related("services", "hours", "absences")
        .order_by("-active", "created_at", "id")
    )
    shown = [{"resource": row, "text": facts_line(row), "away": _next_absence(row)} for row in rows]
    kinds = [(kind.value, text()) for kind, text in _ADD.items()]
    context = {"rows": shown, "kinds": kinds}
    return render(request, "partners/calendars/people.html", context)


def facts_line(row: Resource) -> str:
    """What it is in a few words: who, where, how many, when."""
    words = [row.get_kind_display(), row.get_gender_display() if row.gender else "", _where(row)]
    if row.kind != ResourceKind.COUNSELLOR:
        words.append(ngettext("%(count)d place", "%(count)d places", row.capacity) % {"count": row.capacity})
    if row.buffer_minutes:
        words.append(_("%(minutes)d minutes between two") % {"minutes": row.buffer_minutes})
    return " · ".join(word for word in words if word)


def _where(row: Resource) -> str:
    match row.on_site, row.online:
        case True, True:
            return _("appointments on site and online")
        case True, False:
            return _("appointments on site")
        case False, True:
            return _("appointments online")
        case _:
            return ""


def _next_absence(row: Resource) -> str:
    coming = sorted((each for each in row.absences.all() if each.during.upper > now()), key=lambda each: each.during)
    return closure_text(coming[0]) if coming else ""


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def resource_new(request: ActingRequest, kind: str) -> HttpResponse:
    """Somebody or something to be booked."""
    if kind not in ResourceKind.values:
        raise NotFound
    form = ResourceForm(
        request.POST if request.method == "POST" else None, kind=kind, services=services_of(_institution(request))
    )
    if form.is_valid():
        try:
            made = add_resource(actor=request.actor, kind=kind, draft=form.draft())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. From now on it can be booked."))
            return redirect("partner_resource", resource_id=made.pk)
    back = reverse("partner_people")
    is_first = kind == ResourceKind.COUNSELLOR and not Resource.objects.filter(place=_institution(request)).exists()
    return _form_page(request, form, _ADD[ResourceKind(kind)](), back, is_first=is_first)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def resource_change(request: ActingRequest, resource_id: UUID) -> HttpResponse:
    """Say it anew."""
    found = _own(request, resource_id)
    form = ResourceForm(
        request.POST if request.method == "POST" else None,
        kind=found.kind,
        services=services_of(found.institution_id),
        initial=ResourceForm.initial_of(found),
    )
    back = reverse("partner_resource", args=[found.pk])
    if form.is_valid():
        try:
            change_resource(actor=request.actor, resource_id=found.pk, draft=form.draft())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Appointments that stand stay as they are."))
            return redirect(back)
    return _form_page(request, form, _("Change what is said of it"), back)


def _form_page(request: ActingRequest, form: ResourceForm, heading: str, back: str, **more: Any) -> HttpResponse:
    context = {"form": form, "heading": heading, "back_url": back, **more}
    return render(request, "partners/calendars/resource_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def resource(request: ActingRequest, resource_id: UUID) -> HttpResponse:
    """One of them: what is said, its own week (POST), its absences."""
    found = _own(request, resource_id)
    hours = tuple(Hours(row.weekday, row.opens, row.closes) for row in found.hours.all())
    form = ResourceWeekForm(
        request.POST if request.method == "POST" else None, initial=ResourceWeekForm.initial_of(hours)
    )
    if form.is_valid():
        try:
            save_resource_hours(actor=request.actor, resource_id=found.pk, week=form.week())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. New appointments are within these hours only."))
            return redirect("partner_resource", resource_id=found.pk)
    absences = found.absences.filter(during__endswith__gt=now()).order_by("during")
    context = {
        "resource": found,
        "form": form,
        "line": facts_line(found),
        "services": "、".join(named(each) for each in found.services.all()),
        "specialities": "、".join(str(Speciality(value).label) for value in found.specialities),
        "has_own": bool(hours),
        "agency_hours": _week_text(found),
        "absences": [(row, closure_text(row)) for row in absences],
    }
    return render(request, "partners/calendars/resource.html", context, status=422 if form.errors else 200)


def _week_text(found: Resource) -> str:
    """The agency's hours of the first day on which it is open, as an example beside the lines."""
    hours = opening_of(found.institution_id).hours
    first = [
        (row.opens, row.closes) for row in hours if row.weekday == min((each.weekday for each in hours), default=0)
    ]
    return hours_text(first) if first else ""


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def absence_new(request: ActingRequest, resource_id: UUID) -> HttpResponse:
    """Away from, until, and a note for oneself."""
    found = _own(request, resource_id)
    initial = {"first_day": request.GET.get("day", "")} if request.method != "POST" else None
    form = AbsenceForm(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("partner_resource", args=[found.pk])
    if form.is_valid():
        try:
            be_absent(actor=request.actor, resource_id=found.pk, **form.closure())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. No new appointment is made for that time."))
            return redirect(back)
    context = {"form": form, "resource": found, "back_url": back}
    return render(request, "partners/calendars/absence.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(MANAGE)
def absence_remove(request: ActingRequest, absence_id: UUID) -> HttpResponse:
    """There after all."""
    found = Absence.objects.filter(pk=absence_id, resource__institution_id=_institution(request)).first()
    be_there(actor=request.actor, absence_id=absence_id)
    assert found is not None  # the writer has found it
    messages.success(request, _("Removed. The hours hold again for that time."))
    return redirect("partner_resource", resource_id=found.resource_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(MANAGE)
def resource_switch(request: ActingRequest, resource_id: UUID) -> HttpResponse:
    """Take no new appointment (GET asks, POST does), or take some again."""
    found = _own(request, resource_id)
    back = reverse("partner_resource", args=[found.pk])
    if request.method == "POST":
        set_resource_active(actor=request.actor, resource_id=found.pk, active=request.POST.get("active") == "1")
        messages.success(request, _("Saved."))
        return redirect(back)
    lead = (
        _("Appointments that stand stay: please move them or ring the people. It can be undone at any time.")
        if found.active
        else _("People can choose it again from now on.")
    )
    context = {
        "title": _("Take no new appointments?") if found.active else _("Take appointments again?"),
        "facts": [(pgettext("resource", "Name"), found.name), (_("Kind"), found.get_kind_display())],
        "lead": lead,
        "confirm_label": _("No new ones") if found.active else _("Take them again"),
        "hidden": [("active", "0" if found.active else "1")],
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)
