"""``/school/to-read/``: what the school gave out, n of m; who is missing is shown to whoever gave it out."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.told_apart import told_apart
from kernel.errors import DomainError, NotFound
from readings.coverage import Row, coverage_of, rows_of
from readings.forms import HandOverForm, IssueForm, LeaveForm, RenewForm
from readings.kinds import find
from readings.lists import MissingList, ReadingList
from readings.models import Reading
from readings.texts import audience_words, sign
from readings.workflow import (
    TAKE_OVER,
    attest_handed,
    end_reading,
    hand_over_reading,
    is_orphan,
    issue_reading,
    note_handed,
    note_leave,
    renew_reading,
    successors,
    take_over_reading,
)
from ui.confirm import asked_again
from ui.navigation import at_desk

BAD_FORM: Final = 422


def _found(reading_id: UUID) -> Reading:
    found: Reading | None = Reading.objects.filter(pk=reading_id).first()
    if found is None:
        raise NotFound
    return found


def _issued(request: ActingRequest, reading_id: UUID) -> Reading:
    """For names: whoever keeps it (gave it out, or took it over), and nobody else."""
    reading = _found(reading_id)
    if reading.keeper_id != request.actor.membership_id:
        raise NotFound
    return reading


@require_safe
@role_required("reading.issue")
def desk(request: ActingRequest) -> HttpResponse:
    """Everything that was given out."""
    return render(request, "readings/desk.html", at_desk(request, "readings", **ReadingList(request).context()))


@require_safe
@role_required("reading.issue")
def desk_csv(request: ActingRequest) -> HttpResponse:
    """The list as a file."""
    return ReadingList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.issue")
def new(request: ActingRequest) -> HttpResponse:
    """Give a document out; ``?document=`` is chosen already for whoever came from it."""
    form = IssueForm(request.POST or None, initial={"document": request.GET.get("document", "")}, label_suffix="")
    if form.is_valid():
        try:
            made = issue_reading(actor=request.actor, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Given out. Everybody concerned is told between 7:00 and 21:00."))
            return redirect("reading", reading_id=made.pk)
    return render(
        request, "readings/new.html", at_desk(request, "readings", form=form), status=BAD_FORM if form.errors else 200
    )


@require_safe
@role_required("reading.issue")
def reading(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """n of m; for whoever gave it out, who is missing. Others with the right attest paper by the receiver's name alone."""
    found = _found(reading_id)
    rows = rows_of(found, request.tenant.today())
    is_mine = found.keeper_id == request.actor.membership_id
    document = find(found.kind, found.ref)
    waiting = [
        row
        for row in rows
        if row.waits and row.proof is not None and row.proof.noted_by_id != request.actor.membership_id
    ]
    context = {
        "reading": found,
        "counts": coverage_of(rows),
        "audience": audience_words(found),
        "is_mine": is_mine,
        "is_newer": document is not None and document.version != found.version,
        "document": document,
        "to_attest": _named(waiting) if found.is_open else [],
        "may_take_over": found.is_open and not is_mine and request.actor.may(TAKE_OVER) and is_orphan(found),
    }
    if is_mine:
        missing = MissingList(request, found, rows).context()
        context |= missing | {"shown": _named(list(missing["page"]))}
    return render(request, "readings/reading.html", at_desk(request, "readings", **context))


def _named(rows: list[Row]) -> list[dict[str, object]]:
    names = told_apart([row.person for row in rows])
    return [{"row": row, "name": names[row.person.pk], "sign": sign(row.stand)} for row in rows]


@require_safe
@role_required("reading.issue")
def missing_csv(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """Who is missing, as a file, for whoever gave it out."""
    found = _issued(request, reading_id)
    return MissingList(request, found, rows_of(found, request.tenant.today())).file()


@require_POST
@role_required("reading.issue")
def handed(request: ActingRequest, reading_id: UUID, person_id: UUID) -> HttpResponse:
    """Handed over on paper."""
    _issued(request, reading_id)
    note_handed(actor=request.actor, reading_id=reading_id, person_id=person_id)
    messages.success(request, _("Written down. It counts once they mark it, or a second person attests it."))
    return redirect("reading", reading_id=reading_id)


@require_POST
@role_required("reading.issue")
def attested(request: ActingRequest, reading_id: UUID, person_id: UUID) -> HttpResponse:
    """A second person's word."""
    attest_handed(actor=request.actor, reading_id=reading_id, person_id=person_id)
    messages.success(request, _("Attested. It counts now."))
    return redirect("reading", reading_id=reading_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.issue")
def leave(request: ActingRequest, reading_id: UUID, person_id: UUID) -> HttpResponse:
    """From when to when somebody is away."""
    found = _issued(request, reading_id)
    person = Membership.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    form = LeaveForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            note_leave(actor=request.actor, person_id=person.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written down. They stand apart while they are away."))
            return redirect("reading", reading_id=found.pk)
    context = at_desk(request, "readings", form=form, reading=found, person=person)
    return render(request, "readings/leave.html", context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.issue")
def renew(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """Take the new wording; only a material one asks everybody again."""
    found = _found(reading_id)
    if not found.is_open:
        return redirect("reading", reading_id=found.pk)
    form = RenewForm(request.POST or None, label_suffix="")
    if form.is_valid():
        try:
            fresh = renew_reading(actor=request.actor, reading_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The new wording holds now."))
            return redirect("reading", reading_id=fresh.pk)
    context = at_desk(request, "readings", form=form, reading=found)
    return render(request, "readings/renew.html", context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.issue")
def end(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """What ending means, then the button."""
    found = _found(reading_id)
    back = reverse("reading", args=[found.pk])
    return asked_again(
        request,
        lambda: end_reading(actor=request.actor, reading_id=found.pk),
        back=back,
        waits=found.is_open,
        title=_("Take it off the lists?"),
        lead=_("Nobody is asked for it or reminded of it any more. Who has it stays known."),
        facts=[(_("Document"), found.title)],
        label=_("Take it off"),
        danger=True,
        done=_("Nobody is asked for it any more. What was proved stays."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.issue")
def hand_over(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """Name a successor, who from then on reads who is missing."""
    found = _issued(request, reading_id)
    if not found.is_open:
        return redirect("reading", reading_id=found.pk)
    people = successors(found)
    names = told_apart(people)
    choices = [(str(row.pk), names[row.pk]) for row in people]
    form = HandOverForm(request.POST or None, label_suffix="", choices=choices)
    if form.is_valid():
        try:
            hand_over_reading(actor=request.actor, reading_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Handed over. You no longer see who is missing."))
            return redirect("reading", reading_id=found.pk)
    context = at_desk(request, "readings", form=form, reading=found, has_people=bool(choices))
    return render(request, "readings/hand_over.html", context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.take_over")
def take_over(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """What taking over means, then the button; only where nobody keeps it any more."""
    found = _found(reading_id)
    back = reverse("reading", args=[found.pk])
    return asked_again(
        request,
        lambda: take_over_reading(actor=request.actor, reading_id=found.pk),
        back=back,
        waits=found.is_open and is_orphan(found),
        title=_("Take over this document?"),
        lead=_(
            "Whoever kept it has left or gives out no documents any more. You will see who is missing, and can name somebody else."
        ),
        facts=[(_("Document"), found.title)],
        label=_("Take over"),
        done=_("It is yours now. You see who is missing."),
    )
