"""``/operator/institutions/``: what all schools share (platform host)."""

from collections.abc import Callable
from typing import Any, Final

from defusedcsv import csv
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import actor_for
from accounts.models import User
from audit.workflow import record_read
from kernel.errors import Invalid, NotFound
from partners.desks import at_desk
from partners.forms import (
    STATE_WORDS,
    InstitutionFilter,
    InstitutionForm,
    LicenceForm,
    MemberForm,
    ServiceForm,
    WriterForm,
)
from partners.models import Institution, Service
from partners.states import INSTITUTION_MOVES, InstitutionEvent, InstitutionState
from partners.workflow import (
    add_licence,
    add_member,
    add_service,
    create_institution,
    move_institution,
    set_service_active,
)

PAGE = 50
EVENT_WORDS: Final = {
    InstitutionEvent.VET: (_lazy("Papers checked"), _lazy("You confirm that the papers were looked at.")),
    InstitutionEvent.REJECT: (_lazy("Turn down"), _lazy("It is put away and no school can choose it.")),
    InstitutionEvent.LIST: (_lazy("List it"), _lazy("Every school can make agreements with it from now on.")),
    InstitutionEvent.SUSPEND: (
        _lazy("Suspend"),
        _lazy("No school can book it any more. Appointments that exist stay and are decided one by one."),
    ),
    InstitutionEvent.REINSTATE: (_lazy("List again"), _lazy("Schools with an agreement can book it again at once.")),
    InstitutionEvent.TERMINATE: (
        _lazy("Part for good"),
        _lazy("Its people lose their access and no school can book it. This cannot be undone."),
    ),
    InstitutionEvent.ARCHIVE: (_lazy("Put away"), _lazy("It leaves the lists; its records stay.")),
}


def _access(slug: str) -> Institution:
    institution = Institution.objects.filter(slug=slug).first()
    if institution is None:
        raise NotFound
    return institution


def _filtered(request: HttpRequest) -> tuple[InstitutionFilter, QuerySet[Institution]]:
    form = InstitutionFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = Institution.objects.order_by("name", "id")
    if text := chosen.get("q"):
        found = found.filter(
            Q(name__icontains=text) | Q(name_en__icontains=text) | Q(district__icontains=text) | Q(uscc=text.upper())
        )
    for column in ("kind", "state"):
        if chosen.get(column):
            found = found.filter(**{column: chosen[column]})
    return form, found


@require_safe
@role_required("institution.read")
def institutions(request: HttpRequest) -> HttpResponse:
    """The list: searched, filtered, 50 to a page."""
    form, found = _filtered(request)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = at_desk(
        request, "operator", filter=form, page=page, may_manage=actor_for(request).may("institution.manage")
    )
    return render(request, "partners/institutions.html", context)


