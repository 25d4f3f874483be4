"""``/operator/institutions/``: what all schools share (platform host)."""

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.search import contains
from kernel.clock import local_day, now
from kernel.errors import NotFound
from kernel.fold import fold_text
from kernel.pinyin import sort_key
from partners.forms import STATE_TEXTS, InstitutionFilter, InstitutionForm
from partners.kinds import papers_text
from partners.models import Institution, Licence
from partners.selectors import missing_papers, papers_valid_today
from partners.states import INSTITUTION_MOVES, InstitutionEvent, InstitutionState
from partners.views.operator_forms import access_institution, form_page
from partners.workflow import NEEDS_PAPERS, create_institution, move_institution
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.navigation import at_desk

_WARNED: Final = (
    InstitutionState.PROSPECT,
    InstitutionState.VETTED,
    InstitutionState.LISTED,
    InstitutionState.SUSPENDED,
)
"""States in which the page names the papers that are missing."""
EVENT_TEXTS: Final = {
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


class InstitutionList(Listing[Institution, Institution]):
    """What all schools share, by name."""

    form = InstitutionFilter
    file_route, file_name = "operator_institutions_csv", "institutions"
    export, object_type = "institution.export", "partners.institution"
    columns = (
        Column[Institution](_lazy("Name"), lambda row: named(row)),
        Column(_lazy("Unified social credit code"), lambda row: row.uscc),
        Column(_lazy("Kind"), lambda row: row.get_kind_display()),
        Column(_lazy("State"), lambda row: STATE_TEXTS[row.state]),
        Column(_lazy("District"), lambda row: row.district),
        Column(_lazy("Telephone"), lambda row: row.phone),
    )
    nothing = nothing_found = Nothing(
        _lazy("No institution found"), _lazy("Try another word, or show all kinds."), "building"
    )

    def rows(self) -> QuerySet[Institution]:
        """By name, district or the whole code; by kind and state."""
        found = Institution.objects.order_by("sort_key", "id")
        if text := self.wanted["q"]:
            found = found.filter(contains(text, "name", "name_en", "district") | Q(uscc=fold_text(text).upper()))
        return found.filter(**{column: self.wanted[column] for column in ("kind", "state") if self.wanted[column]})


@require_safe
@role_required("institution.read")
def institutions(request: ActingRequest) -> HttpResponse:
    """The list: searched, filtered, 50 to a page."""
    context = {**InstitutionList(request).context(), "may_manage": request.actor.may("institution.manage")}
    return render(request, "partners/institutions.html", at_desk(request, "operator", **context))


@require_safe
@role_required("institution.read")
def institutions_csv(request: ActingRequest) -> HttpResponse:
    """The list as filtered, for a spreadsheet. The export is recorded."""
    return InstitutionList(request).file()


def _open_moves(found: Institution, papers_missing: bool) -> list[InstitutionEvent]:
    """Events that its state allows now; none that opens it to schools while papers are missing."""
    events = [event for (before, event) in INSTITUTION_MOVES if before == found.state]
    return [event for event in events if not (papers_missing and event in NEEDS_PAPERS)]


@require_safe
@role_required("institution.read")
def institution(request: ActingRequest, slug: str) -> HttpResponse:
    """One institution: facts, papers, services, people, and the moves its state allows."""
    found = access_institution(slug)
    missing, today = missing_papers(found), local_day(now())
    moves = [(event, EVENT_TEXTS[event][0]) for event in _open_moves(found, bool(missing))]
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
    people = sorted(found.members.order_by("-since"), key=lambda member: sort_key(member.name))
    context = at_desk(
        request,
        "operator",
        institution=found,
        facts=facts,
        moves=moves,
        missing=papers_text(missing) if missing and found.state in _WARNED else "",
        listed=found.state == InstitutionState.LISTED,
        licences=[(paper, _phase(paper, today)) for paper in found.licences.all()],
        services=found.services.all(),
        members=[member for member in people if member.valid_until is None],
        former=[member for member in people if member.valid_until is not None],
        may_manage=request.actor.may("institution.manage"),
    )
    return render(request, "partners/institution.html", context)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def institution_new(request: ActingRequest) -> HttpResponse:
    """A new prospect."""

    def write(data: dict[str, Any]) -> str:
        return reverse("operator_institution", args=[create_institution(actor=request.actor, **data).slug])

    form = InstitutionForm(request.POST or None)
    back = reverse("operator_institutions")
    return form_page(request, form, heading=_("Add an institution"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def institution_move(request: ActingRequest, slug: str, event: str) -> HttpResponse:
    """Prepare (GET) and make (POST) a change of state."""
    found = access_institution(slug)
    if event not in InstitutionEvent:
        raise NotFound
    chosen = InstitutionEvent(event)
    back = reverse("operator_institution", args=[slug])
    if request.method == "POST":
        move_institution(actor=request.actor, institution_id=found.pk, event=chosen)
        found.refresh_from_db()
        messages.success(request, _("It is now: %(state)s.") % {"state": STATE_TEXTS[found.state]})
        return redirect(back)
    if chosen not in _open_moves(found, bool(missing_papers(found))):
        return redirect(back)  # the page says how it stands and what is missing
    text, warning = EVENT_TEXTS[chosen]
    facts: list[tuple[Any, Any]] = [(_("State now"), STATE_TEXTS[found.state])]
    if chosen in NEEDS_PAPERS:
        facts += [
            (paper.get_kind_display(), _until(paper.number, paper.valid_until)) for paper in papers_valid_today(found)
        ]
    context = {
        "title": _("%(act)s: %(name)s?") % {"act": text, "name": named(found)},
        "facts": facts,
        "warning": warning,
        "confirm_label": text,
        "danger": chosen in (InstitutionEvent.SUSPEND, InstitutionEvent.TERMINATE, InstitutionEvent.REJECT),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


def _phase(paper: Licence, day: date) -> tuple[str, str, str]:
    """Tone, icon and text of a paper on ``day``."""
    if paper.covers(day):
        return "ok", "check", _("Valid")
    if paper.valid_from > day:
        return "info", "clock", _("Not valid yet")
    return "wait", "minus", _("No longer valid")


def _until(number: str, day: date | None) -> str:
    if day is None:
        return number
    return _("%(number)s, no longer valid from %(day)s") % {"number": number, "day": day.isoformat()}
