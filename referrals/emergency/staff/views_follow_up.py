"""``/my/calls/``: a person reads that somebody of the centre rings now and then, and says whether they want that (chain §3)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.refused import remember
from kernel.errors import Conflict, NotFound
from referrals.emergency.models import FollowUp
from referrals.emergency.rules.follow_ups import FollowUpMode
from referrals.emergency.told import own_follow_ups
from referrals.emergency.workflow.following_up import choose_for_oneself


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def calls(request: ActingRequest) -> HttpResponse:
    """Theirs alone: no word of how they are, of why, or of who wrote what. 404 where there is none."""
    row = own_follow_ups(request.actor).first()
    if row is None:
        raise NotFound
    if request.method == "POST":
        return _said(request, row)
    context: dict[str, Any] = {
        "is_open": row.ended_at is None,
        "is_wanted": row.mode == FollowUpMode.TALK,
        "quick_exit": True,
    }
    return render(request, "emergency/after/calls.html", context)


def _said(request: ActingRequest, row: FollowUp) -> HttpResponse:
    wants = request.POST.get("wants") == "yes"
    try:
        choose_for_oneself(actor=request.actor, follow_up_id=row.pk, wants=wants)
    except Conflict as error:
        remember(error)
        messages.info(request, _("The calls have ended. You can ask for help at any time."))
    else:
        messages.success(
            request, _("Good: somebody will ring again.") if wants else _("Good: nobody rings you any more.")
        )
    return redirect("my_calls")
