"""``/partner/scan/``: look, then redeem, then one of three answers that can be read at arm's length.

The camera reads the code where the browser can, else a scanner, keys or a paste, else a photo that is read here and not
kept. Whatever they give is read by ``referrals.codes`` alone; the page and its script hand it over as it is.

The look is logged and spends nothing. The spending is sent with a key made by the look, so that a double tap, a reload
and a step back with a second sending redeem once and show the first answer again (promise M3).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import accumulate
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import refused_as
from api.once import once
from kernel.errors import DomainError, Invalid
from kernel.fold import fold_text
from referrals.access import as_uuid, in_school_of
from referrals.codes import MAX_TEXT, SecretKind, is_valid, secrets_in
from referrals.counter.looks import keep_look, look_at, note_redemption
from referrals.counter.photo import text_in_photo
from referrals.counter.selectors import redeemed_together, redemption_shown
from referrals.models import Redemption
from referrals.rules import RefusalReason
from referrals.states import RedemptionState
from referrals.texts import KIND_TEXTS, unit_text
from referrals.workflow.redeeming import MOST_UNITS, Prepared, prepare, redeem
from ui.names import named
from ui.refusals import explain
from ui.templatetags.ui import school_day, school_time, yuan

_CALM: Final = frozenset({RefusalReason.ALREADY_REDEEMED, RefusalReason.NOT_YET})
_MOST_SHOWN: Final = 16
"""Digits that come back to be held beside the voucher: all twelve, and a few that are too many."""


@require_safe
@role_required("partner.redeem")
def scan(request: ActingRequest) -> HttpResponse:
    """Camera where there is one, else a field that groups the digits, else a photo."""
    return _scan_page(request)


def _scan_page(request: ActingRequest, error: str = "", typed: str = "", photo_error: str = "") -> HttpResponse:
    """``typed``: what was typed wrongly, to be held beside the voucher; never a voucher that exists."""
    context = {"action": reverse("partner_scan_look"), "error": error, "typed": typed, "photo_error": photo_error}
    return render(request, "referrals/partner/scan.html", context, status=422 if error or photo_error else 200)


@require_POST
@role_required("partner.redeem")
def look(request: ActingRequest) -> HttpResponse:
    """Read what was typed, scanned or photographed, log the look, and lead to its preview; nothing is spent."""
    photo = request.FILES.get("photo")
    if photo is not None:
        text = text_in_photo(photo) or ""
    else:
        text = request.POST.get("token") or request.POST.get("code") or ""
    read = secrets_in(text)
    if not read:
        return _unread(request, text, photo=photo is not None)
    if len(read) == 1 and read[0].kind is SecretKind.CODE and not is_valid(read[0].value):
        error_text = _("One of the digits is mistyped. Please check them against the voucher.")
        return _scan_page(request, error_text, _typed(read[0].value))
    try:
        prepare(actor=request.actor, text=text)
    except DomainError as error:
        if error.reason != "two_vouchers":
            return _refused(request, error.reason, error.params, error.status)
        told = _("There is more than one voucher in this. Please give one of them only. Nothing was redeemed.")
        return _scan_page(request, photo_error=told) if photo is not None else _scan_page(request, told)
    return redirect("partner_scan_preview", key=keep_look(request, read[0].value))


@require_safe
@role_required("partner.redeem")
def preview(request: ActingRequest, key: UUID) -> HttpResponse:
    """The look once more: a reload, Back and another language find it, until it is redeemed or ten minutes old."""
    text, redemption = look_at(request, key)
    if redemption:
        return redirect("partner_redeemed", redemption_id=redemption)
    if not text:
        return redirect("partner_scan")
    try:
        found = prepare(actor=request.actor, text=text, is_logged=False)
    except DomainError as error:
        return _refused(request, error.reason, error.params, error.status)
    with in_school_of(found.voucher):  # the card is sealed with its school's key
        card = found.booking.card if found.booking else ""
    context = {
        "found": found,
        "card": card,
        "title": KIND_TEXTS[found.service.kind].voucher,
        "service": named(found.service),
        "one_unit": unit_text(found.service.unit, 1),
        "left": unit_text(found.service.unit, found.voucher.units_left),
        "choices": _choices(found),
        "text": text,
        "key": key,
    }
    return render(request, "referrals/partner/preview.html", context)


def _choices(found: Prepared) -> list[tuple[int, str]]:
    """How many units may be redeemed at once, and what to collect for them; nothing to choose for the last one."""
    if len(found.ahead) < 2:
        return []
    due = accumulate(self_fen for _subsidy_fen, self_fen in found.ahead[:MOST_UNITS])
    sentence = _("%(units)s · collect %(amount)s")
    rows = [(n, unit_text(found.service.unit, n), yuan(fen)) for n, fen in enumerate(due, start=1)]
    return [(n, sentence % {"units": units, "amount": amount}) for n, units, amount in rows]


def _unread(request: ActingRequest, text: str, *, photo: bool) -> HttpResponse:
    """The page again, with what can be done about it."""
    if photo:
        told = _("No voucher could be read in this photo. Go closer, or type the twelve digits. Nothing was redeemed.")
        return _scan_page(request, photo_error=told)
    if len(text) > MAX_TEXT:
        return _scan_page(
            request, _("This is too long to be looked through. Please paste the line with the code only.")
        )
    return _scan_page(request, _("Please type all twelve digits, or scan the picture."), _typed(text))


def _typed(text: str) -> str:
    """The digits in groups of four, as the field shows them, one too many as well; nothing else comes back."""
    digits = "".join(sign for sign in fold_text(text[:MAX_TEXT]) if sign in "0123456789")[:_MOST_SHOWN]
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


@require_POST
@role_required("partner.redeem")
def spend(request: ActingRequest) -> HttpResponse:
    """Redeem one unit, or as many as were chosen. The same key gives the same answer."""
    actor = request.actor
    key, text, units = (
        request.POST.get("key", ""),
        request.POST.get("text", "")[:MAX_TEXT],
        request.POST.get("units", "1"),
    )
    if not key or not text or not re.fullmatch("[0-9]{1,3}", units):
        raise Invalid("malformed")

    def take() -> tuple[int, Any]:
        """A refusal is answered, not raised: the log of the scan has to stay."""
        try:
            taken = redeem(actor=actor, text=text, units=int(units))
        except DomainError as error:
            return error.status, {"reason": error.reason, "params": dict(error.params)}
        return 201, {"redemption": str(taken[0].pk)}

    sent = {"text": text, "units": int(units)}
    answer = once(
        actor_id=actor.known_user, key=str(as_uuid(key)), call=f"POST {request.path}", sent=sent, act=take, wait=True
    )
    if answer.status >= 300:
        return _refused(request, answer.data["reason"], answer.data["params"], answer.status)
    note_redemption(request, key, answer.data["redemption"])
    return redirect("partner_redeemed", redemption_id=answer.data["redemption"])


def _refused(request: ActingRequest, reason: str, params: Mapping[str, Any], status: int) -> HttpResponse:
    """Calm where the voucher is a good one at the wrong moment; any other reason: no, and why."""
    said = explain(reason, {**params, **_shown(params)})
    context = {
        "tone": "wait" if reason in _CALM else "bad",
        "title": said.title,
        "detail": f"{_when(params)}{said.detail}",
        "next_step": said.next_step,
        "primary": {"url": reverse("partner_scan"), "label": _("Scan the next one")},
        "secondary": {"url": reverse("partner_redemptions"), "label": _("See what was redeemed")},
    }
    response = render(request, "referrals/partner/result.html", context, status=status)
    refused_as(response, reason)
    return response


def _shown(params: Mapping[str, Any]) -> dict[str, str]:
    """The days of a refusal under the names that its sentence uses."""
    days = {"valid_until": "until", "valid_from": "from"}
    shown = {to: school_day(date.fromisoformat(params[name])) for name, to in days.items() if params.get(name)}
    if "units_left" in params:
        shown["left"] = str(params["units_left"])
    return shown


def _when(params: Mapping[str, Any]) -> str:
    if not params.get("when"):
        return ""
    return _("It was redeemed on %(time)s. ") % {"time": school_time(datetime.fromisoformat(params["when"]))}


@require_safe
@role_required("partner.redeem")
def redeemed(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """Done: what to collect. A reload shows it again and spends nothing."""
    actor = request.actor
    found = redemption_shown(actor, redemption_id)
    together = redeemed_together(actor, found)
    gone = found.state == RedemptionState.REVERSED
    context: dict[str, Any] = {
        "tone": "wait" if gone else "ok",
        "title": _("Taken back") if gone else _("Redeemed"),
        "detail": _joined(_("Voucher %(number)s") % {"number": found.voucher_number}, found, len(together)),
        "redemption": found,
        "subsidy_fen": sum(unit.subsidy_fen for unit in together),
        "service": named(found.voucher.service),
        "primary": {"url": reverse("partner_scan"), "label": _("Scan the next one")},
    }
    if not gone:
        context |= {"amount_fen": sum(unit.self_fen for unit in together), "amount_label": _("Please collect")}
        if actor.may("partner.reverse") and found.state == RedemptionState.REDEEMED and len(together) == 1:
            url = reverse("partner_redemption_reverse", args=[found.pk])
            context["secondary"] = {"url": url, "label": _("Undo this redemption")}
        elif len(together) > 1:  # each unit is taken back by itself
            context["secondary"] = {"url": reverse("partner_redemptions"), "label": _("See what was redeemed")}
    return render(request, "referrals/partner/result.html", context)


def _joined(voucher: str, found: Redemption, units: int) -> str:
    """The voucher, and how many units when there was more than one."""
    return f"{voucher} · {unit_text(found.voucher.service.unit, units)}" if units > 1 else voucher