@require_safe
@role_required("institution.read")
def institutions_csv(request: HttpRequest) -> HttpResponse:
    """The list as filtered, for a spreadsheet: cells that look like formulas are defused. The export is recorded."""
    _form, found = _filtered(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="institutions.csv"'
    response["Cache-Control"] = "no-store"
    out = csv.writer(response)
    out.writerow([_("Name"), _("Unified social credit code"), _("Kind"), _("State"), _("District"), _("Telephone")])
    rows = 0
    for row in found.iterator():
        rows += 1
        state = str(STATE_WORDS[row.state])
        out.writerow([row.name, row.uscc, str(row.get_kind_display()), state, row.district, row.phone])
    record_read(
        actor=actor_for(request), action="institution.export", object_type="partners.institution", facts={"rows": rows}
    )
    return response


@require_safe
@role_required("institution.read")
def institution(request: HttpRequest, slug: str) -> HttpResponse:
    """One institution: facts, papers, services, people, and the moves its state allows."""
    found = _access(slug)
    state = InstitutionState(found.state)
    moves = [(event, EVENT_WORDS[event][0]) for (before, event) in INSTITUTION_MOVES if before == state]
    facts = [
        (_("Kind"), found.get_kind_display()),
        (_("Unified social credit code"), found.uscc),
        (_("District"), found.district),
        (_("Address"), found.address),
        (_("Telephone"), found.phone),
        (_("Contact"), f"{found.contact_name} {found.contact_phone}"),
        (_("Second contact"), f"{found.second_contact_name} {found.second_contact_phone}".strip() or "–"),
        (_("Area served"), found.area or "–"),
    ]
    context = at_desk(
        request,
        "operator",
        institution=found,
        facts=facts,
        moves=moves,
        licences=found.licences.all(),
        services=found.services.all(),
        members=found.members.select_related("user"),
        may_manage=actor_for(request).may("institution.manage"),
    )
    return render(request, "partners/institution.html", context)


def _form_page(
    request: HttpRequest, form: WriterForm, *, heading: str, back_url: str, write: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Show ``form``; when it is sent and right, ``write`` it and go where that says."""
    if request.method == "POST" and form.is_valid():
        try:
            target = write(form.cleaned_data)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(target)
    context = at_desk(request, "operator", form=form, heading=heading, back_url=back_url)
    return render(request, "partners/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def institution_new(request: HttpRequest) -> HttpResponse:
    """A new prospect."""

    def write(data: dict[str, Any]) -> str:
        return reverse("operator_institution", args=[create_institution(actor=actor_for(request), **data).slug])

    form = InstitutionForm(request.POST or None)
    back = reverse("operator_institutions")
    return _form_page(request, form, heading=_("Add an institution"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def licence_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A paper with its dates."""
    found = _access(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        add_licence(actor=actor_for(request), institution_id=found.pk, **data)
        return back

    return _form_page(request, LicenceForm(request.POST or None), heading=_("Add a paper"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def service_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A service with its public price."""
    found = _access(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        add_service(actor=actor_for(request), institution_id=found.pk, **data)
        return back

    return _form_page(
        request, ServiceForm(request.POST or None), heading=_("Add a service"), back_url=back, write=write
    )


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def member_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A person who acts for the institution."""
    found = _access(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        user = User.objects.filter(email=data["email"].lower(), is_active=True).first()
        if user is None:
            raise Invalid(fields=(("email", "unknown", _("There is no account with this e-mail.")),))
        add_member(
            actor=actor_for(request),
            institution_id=found.pk,
            user_id=user.pk,
            role=data["role"],
            counter=data["counter"],
        )
        return back

    return _form_page(request, MemberForm(request.POST or None), heading=_("Add a person"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def institution_move(request: HttpRequest, slug: str, event: str) -> HttpResponse:
    """Prepare (GET) and make (POST) a change of state."""
    found = _access(slug)
    if event not in InstitutionEvent:
        raise NotFound
    chosen = InstitutionEvent(event)
    back = reverse("operator_institution", args=[slug])
    if request.method == "POST":
        move_institution(actor=actor_for(request), institution_id=found.pk, event=chosen)
        messages.success(request, _("Saved."))
        return redirect(back)
    word, warning = EVENT_WORDS[chosen]
    context = {
        "title": _("%(act)s: %(name)s?") % {"act": word, "name": found.name},
        "facts": [(_("State now"), STATE_WORDS[found.state])],
        "warning": warning,
        "confirm_label": word,
        "danger": chosen in (InstitutionEvent.SUSPEND, InstitutionEvent.TERMINATE, InstitutionEvent.REJECT),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["POST"])
@role_required("institution.manage")
def service_switch(request: HttpRequest, slug: str, service_id: Any) -> HttpResponse:
    """Open or shut one service for new bookings; can be undone with the same button."""
    service = Service.objects.filter(pk=service_id, institution__slug=slug).first()
    if service is None:
        raise NotFound
    set_service_active(actor=actor_for(request), service_id=service.pk, active="open" in request.POST)
    messages.success(request, _("Saved."))
    return redirect("operator_institution", slug=slug)
