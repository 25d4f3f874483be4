"""``/my/companion/``: a colleague who stays with somebody: when, then whom, where and what to watch for, nothing else (chain §6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.errors import Conflict, NotFound
from referrals.emergency.models import CompanionShift
from referrals.emergency.over import already_done
from referrals.emergency.rules.companions import EARLY, CompanionState
from referrals.emergency.workflow import companions
from referrals.emergency.workflow.moving import chain_now
from ui.refusals import explain


@dataclass(frozen=True, slots=True)
class Card:
    """One shift. ``name``, ``place`` and ``watch`` only once they have said that they come."""

    row: CompanionShift
    name: str
    place: str
    watch: str
    may_report: bool

    @property
    def is_asked(self) -> bool:
        return self.row.state == CompanionState.ASKED

    @property
    def is_here(self) -> bool:
        return self.row.state == CompanionState.HERE


@require_safe
@signed_in
def companion(request: ActingRequest) -> HttpResponse:
    """Those that are asked for, to come, or going on."""
    moment = chain_now()
    rows = list(companions.own_companions(request.actor).select_related("incident__person"))
    cards = [_card(row, moment) for row in rows]
    for card in cards:
        if card.name:
            record_read(actor=request.actor, action="incident.read", obj=card.row.incident)
    return render(request, "emergency/after/companion.html", {"cards": cards, "quick_exit": True})


def _card(row: CompanionShift, moment: datetime) -> Card:
    may_report = row.state != CompanionState.HERE and moment >= row.starts_at - EARLY
    if row.state == CompanionState.ASKED or row.incident.person is None:
        return Card(row, "", "", "", may_report)
    said = row.words(row.incident.key)
    return Card(row, row.incident.person.name, said["place"], said["watch"], may_report)


Act = tuple[Callable[..., CompanionShift], Callable[[], str]]
_ACTS: Final[dict[str, Act]] = {
    "accept": (companions.accept_companion, lambda: _("Thank you. Whom, where and what to watch for stands below.")),
    "decline": (companions.decline_companion, lambda: _("Said. Somebody else is looked for.")),
    "here": (companions.report_companion, lambda: _("Written down. Whoever was there before may go now.")),
    "leave": (
        companions.leave_companion,
        lambda: _("Said. Whoever has it is being called. Stay until somebody is there, if you can."),
    ),
}


@require_POST
@signed_in
def companion_act(request: ActingRequest, shift_id: UUID, act: str) -> HttpResponse:
    """I come, I cannot, I am there, I must go."""
    if act not in _ACTS:
        raise NotFound
    writer, said = _ACTS[act]
    values: dict[str, Any] = {"actor": request.actor, "shift_id": shift_id}
    try:
        writer(**values)
    except Conflict as error:
        remember(error)
        if error.reason != "companion_early":
            return already_done(request, "my_companion")
        told = explain(error.reason, error.params)
        messages.info(request, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
    else:
        messages.success(request, said())
    return redirect("my_companion")
