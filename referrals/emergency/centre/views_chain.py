"""``/centre/emergency/chain/``: off, in rehearsal or live; what is missing, who mends it, and the two who switch."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.forms import OperatorLineForm
from referrals.emergency.centre.shown import colleagues_named, lack_text
from referrals.emergency.going_live import Lacking, look
from referrals.emergency.models import Chain, DutyLine, LineKind, chain_moment
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.rules.plan_states import BY_TWO, CHAIN_MOVES, ChainEvent, ChainState
from referrals.emergency.texts import CHAIN_TEXTS
from referrals.emergency.workflow.switching import ASK_HOLDS, SWITCHING_SEATS, set_operator_line, switch, withdraw_ask
from ui.navigation import at_desk

MENDED_AT: Final[Mapping[Lacking, str]] = {
    Lacking.PLAN_MISSING: "emergency_plans",
    Lacking.PLAN_FAULTY: "emergency_plans",
    Lacking.DUTY_GAP: "emergency_duty",
    Lacking.SEAT_MISSING: "emergency_seats",
    Lacking.DEPUTY_MISSING: "emergency_seats",
    Lacking.OPERATOR_LINE: "emergency_chain_line",
    Lacking.HEARTBEAT: "",
    Lacking.OPERATOR_PHONE: "",
    Lacking.UNPROVEN: "channels",
    Lacking.NO_LOCAL_LINE: "emergency_line_new",
}
"""Lack → the page on which it is mended; none where the operator mends it outside this system."""


def _switch_text(event: ChainEvent) -> str:
    return {
        ChainEvent.REHEARSE: _("Begin the rehearsal"),
        ChainEvent.GO_LIVE: _("Go live"),
        ChainEvent.SWITCH_OFF: pgettext("chain", "Switch off"),
    }[event]


@require_safe
@role_required("chain.read")
def chain(request: ActingRequest) -> HttpResponse:
    """The state, what is missing, and what may be done."""
    now, found = chain_moment(), Chain.objects.select_related("operator_line").first() or Chain()
    state = ChainState(found.state)
    missing, facts = look(request.tenant, now, found)
    names = colleagues_named([found.switched_by_id, found.agreed_by_id, found.asked_by_id])
    by = [names[key] for key in (found.switched_by_id, found.agreed_by_id) if key in names]
    asked = bool(found.wanted) and found.asked_at is not None and now - found.asked_at <= ASK_HOLDS
    mine = str(request.actor.membership_id)
    holds = any(kind in facts.seats and facts.seats[kind].holder.key == mine for kind in SWITCHING_SEATS)
    may = request.actor.may("chain.switch") and holds
    moves = {event: after for (before, event), after in CHAIN_MOVES.items() if before is state}
    wanted = next((event for event, after in moves.items() if asked and after == found.wanted), None)
    doors = [
        (event.value, _switch_text(event), event is ChainEvent.SWITCH_OFF)
        for event in moves
        if may and not (event is ChainEvent.GO_LIVE and missing)
    ]
    is_my_ask = asked and found.asked_by_id == request.actor.membership_id
    context = at_desk(
        request,
        "emergency",
        chain=found,
        state=state,
        missing=[(lack_text(lack), reverse(at) if (at := MENDED_AT[lack.lacking]) else "") for lack in missing],
        by=by,
        asked=_switch_text(wanted) if wanted else "",
        agree=next((door for door in doors if door[0] == wanted and not is_my_ask), None),
        asked_by=names.get(found.asked_by_id, "") if found.asked_by_id else "",
        asked_until=found.asked_at + ASK_HOLDS if asked and found.asked_at else None,
        is_my_ask=is_my_ask,
        doors=[door for door in doors if door[0] != wanted],
        may=may,
        keeps=request.actor.may("chain.rota"),
        line=found.operator_line,
    )
    return render(request, "emergency/chain.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def chain_line(request: ActingRequest) -> HttpResponse:
    """Which of the operator's lines stands behind the chain."""
    found = Chain.objects.first()
    lines = [(row.pk, row.name) for row in DutyLine.objects.filter(is_active=True, kind=LineKind.OPERATOR)]
    form = OperatorLineForm(
        request.POST if request.method == "POST" else None,
        initial={"line": found.operator_line_id if found else None},
        lines=lines,
    )
    if form.is_valid():
        try:
            set_operator_line(actor=request.actor, line_id=form.cleaned_data["line"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_chain")
    context = at_desk(request, "emergency", form=form, has_lines=bool(lines))
    return render(request, "emergency/chain_line.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.switch")
@calm_when_over("emergency_chain")
def chain_switch(request: ActingRequest, event: str) -> HttpResponse:
    """What it means, then the button; where it takes two, the first asks and the second makes the move."""
    if event not in set(ChainEvent):
        raise NotFound
    if request.method == "POST":
        moved = switch(actor=request.actor, event=event)
        if moved.wanted:
            messages.success(request, _("Asked for. The other seat has 24 hours to agree."))
        else:
            messages.success(request, _("The chain: %(state)s.") % {"state": CHAIN_TEXTS[moved.state]})
        return redirect("emergency_chain")
    found = Chain.objects.first() or Chain()
    move = (ChainState(found.state), ChainEvent(event))
    if move not in CHAIN_MOVES:
        return already_done(request, "emergency_chain")
    questions = {
        ChainEvent.REHEARSE: _("Begin the rehearsal?"),
        ChainEvent.GO_LIVE: _("Go live?"),
        ChainEvent.SWITCH_OFF: _("Switch the chain off?"),
    }
    leads = {
        ChainEvent.REHEARSE: _("In rehearsal only drills run. Nobody outside the school is ever called."),
        ChainEvent.GO_LIVE: _("From then on the system calls people in an emergency: school, family, institutions."),
        ChainEvent.SWITCH_OFF: _(
            "Nobody is called by the system any more. The page for help shows 12356 and the duty line."
        ),
    }
    context = {
        "title": questions[ChainEvent(event)],
        "lead": leads[ChainEvent(event)],
        "facts": [(_("Now"), CHAIN_TEXTS[found.state]), (_("Then"), CHAIN_TEXTS[CHAIN_MOVES[move]])],
        "warning": _("It takes two: the head of the centre and the principal.") if move in BY_TWO else "",
        "confirm_label": _switch_text(ChainEvent(event)),
        "danger": event == ChainEvent.SWITCH_OFF,
        "back_url": reverse("emergency_chain"),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["POST"])
@role_required("chain.switch")
def chain_withdraw(request: ActingRequest) -> HttpResponse:
    """What was asked for is asked for no more."""
    withdraw_ask(actor=request.actor)
    messages.success(request, _("Withdrawn."))
    return redirect("emergency_chain")
