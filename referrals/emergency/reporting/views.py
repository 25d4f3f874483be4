"""``/report/``: anybody tells of a danger; ``/report/mailbox/``: they come back by their receipt.

``reporting.unknown`` has taken off the request whatever tells who it is. A page is the answer to a POST here, because a
redirect could carry the receipt in an address alone, or in a cookie. No token against forged forms: it needs a cookie, and
whoever forges a report could as well send one.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import tries
from kernel.errors import DomainError, Invalid, NotFound, TooMany
from kernel.fold import fold_lines
from referrals.emergency import work
from referrals.emergency.models import Chain, Report, ReportLetter
from referrals.emergency.receipts import in_parts, receipt_hash, receipt_in
from referrals.emergency.report_texts import DIMENSION_TEXTS, signs_of_school
from referrals.emergency.reporting.forms import ReceiptForm, ReportForm
from referrals.emergency.reporting.pictures import InMemoryOnly, clean_picture, is_left_behind
from referrals.emergency.reporting.standing import is_in_hand
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.workflow.receiving import must_not_wait, send_report, write_letter
from tenancy.middleware import HostRequest
from tenancy.models import Tenant
from ui.refusals import explain

CREATED: Final = 201
_WAITING_SECONDS: Final = 2.0
_waiting: dict[tuple[UUID, str], tuple[float, bytes]] = {}
_UNREADABLE: Final = 422


def _apart(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """On a school's host alone, whatever cookies there are."""

    @csrf_exempt
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def looked_at(request: HostRequest) -> HttpResponse:
        if request.on_platform:
            raise NotFound
        request.upload_handlers = [InMemoryOnly(request)]
        return view(request)

    return looked_at


@_apart
def report(request: HostRequest) -> HttpResponse:
    """The questions; sent, the receipt. While the school's chain is not live: whom to call."""
    school = request.tenant
    if (waits := _flooded(request, school)) is not None:
        return waits
    if not Chain.objects.filter(state=ChainState.LIVE.value).exists():
        return render(request, "emergency/reporting/off.html", {"quick_exit": True})
    form = _form(request)
    if request.method != "POST":
        return _questions(request, form)
    sent = request.FILES.get("picture")
    picture = clean_picture(sent)
    try:
        receipt = send_report(
            told=form.told(),
            danger_now=form.is_danger_now(),
            picture=picture,
            asked=request.POST.get("asked", ""),
            answer=request.POST.get("answer", ""),
        )
    except Invalid as error:
        form.add_error(error.fields[0][0] if error.fields else None, str(explain(error.reason).title))
        return _questions(request, form, _UNREADABLE)
    except DomainError as error:
        return _later(request, error)
    context = {
        "receipt": receipt,
        "shown": in_parts(receipt),
        "is_danger": form.is_danger_now(),
        "lost_picture": (sent is not None or is_left_behind(request)) and not picture,
        "quick_exit": True,
    }
    return render(request, "emergency/reporting/sent.html", context, status=CREATED)


def _flooded(request: HttpRequest, school: Tenant) -> HttpResponse | None:
    """In a flood the page that says so, before anything is read that costs more; None for what does not wait.

    It is the same for everybody and is kept for two seconds in this process, so that a flood costs others no time.
    """
    if request.method != "POST" or request.META.get("QUERY_STRING"):
        return None
    if request.POST.get("danger_now") or request.POST.get("answer"):
        return None
    key = (school.pk, get_language() or "")
    kept = _waiting.get(key)
    if kept is None or kept[0] < time.monotonic():
        try:
            must_not_wait()
        except TooMany as error:
            _waiting[key] = kept = (time.monotonic() + _WAITING_SECONDS, _later(request, error).content)
        else:
            return None
    return HttpResponse(kept[1], status=TooMany.status, headers={"Retry-After": "60"})


def _later(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Not taken, with whom to call."""
    context = {"explanation": explain(error.reason, error.params), "quick_exit": True}
    response = render(request, "emergency/reporting/later.html", context, status=error.status)
    response.headers["Retry-After"] = "60"
    return response


def _form(request: HttpRequest) -> ReportForm:
    data = request.POST if request.method == "POST" else None
    is_danger = request.GET.get("danger") == "1"
    return ReportForm(data, initial={"danger_now": is_danger}, signs=signs_of_school())


def _questions(request: HttpRequest, form: ReportForm, status: int = 200) -> HttpResponse:
    ticked = form.ticked()
    signs = [
        (DIMENSION_TEXTS[dimension], [(sign, sign in ticked) for sign in signs])
        for dimension, signs in form.signs.items()
        if signs
    ]
    context = {"form": form, "signs": signs, "work": work.question(), "bits": work.BITS, "quick_exit": True}
    return render(request, "emergency/reporting/report.html", context, status=status)


@_apart
def mailbox(request: HostRequest) -> HttpResponse:
    """By a receipt, which is sent with each press: what the school has answered, and a line to write. It says that a report
    was received or is in hand, and nothing about anybody.
    """
    if request.method != "POST":
        return render(request, "emergency/reporting/receipt.html", {"form": ReceiptForm(), "quick_exit": True})
    receipt = receipt_in(request.POST.get("receipt", ""))
    found = Report.objects.filter(receipt_hash=receipt_hash(receipt)).first() if receipt else None
    if found is None:
        return _unknown(request, is_whole=bool(receipt))
    fault, status = "", 200
    if "words" in request.POST:
        try:
            _write(found, request.POST["words"])
        except DomainError as error:
            fault, status = str(explain(error.reason, error.params).title), error.status
    found.refresh_from_db()
    letters = ReportLetter.objects.filter(report=found).select_related("report").order_by("number")
    context = {
        "receipt": receipt,
        "shown": in_parts(receipt),
        "letters": [(letter.by_id is not None, letter.read(), letter.written_at) for letter in letters],
        "is_handled": is_in_hand(found),
        "has_ended": found.incident.closed_at is not None,
        "fault": fault,
        "has_sent": "words" in request.POST and not fault,
        "is_unread": found.was_read and found.read_at is None,
        "words": request.POST.get("words", "") if fault else "",
        "quick_exit": True,
    }
    return render(request, "emergency/reporting/mailbox.html", context, status=status)


def _write(found: Report, words: str) -> None:
    """Once: who loads the page anew sends the same again."""
    last = ReportLetter.objects.filter(report=found).order_by("-number").first()
    plain = words.replace("\0", "")
    if last is not None and last.by_id is None and last.read() == fold_lines(plain):
        return
    write_letter(report_id=found.pk, words=plain)


def _unknown(request: HostRequest, *, is_whole: bool) -> HttpResponse:
    """One calm page for a slip, a guess, and what was erased. Guesses are counted in the database, for the school as a whole:
    nobody is known by whom they could be counted. A right receipt opens whatever was guessed before.
    """
    school = request.tenant
    form = ReceiptForm(request.POST)
    if is_whole and tries.take(request, "report_receipt", key=str(school.pk)) is None:
        form.add_error(None, _("Many wrong numbers were tried just now. Please wait a minute, then try again."))
        return render(request, "emergency/reporting/receipt.html", {"form": form, "quick_exit": True}, status=429)
    form.add_error("receipt", _("This number opens no mailbox here. Please compare it digit by digit."))
    return render(request, "emergency/reporting/receipt.html", {"form": form, "quick_exit": True}, status=_UNREADABLE)
