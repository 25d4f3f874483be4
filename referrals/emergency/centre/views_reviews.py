"""The review of a case, and the list of them without a name (chain §3; requirement 14.11)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from kernel.errors import DomainError
from referrals.emergency.centre.reviews_forms import ReviewForm
from referrals.emergency.centre.views_follow_up import known
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.models import CaseReview, ChainNow, Incident, ReviewChange
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.waits import Wait
from referrals.emergency.workflow.reviewing import (
    finish_change,
    may_review,
    newest_review,
    waits_of,
    waits_of_all,
    write_review,
)
from referrals.emergency.workflow.standing import known_to
from ui.navigation import at_desk
from ui.states import BAD, OK, WAIT, Sign

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What is changed. ``who`` is ``""`` on the list, where nobody is named; ``may_finish``: its reader does it, or leads."""

    row: ReviewChange
    what: str
    who: str
    sign: Sign
    is_own: bool
    may_finish: bool


def wait_lines(found: list[Wait]) -> list[str]:
    """In words, one line a party."""
    told = []
    for wait in found:
        party = LEG_TEXTS[LegKind(wait.kind)]
        said = (
            _("nobody had it")
            if wait.minutes is None
            else _("%(n)d minutes until somebody had it") % {"n": wait.minutes}
            if wait.minutes
            else _("somebody had it within a minute")
        )
        told.append(_("%(what)s: %(detail)s") % {"what": party, "detail": said})
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.follow")
def review(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """The newest version, to read and to write the next; what is changed below."""
    one = known(request, incident_id)
    if not may_review(one):
        messages.info(request, _("There is nothing to look back on for this incident yet."))
        return redirect("emergency_incident", incident_id)
    found = newest_review(one)
    first: dict[str, Any] = {"after": found.version if found else 0}
    lines = wait_lines(waits_of(one))
    first |= found.words(one.key) if found else {"waited": "\n".join(lines)}
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(data, initial=first, school=request.tenant, incident=one)
    if form.is_valid():
        said = form.cleaned_data
        try:
            write_review(
                actor=request.actor, incident_id=one.pk, words=said, changes=form.changes(), after=said["after"]
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Kept. It stands on the list of reviews, without a name."))
            return redirect("emergency_review", incident_id)
    record_read(actor=request.actor, action="incident.read", obj=one)
    context = at_desk(
        request, "emergency", incident=one, form=form, found=found, lines=lines, quick_exit=True,
        changes=_changes(request, [one], is_named=True).get(one.pk, []),
    )  # fmt: skip
    return render(request, "emergency/after/review.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class Listed:
    """One case on the list: when it ended, its kind and grade, where was waited, what is changed."""

    incident: Incident
    on: date
    lines: list[str]
    changes: list[ShownChange]


@require_safe
@role_required("incident.reviews")
def reviews(request: ActingRequest) -> HttpResponse:
    """Cases that were looked back on, the newest first, as far as the reader may know of them; nobody is named."""
    rows = known_to(request.actor.membership_id).filter(pk__in=list(_reviewed())).order_by("-closed_at", "-pk")[:MOST]
    found = list(rows)
    changes, waited = _changes(request, found, is_named=False), waits_of_all(found)
    listed = [
        Listed(one, request.tenant.day_of(one.closed_at), wait_lines(waited[one.pk]), changes.get(one.pk, []))
        for one in found
        if one.closed_at is not None
    ]
    context = at_desk(request, "emergency", rows=listed, leads=request.actor.may("incident.follow"), quick_exit=True)
    return render(request, "emergency/after/reviews.html", context)


@require_POST
@role_required("incident.reviews")
def change_done(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """One button; twice is once."""
    finish_change(actor=request.actor, change_id=change_id)
    messages.success(request, _("Written down as changed."))
    return redirect("emergency_reviews")


def _reviewed() -> Any:
    return CaseReview.objects.order_by("-written_at").values_list("incident_id", flat=True)[: 4 * MOST]


def _changes(request: ActingRequest, incidents: list[Incident], *, is_named: bool) -> dict[UUID, list[ShownChange]]:
    asked = ReviewChange.objects.filter(incident__in=incidents).annotate(moment=ChainNow()).order_by("until", "pk")
    rows: list[Any] = list(asked.select_related("who") if is_named else asked)
    keys = {one.pk: one.key for one in incidents} if rows else {}
    leads = request.actor.may("incident.follow")
    found: dict[UUID, list[ShownChange]] = {}
    for row in rows:
        own = row.who_id == request.actor.membership_id
        sign = (
            Sign(OK, "check", pgettext("review", "Changed")) if row.done_at else Sign(WAIT, "clock", _("Still to do"))
        )
        if row.done_at is None and row.until < request.tenant.day_of(row.moment):
            sign = Sign(BAD, "clock", _("Overdue"))
        may = row.done_at is None and (own or leads)
        shown = ShownChange(row, row.what(keys[row.incident_id]), row.who.name if is_named else "", sign, own, may)
        found.setdefault(row.incident_id, []).append(shown)
    return found
