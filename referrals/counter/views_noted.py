"""``/partner/scan/noted/``: what a counter noted while it had no network, one note a call; without one it is the look whether there is (books §3)."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from api.once import once
from kernel.clock import now
from kernel.errors import DomainError, Invalid, TooMany
from referrals.codes import MAX_TEXT
from referrals.workflow.noted import Noted
from referrals.workflow.offline_marks import Taken, take_note
from referrals.workflow.redeeming import MOST_UNITS
from ui.refusals import explain
from ui.templatetags.ui import yuan

MOST_OFFSET: Final = timedelta(days=1)
"""A device whose clock is more than a day off says nothing about when something was noted."""


@require_POST
@role_required("partner.redeem")
def noted(request: ActingRequest) -> HttpResponse:
    """``{}`` answers the server's time; a note also ``state``: ``redeemed``, ``asked`` or ``refused``, and a sentence.

    The note's own id is its key: sent twice it is taken once, and answered the same.
    """
    sent = _read(request)
    answer: dict[str, Any] = {"now": now().isoformat()}
    if sent is None:
        return JsonResponse(answer)
    note, text, units = sent

    def take() -> tuple[int, Any]:
        """A refusal is answered, not raised: the log of the scan has to stay."""
        try:
            return 201, _told(take_note(actor=request.actor, text=text, noted=note, units=units))
        except TooMany:  # the device asks again later; nothing has been said about the note
            raise
        except DomainError as error:
            said = explain(error.reason, error.params)
            return error.status, {"state": "refused", "says": f"{said.title} – {said.next_step}"}

    kept = {"text": text, "units": units, "at": note.at.isoformat()}
    done = once(
        actor_id=request.actor.known_user,
        key=str(note.client_id),
        call=f"POST {request.path}",
        sent=kept,
        act=take,
        wait=True,
    )
    return JsonResponse(answer | done.data)


def _told(taken: Taken) -> Mapping[str, str]:
    if not taken.redemptions:
        told = _("It is older than the school takes, or its day was over: the person is asked whether it took place.")
        return {"state": "asked", "says": told, "url": reverse("partner_unscanned")}
    collect = yuan(sum(unit.self_fen for unit in taken.redemptions))
    return {
        "state": "redeemed",
        "says": _("Redeemed. To collect: %(amount)s") % {"amount": collect},
        "url": reverse("partner_redeemed", args=[taken.redemptions[0].pk]),
    }


def _read(request: ActingRequest) -> tuple[Noted, str, int] | None:
    """The body's note; None for an empty one. Invalid ``malformed`` for anything else."""
    try:
        row = json.loads(request.body)
        if row == {}:
            return None
        text, units, off, at = row["text"], row["units"], row["offset"], parse_datetime(row["at"])
        is_whole = type(units) is int and type(off) is int and isinstance(text, str)
        if not is_whole or at is None or at.tzinfo is None or not 1 <= units <= MOST_UNITS:
            raise ValueError
        offset = timedelta(milliseconds=off)
        if abs(offset) > MOST_OFFSET or not 0 < len(text) <= MAX_TEXT or "\0" in text:
            raise ValueError
        return Noted(UUID(row["id"]), at + offset, offset), text, units
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise Invalid("malformed") from None
