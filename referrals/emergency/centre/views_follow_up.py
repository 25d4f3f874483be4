"""Weekly talks after an incident: one page to write them, the list of those that are open, and how to ask for help (chain §3)."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.errors import Conflict, DomainError, NotFound
from referrals.emergency.centre.follow_up_forms import StopForm, TalkForm
from referrals.emergency.centre.follow_ups_shown import all_follow_ups, shown_follow_up
from referrals.emergency.models import FollowUp, Incident
from referrals.emergency.over import already_done
from referrals.emergency.rules.follow_ups import FollowUpMode
from referrals.emergency.workflow import following_up
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.standing import known_to
from ui.navigation import at_desk
from ui.refusals import explain


def known(request: ActingRequest, incident_id: UUID) -> Incident:
    """An incident that the reader may know of; NotFound otherwise."""
    found = known_to(request.actor.membership_id).select_related("person").filter(pk=incident_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("incident.follow")
def follow_ups(request: ActingRequest) -> HttpResponse:
    """All that are open, by number; what is due first on top."""
    moment = chain_now()
    rows = all_follow_ups(request.actor, moment)
    return render(request, "emergency/after/follow_ups.html", at_desk(request, "emergency", rows=rows, quick_exit=True))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.follow")
def follow_up(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """The newest of an incident: how each talk went, and the next one."""
    one = known(request, incident_id)
    row = _newest(one)
    form = TalkForm(request.POST if request.method == "POST" else None, initial={"seen": row.talks})
    if form.is_valid():
        try:
            following_up.record_talk(actor=request.actor, follow_up_id=row.pk, **form.cleaned_data)
        except Conflict as error:
            return _calm(request, error, incident_id)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written down."))
            return redirect("emergency_follow_up", incident_id)
    moment = chain_now()
    row.incident = one
    shown = shown_follow_up(row, request.actor, request.tenant, moment)
    record_read(actor=request.actor, action="incident.read", obj=one)
    context = at_desk(request, "emergency", incident=one, shown=shown, form=form, person=one.person, quick_exit=True)
    return render(request, "emergency/after/follow_up.html", context, status=422 if form.errors else 200)


_DONE: Final[dict[str, Callable[[], str]]] = {
    "extend": lambda: _("Planned for a month longer."),
    "take": lambda: _("The talks are yours now."),
    "go-on": lambda: _("Written down: they go on by the person's wish."),
}


@require_POST
@role_required("incident.follow")
def follow_up_act(request: ActingRequest, incident_id: UUID, act: str) -> HttpResponse:
    """One tap each: longer, mine, goes on."""
    row = _newest(known(request, incident_id))
    said: dict[str, Any] = {"actor": request.actor, "follow_up_id": row.pk}
    try:
        match act:
            case "extend":
                following_up.extend(**said, seen=_seen(request, row))
            case "take":
                following_up.take(**said)
            case "go-on":
                following_up.go_on(**said)
            case _:
                raise NotFound
    except Conflict as error:
        return _calm(request, error, incident_id)
    messages.success(request, _DONE[act]())
    return redirect("emergency_follow_up", incident_id)


def _seen(request: ActingRequest, row: FollowUp) -> Any:
    """The last day as the page showed it; anything else is no day that stands."""
    return row.until if request.POST.get("seen") == row.until.isoformat() else None


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.follow")
def follow_up_stop(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Without a last talk: the person has left, or has died."""
    one = known(request, incident_id)
    row = _newest(one)
    if row.ended_at is not None:
        return already_done(request, "emergency_follow_up", incident_id)
    form = StopForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            following_up.stop(actor=request.actor, follow_up_id=row.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Ended. Nobody rings the person any more."))
            return redirect("emergency_follow_up", incident_id)
    context = {
        "title": _("End the weekly talks"),
        "lead": _(
            "Only when the person has left the school, or has died. After a no of the person they stay, and nobody rings."
        ),
        "facts": [(_("Number"), one.number)],
        "form": form,
        "confirm_label": pgettext("talks", "End them"),
        "back_url": reverse("emergency_follow_up", args=[incident_id]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("incident.follow")
def ask_card(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """To print and hand over: how to ask for help at any time. Nothing of the incident and no name stands on it."""
    one = known(request, incident_id)
    is_watch = _newest(one).mode == FollowUpMode.WATCH
    context = at_desk(request, "emergency", incident=one, school=request.tenant, is_watch=is_watch, quick_exit=True)
    return render(request, "emergency/after/ask_card.html", context)


def _newest(one: Incident) -> FollowUp:
    """The talks that go on, else the last that did. NotFound where there were none."""
    rows = FollowUp.objects.filter(incident=one).order_by(F("ended_at").desc(nulls_first=True), "-pk")
    found: FollowUp | None = rows.first()
    if found is None:
        raise NotFound
    return found


def _calm(request: ActingRequest, error: Conflict, incident_id: UUID) -> HttpResponse:
    """A second press, or a second hand: how it stands now."""
    remember(error)
    told = explain(error.reason, error.params)
    messages.info(request, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
    return redirect("emergency_follow_up", incident_id)
