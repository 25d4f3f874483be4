"""``/my/mediation/``: ask the school's psychologist to sit between, see what comes next, and say whether somebody from outside may."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from disclosure.sentences import panel
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from referrals.liaison.forms import LiaisonForm
from referrals.liaison.mediation_states import MediationState
from referrals.liaison.models import Mediation
from referrals.liaison.texts import PLACE_TEXTS, next_text, state_of
from referrals.liaison.workflow.mediation import agree, ask_mediation, stay, withdraw
from ui.confirm import asked_again
from ui.templatetags.ui import school_time

_UNDER_WAY = (
    MediationState.ASKED,
    MediationState.INVITED,
    MediationState.SUGGESTED,
    MediationState.AGREED,
)


class AskForm(LiaisonForm):
    """What the psychologist should know beforehand; nothing need be said."""

    note = forms.CharField(
        label=gettext_lazy("What the psychologist should know beforehand"),
        required=False,
        help_text=gettext_lazy("May stay empty. Only the psychological centre reads it; no agency ever does."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class BothForm(LiaisonForm):
    """Two yeses, or none."""

    own = forms.BooleanField(label=gettext_lazy("I want a mediator from outside."))
    other = forms.BooleanField(label=gettext_lazy("The other side knows of it and comes of their own will."))


def _latest(request: ActingRequest) -> Mediation | None:
    if request.actor.membership_id is None:
        raise NotFound
    rows = Mediation.objects.select_related("talk_with").filter(person_id=request.actor.membership_id)
    return rows.order_by("-asked_at", "-id").first()


def _mine(request: ActingRequest, mediation_id: UUID) -> Mediation:
    found = Mediation.objects.filter(pk=mediation_id, person_id=request.actor.membership_id).first()
    if found is None or request.actor.membership_id is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.own")
def mediation(request: ActingRequest) -> HttpResponse:
    """What is under way, or how it goes and the button to ask."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_mediation(actor=request.actor, tenant=request.tenant, note=form.cleaned_data["note"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked. The psychological centre names a time."))
            return redirect("mediation")
    moment, row = now(), _latest(request)
    state = state_of(row, moment) if row else None
    context = {
        "row": row,
        "state": state,
        "is_open": state in _UNDER_WAY,
        "form": form,
        "facts": _facts(row) if row else [],
        "next": next_text(row, moment) if row else "",
        "see_rows": panel(["mediation"], own=False),
        "quick_exit": True,
    }
    return render(request, "liaison/my/mediation.html", context, status=422 if form.errors else 200)


def _facts(row: Mediation) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [(_("Asked at"), school_time(row.asked_at))]
    if row.talk_at:
        facts += [(_("First talk"), school_time(row.talk_at)), (_("Where"), PLACE_TEXTS[row.talk_place])]
    if row.talk_with:
        facts.append((_("Psychologist"), row.talk_with.address))
    if row.note:
        facts.append((_("What you wrote"), row.note))
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.own")
def agree_both(request: ActingRequest, mediation_id: UUID) -> HttpResponse:
    """What a mediator outside learns, then the two ticks."""
    row = _mine(request, mediation_id)
    if request.method != "POST" and state_of(row, now()) != MediationState.SUGGESTED:
        return redirect("mediation")  # it says how it stands
    form = BothForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            agree(actor=request.actor, mediation_id=row.pk, own=True, other=True)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written down. Now choose a mediation room."))
            return redirect("mediation")
    context = {"row": row, "form": form, "quick_exit": True}
    return render(request, "liaison/my/agree.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.own")
def stay_here(request: ActingRequest, mediation_id: UUID) -> HttpResponse:
    """Nobody from outside: asked once more."""
    row = _mine(request, mediation_id)
    return asked_again(
        request,
        lambda: stay(actor=request.actor, mediation_id=row.pk),
        back=reverse("mediation"),
        waits=state_of(row, now()) == MediationState.SUGGESTED,
        title=_("Nobody from outside?"),
        lead=_("Nothing is sent to anybody. The psychologist reads your answer, and you can ask again at any time."),
        label=_("Nobody from outside"),
        done=_("Written down. Nobody from outside is asked."),
        quick_exit=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("mediation.own")
def take_back(request: ActingRequest, mediation_id: UUID) -> HttpResponse:
    """Take the whole back: asked once more."""
    row = _mine(request, mediation_id)
    return asked_again(
        request,
        lambda: withdraw(actor=request.actor, mediation_id=row.pk),
        back=reverse("mediation"),
        waits=state_of(row, now()) in _UNDER_WAY,
        title=_("Take this back?"),
        lead=_("No reason is asked. What you wrote is deleted; the psychologist sees that you took it back."),
        label=_("Take this back"),
        done=_("Taken back. What you wrote is gone."),
        quick_exit=True,
    )
