"""``/centre/mediation/``: who asked the psychologist to sit between, the first talk, and what came of it (16.6)."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.same_person import same_member
from accounts.search import contains
from audit import record_read
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from referrals.liaison.forms import LiaisonForm
from referrals.liaison.mediation_states import MediationState
from referrals.liaison.models import Mediation
from referrals.liaison.selectors import MEDIATIONS, record_file, record_list
from referrals.liaison.texts import CLOSE_TEXTS, PLACE_TEXTS, SIDES_TEXTS, state_of
from referrals.liaison.workflow.mediation import close, invite, settle, suggest
from ui.lists import Column, Listing, Nothing
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time

SETTLE, SUGGEST = "settle", "suggest"
_OUTCOMES: dict[str, Any] = {
    SUGGEST: gettext_lazy("A mediator from outside could help: the person decides"),
    SETTLE: gettext_lazy("They have talked, and nothing more is wanted"),
    **{str(reason): text for reason, text in CLOSE_TEXTS.items()},
}


def _pairs(texts: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(code), text) for code, text in texts.items()]


class TimeForm(LiaisonForm):
    """When and where they talk."""

    names = {"place": "where"}

    talk_at = forms.DateTimeField(
        label=gettext_lazy("Date and time of the talk"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    where = forms.ChoiceField(label=gettext_lazy("Where"), choices=_pairs(PLACE_TEXTS), widget=forms.RadioSelect)


class OutcomeForm(LiaisonForm):
    """Who came, and what came of it. ``sides`` is asked where they have talked."""

    names = {"reason": "outcome"}

    outcome = forms.ChoiceField(
        label=gettext_lazy("How does it go on?"), choices=_pairs(_OUTCOMES), widget=forms.RadioSelect
    )
    sides = forms.ChoiceField(
        label=gettext_lazy("Who came to the talk"),
        choices=_pairs(SIDES_TEXTS),
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("Where you have talked."),
    )

    def clean(self) -> dict[str, Any]:
        """Who came is part of every talk."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("outcome") in (SETTLE, SUGGEST) and not data.get("sides"):
            self.add_error("sides", _("Say who came."))
        return data


