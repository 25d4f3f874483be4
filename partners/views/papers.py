"""An institution's papers on the operator's desk: entered, corrected, ended."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from kernel.errors import NotFound
from partners.booked import left_without
from partners.forms import LicenceChangeForm, LicenceEndForm, LicenceForm, WriterForm
from partners.kinds import NEEDED_LICENCES, ServiceKind
from partners.models import Licence
from partners.views.operator_forms import access_institution, booked_text, form_page
from partners.workflow import add_licence, change_licence, end_licence
from ui.names import named


def _access_paper(slug: str, licence_id: UUID) -> Licence:
    paper = Licence.objects.select_related("institution").filter(pk=licence_id, institution__slug=slug).first()
    if paper is None:
        raise NotFound
    return paper


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def licence_new(request: ActingRequest, slug: str) -> HttpResponse:
    """A paper with its dates."""
    found = access_institution(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        add_licence(actor=request.actor, institution_id=found.pk, **data)
        return back

    return form_page(request, LicenceForm(request.POST or None), heading=_("Add a paper"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def licence_change(request: ActingRequest, slug: str, licence_id: UUID) -> HttpResponse:
    """Number, issuer, days. Shown once more before it is made when it would leave appointments or today uncovered."""
    paper = _access_paper(slug, licence_id)
    back = reverse("operator_institution", args=[slug])
    form = LicenceChangeForm(request.POST or None, initial=LicenceChangeForm.initial_of(paper))

    def write(data: dict[str, Any]) -> str | HttpResponse:
        after = Licence(kind=paper.kind, valid_from=data["valid_from"], valid_until=data["valid_until"])
        today = local_day(now())
        weighty = paper.covers(today) and not after.covers(today)
        question, button = _("Change the days of this paper?"), _("Change the days")
        if "confirmed" not in request.POST and (weighty or left_without(paper, after.valid_from, after.valid_until)):
            return _confirm_days(request, paper, form, question, button, after.valid_from, after.valid_until)
        change_licence(actor=request.actor, licence_id=paper.pk, **data)
        return back

    return form_page(request, form, heading=_("Change a paper"), back_url=back, write=write, facts=_named(paper))


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def licence_end(request: ActingRequest, slug: str, licence_id: UUID) -> HttpResponse:
    """Asks for the day, shows what ending the paper means, then ends it."""
    paper = _access_paper(slug, licence_id)
    back = reverse("operator_institution", args=[slug])
    form = LicenceEndForm(request.POST or None, initial={"on": local_day(now())}, paper=paper)

    def write(data: dict[str, Any]) -> str | HttpResponse:
        if "confirmed" not in request.POST:
            question, button = _("End this paper?"), pgettext("paper", "End")
            return _confirm_days(request, paper, form, question, button, paper.valid_from, data["on"])
        end_licence(actor=request.actor, licence_id=paper.pk, on=data["on"])
        return back

    facts = [*_named(paper), (_("Number"), paper.number)]
    return form_page(
        request, form, heading=_("End a paper"), back_url=back, write=write, facts=facts, submit=_("Continue")
    )


def _named(paper: Licence) -> list[tuple[str, str]]:
    return [(_("Institution"), named(paper.institution)), (_("Paper"), paper.get_kind_display())]


def _confirm_days(
    request: ActingRequest,
    paper: Licence,
    form: WriterForm,
    question: str,
    button: str,
    valid_from: date,
    valid_until: date | None,
) -> HttpResponse:
    """What the new days mean for services and appointments, before they are in force; ``question`` and ``button`` are the texts of the page."""
    uncovered = left_without(paper, valid_from, valid_until)
    services = [
        named(service)
        for service in paper.institution.services.filter(active=True)
        if paper.kind in NEEDED_LICENCES[ServiceKind(service.kind)]
    ]
    facts = [
        (_("Paper"), f"{paper.get_kind_display()} {paper.number}"),
        (_("Valid from"), valid_from.isoformat()),
        (_("No longer valid from"), valid_until.isoformat() if valid_until else "–"),
        (_("Services that need it"), _(", ").join(services) or _("None")),
        (_("Appointments left without it"), booked_text(uncovered)),
    ]
    warning = _("On days that no valid paper covers, nothing new can be booked.")
    if uncovered:
        warning += " " + _(
            "The appointments stay and have to be decided one by one: tell the institution and its schools."
        )
    context = {
        "title": question,
        "facts": facts,
        "warning": warning,
        "hidden": [*((name, request.POST.get(name, "")) for name in form.fields), ("confirmed", "1")],
        "confirm_label": button,
        "danger": bool(uncovered),
        "keeps": True,
    }
    return render(request, "ui/confirm.html", context)
