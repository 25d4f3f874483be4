"""The operator's pages of schools: the list, creating one, and each school's page."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.search import contains
from content.library import Stock, taken_stock
from kernel.errors import DomainError
from people.administrators import SchoolPeople, school_people
from schools.forms import AdministratorForm, DetailsForm, SchoolFilter, SchoolForm, SchoolWriterForm
from schools.workflow import access_school, add_administrator, change_school, create_school, invite_again
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.navigation import at_desk
from ui.templatetags.ui import school_day


class SchoolList(Listing[Tenant, Tenant]):
    """The schools of this installation, by address."""

    form = SchoolFilter
    file_route, file_name = "operator_schools_csv", "schools"
    export = "school.export"
    size = 25
    columns = (
        Column[Tenant](_("Name"), lambda row: named(row)),
        Column(_("Kind"), lambda row: row.get_kind_display()),
        Column(_("Address"), lambda row: row.host),
        Column(_("District"), lambda row: row.district),
    )
    nothing = nothing_found = Nothing(_("No school found"), _("Try another word, or add the first school."), "building")

    def rows(self) -> QuerySet[Tenant]:
        """Searched by name or address."""
        rows = Tenant.objects.exclude(kind=TenantKind.PLATFORM).order_by("slug")
        if self.wanted["q"]:
            rows = rows.filter(contains(self.wanted["q"], "name", "slug"))
        return rows.filter(kind=self.wanted["kind"]) if self.wanted["kind"] else rows


@require_safe
@role_required("school.read")
def schools(request: ActingRequest) -> HttpResponse:
    """All schools, searched by name or address."""
    return render(request, "schools/schools.html", at_desk(request, "operator", **SchoolList(request).context()))


@require_safe
@role_required("school.read")
def schools_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return SchoolList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("school.create")
def school_new(request: ActingRequest) -> HttpResponse:
    """Creates a school with its address, its pages and its first administrator."""
    form = SchoolForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = create_school(actor=request.actor, **form.school())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _welcome(made))
            return redirect("operator_school", school_id=made.pk)
    context = at_desk(request, "operator", form=form)
    return render(request, "schools/school_new.html", context, status=422 if form.errors else 200)


def _welcome(made: Tenant) -> str:
    """What was made, and that its administrator has been written to. Nobody's name: it would stand in a cookie."""
    told = gettext(
        "%(name)s is ready at %(host)s, and its administrator has been sent an invitation. Below stands what comes next."
    )
    return told % {"name": named(made), "host": made.host}


@require_safe
@role_required("school.read")
def school(request: ActingRequest, school_id: UUID) -> HttpResponse:
    """One school: what stands on it, who administers it, and how far it has come. Nobody else of it is named."""
    actor = request.actor
    found = access_school(actor, school_id)
    with use_tenant(found.id):
        people = school_people(actor)
    taken = taken_stock(found)
    steps = _steps(found, people, taken)
    context = at_desk(
        request,
        "operator",
        school=found,
        facts=_facts(found, people, taken),
        administrators=people.administrators,
        steps=steps if any(step["state"] != "done" for step in steps) else [],
        may_manage=actor.may("school.manage"),
        may_invite=any(person.is_due for person in people.administrators),
    )
    return render(request, "schools/school.html", context)


def _facts(found: Tenant, people: SchoolPeople, taken: Stock) -> list[tuple[Any, Any]]:
    address = format_html('<a href="http://{}:{}/" rel="noreferrer">{}</a>', found.host, settings.BASE_PORT, found.host)
    return [
        (_("Web address"), address),
        (_("Kind"), found.get_kind_display()),
        (_("English name"), found.name_en or "–"),
        (_("District"), found.district or "–"),
        (_("Letters on vouchers"), found.code),
        (_("Duty telephone"), found.duty_phone or "–"),
        (_("Duty hours"), found.duty_hours or "–"),
        (_("Here since"), school_day(found.created_at)),
        (_("Members"), people.members),
        (_("Administrators"), len(people.administrators)),
        (_("Pages taken from the library"), taken.total),
    ]


def _steps(found: Tenant, people: SchoolPeople, taken: Stock) -> list[dict[str, Any]]:
    """What a new school still needs, in order; the first that is missing is the one that is on."""
    chosen = people.administrators
    arrived = any(not person.waits for person in chosen)
    rows = [
        (True, _("Address, pages and key are there"), "", found.created_at),
        (
            bool(chosen),
            _("An administrator is named"),
            _("Invite one: without an administrator nobody can let the school's people in."),
            None,
        ),
        (
            arrived,
            _("An administrator takes their place"),
            ngettext(
                "The link in the invitation works once, within %(days)s day.",
                "The link in the invitation works once, within %(days)s days.",
                settings.INVITATION_DAYS,
            )
            % {"days": settings.INVITATION_DAYS},
            None,
        ),
        (
            people.members > len(chosen),
            _("The staff list comes in"),
            _("The administrator uploads it under School administration, and hands out the roles."),
            None,
        ),
    ]
    if taken.total:
        waiting = ngettext(
            "%(n)s page of the library is still a draft: the school's editor reviews and publishes it.",
            "%(n)s pages of the library are still drafts: the school's editor reviews and publishes them.",
            taken.waiting,
        )
        rows.append(
            (not taken.waiting, _("The pages of the library are reviewed"), waiting % {"n": taken.waiting}, None)
        )
    steps, is_on = [], True
    for done, title, note, at in rows:
        state = "done" if done else "now" if is_on else "next"
        is_on = is_on and done
        steps.append({"state": state, "title": title, "note": note if state == "now" else "", "at": at})
    return steps


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("school.manage")
def school_change(request: ActingRequest, school_id: UUID) -> HttpResponse:
    """Name, district and duty line."""
    found = access_school(request.actor, school_id)
    known = {name: getattr(found, name) for name in DetailsForm.field_order}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            change_school(actor=request.actor, school_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("operator_school", school_id=found.pk)
    return _form_page(request, found, form, heading=_("Change the details"), send=_("Save"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("school.manage")
def school_administrator(request: ActingRequest, school_id: UUID) -> HttpResponse:
    """Another administrator: somebody new, or one of the school's own people by the same address."""
    found = access_school(request.actor, school_id)
    form = AdministratorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            member = add_administrator(actor=request.actor, school_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            invited = gettext("The invitation is on its way.")
            known = gettext("This person has taken their place already and now administers, too.")
            messages.success(request, invited if member.waits else known)
            return redirect("operator_school", school_id=found.pk)
    lead = _("Somebody new is invited by e-mail. One of the school's own people, by the same address, gets the role.")
    return _form_page(
        request, found, form, heading=_("Another administrator"), lead=lead, send=_("Make an administrator")
    )


def _form_page(request: ActingRequest, found: Tenant, form: SchoolWriterForm, **context: Any) -> HttpResponse:
    back = reverse("operator_school", args=[found.pk])
    context = at_desk(request, "operator", school=found, form=form, back_url=back, **context)
    return render(request, "schools/school_form.html", context, status=422 if form.errors else 200)


@require_POST
@role_required("school.manage")
def school_invite(request: ActingRequest, school_id: UUID) -> HttpResponse:
    """Another invitation for the administrators who have not taken their place yet."""
    invite_again(actor=request.actor, school_id=school_id)
    messages.success(request, gettext("The invitation is on its way."))
    return redirect("operator_school", school_id=school_id)