class MediationFilter(forms.Form):
    """Which of them."""

    q = forms.CharField(label=gettext_lazy("Who asked"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=lambda: [
            ("", _("All states")),
            *((state.value, sign_of(state.value, "mediation").text) for state in MediationState),
        ],
    )


class MediationList(Listing[Mediation, Mediation]):
    """Those that wait for the centre first, then newest first; ``?q=&state=&page=``. The file has no names."""

    form = MediationFilter
    file_route, file_name = "centre_mediations_csv", "talks"
    export = "mediation.export"
    columns = (
        Column[Mediation](gettext_lazy("Asked at"), lambda row: row.asked_at),
        Column(gettext_lazy("First talk"), lambda row: row.talk_at),
        Column(gettext_lazy("State"), lambda row: sign_of(state_of(row, now()), "mediation").text),
    )
    nothing = Nothing(
        gettext_lazy("Nobody has asked yet"),
        gettext_lazy(
            "Who wants somebody to sit between asks under “Family mediation”; it appears here for your answer."
        ),
        "people",
    )
    nothing_found = Nothing(gettext_lazy("Nothing found"), gettext_lazy("Try another word or another state."), "search")

    def rows(self) -> QuerySet[Mediation]:
        """By when they were asked."""
        rows = Mediation.objects.order_by("-asked_at", "-id").prefetch_related("person")
        if self.wanted["state"]:
            rows = rows.filter(state=self.wanted["state"])
        if self.wanted["q"]:
            named = Membership.objects.filter(contains(self.wanted["q"], "name")).values_list("pk", flat=True)
            rows = rows.filter(person_id__in=list(named))
        return rows


@require_safe
@role_required("mediation.hear")
def mediations(request: ActingRequest) -> HttpResponse:
    """All of them, a page at a time. A page of names is a look at each."""
    shown = MediationList(request).context()
    moment = now()
    record_list(request.actor, "mediation.list", MEDIATIONS, shown["page"].object_list)
    lines = [(row, state_of(row, moment), _is_late(row)) for row in shown["page"].object_list]
    context = at_desk(request, "centre", lines=lines, quick_exit=True, **shown)
    return render(request, "liaison/centre/mediations.html", context)


@require_safe
@role_required("mediation.hear")
def mediations_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, without names."""
    listed = MediationList(request)
    record_file(request.actor, "mediation.list", MEDIATIONS, listed.rows(), listed.wanted["q"])
    return listed.file()


def _is_late(row: Mediation) -> bool:
    return row.state == MediationState.ASKED and row.deadline <= now()


def _found(mediation_id: UUID) -> Mediation:
    found = Mediation.objects.select_related("person", "talk_with").filter(pk=mediation_id).first()
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.hear")
def mediation(request: ActingRequest, mediation_id: UUID) -> HttpResponse:
    """One of them, with the time to name. The look is recorded."""
    row = _found(mediation_id)
    with timezone.override(ZoneInfo(request.tenant.time_zone)):
        form = TimeForm(
            request.POST if request.method == "POST" else None,
            initial={"talk_at": row.talk_at, "where": row.talk_place},
        )
        if request.method == "POST" and form.is_valid():
            try:
                said = form.cleaned_data
                invite(actor=request.actor, mediation_id=row.pk, talk_at=said["talk_at"], place=said["where"])
            except DomainError as error:
                form.refuse(error)
            else:
                messages.success(request, _("The person has been told of this time."))
                return redirect("centre_mediation", mediation_id=row.pk)
        record_read(actor=request.actor, action="mediation.read", obj=row)
        moment = now()
        state = state_of(row, moment)
        is_first = state in (MediationState.ASKED, MediationState.INVITED)
        own = same_member(row.person_id, request.actor.membership_id)
        context = at_desk(
            request,
            "centre",
            row=row,
            state=state,
            facts=_facts(row),
            form=form,
            may_hear=is_first and not own,
            own=own and is_first,
            is_late=_is_late(row),
            quick_exit=True,
        )
        return render(request, "liaison/centre/mediation.html", context, status=422 if form.errors else 200)


def _facts(row: Mediation) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [(_("Who asked"), row.person.name), (_("Asked at"), school_time(row.asked_at))]
    if row.state == MediationState.ASKED:
        facts.append((_("Name a time by"), school_time(row.deadline)))
    if row.talk_at:
        facts += [(_("First talk"), school_time(row.talk_at)), (_("Where"), PLACE_TEXTS[row.talk_place])]
    if row.talk_with:
        facts.append((_("Psychologist"), row.talk_with.name))
    if row.sides:
        facts.append((_("Who came to the talk"), SIDES_TEXTS[row.sides]))
    if row.close_reason:
        facts.append((_("Why it ended"), CLOSE_TEXTS[row.close_reason]))
    if row.both_agreed_at:
        facts.append((_("Both sides agreed on"), school_time(row.both_agreed_at)))
    if row.note:
        facts.append((_("What they wrote"), row.note))
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.hear")
def outcome(request: ActingRequest, mediation_id: UUID) -> HttpResponse:
    """What came of the talk; it is written once."""
    row = _found(mediation_id)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _write(request, row, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written down. The person has been told to look."))
            return redirect("centre_mediation", mediation_id=row.pk)
    elif request.method != "POST" and row.state not in (MediationState.ASKED, MediationState.INVITED):
        return redirect("centre_mediation", mediation_id=row.pk)
    context = at_desk(request, "centre", row=row, form=form, quick_exit=True)
    return render(request, "liaison/centre/outcome.html", context, status=422 if form.errors else 200)


def _write(request: ActingRequest, row: Mediation, *, outcome: str, sides: str) -> None:
    match outcome:
        case "suggest":
            suggest(actor=request.actor, tenant=request.tenant, mediation_id=row.pk, sides=sides)
        case "settle":
            settle(actor=request.actor, mediation_id=row.pk, sides=sides)
        case reason:
            close(actor=request.actor, mediation_id=row.pk, reason=reason)
