"""``/my/duties/``: what of a colleague's duties somebody has to arrange, and what of one's own changes. No reason, no incident."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.actor import ActingRequest, Actor
from disclosure.sentences import panel
from referrals.emergency.duties import own_changes, to_arrange
from referrals.emergency.duties_shown import shown_changes
from referrals.emergency.models import chain_moment
from referrals.emergency.workflow.duties import arrange_duties, receive_duties


@require_safe
@signed_in
def duties(request: ActingRequest) -> HttpResponse:
    """Those that run or are still to come: of the department, then one's own."""
    day = request.tenant.day_of(chain_moment())
    others, own = to_arrange(request.actor, day), own_changes(request.actor, day)
    context = {
        "others": shown_changes(others, day),
        "own": shown_changes(own, day),
        "see_rows": panel(("duties",), own=True) if own else [],
        "quick_exit": True,
    }
    return render(request, "emergency/duties/mine.html", context)


@require_POST
@signed_in
def received(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """Read, and theirs to arrange."""
    return _said(request, receive_duties, change_id, _("Received. Press “Arranged” when it is done."))


@require_POST
@signed_in
def arranged(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """Done; whoever wrote it is told."""
    return _said(request, arrange_duties, change_id, _("Thank you. Whoever wrote it is told that it is arranged."))


def _said(request: ActingRequest, writer: Callable[..., bool], change_id: UUID, done: str) -> HttpResponse:
    actor: Actor = request.actor
    said: dict[str, Any] = {"actor": actor, "change_id": change_id}
    if writer(**said):
        messages.success(request, done)
    else:
        messages.info(request, _("It was said already."))
    return redirect("my_duties")
