"""``/my/to-read/``: what one is to have, read to the end, answered, or got on paper."""

from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from kernel.clock import now
from kernel.errors import NotFound, Refused
from readings.coverage import Row, mine
from readings.kinds import find
from readings.models import ProofKind, Reading
from readings.rules import Stand
from readings.texts import sign
from readings.workflow import mark_received, prove_by_quiz, prove_read
from ui.refusals import explain

BAD_FORM: Final = 422
_SALT: Final = "readings.opened"


def _me(request: ActingRequest) -> Membership:
    found: Membership | None = Membership.objects.filter(pk=request.actor.membership_id).first()
    if found is None:
        raise NotFound
    return found


def _mine(request: ActingRequest, reading_id: UUID) -> tuple[Reading, Row]:
    for reading, row in mine(_me(request), request.tenant.today()):
        if reading.pk == reading_id:
            return reading, row
    raise NotFound


@require_safe
@role_required("reading.own")
def to_read(request: ActingRequest) -> HttpResponse:
    """What is open, the most urgent first, and what one has."""
    open_ones: list[dict[str, Any]] = []
    done: list[dict[str, Any]] = []
    for reading, row in mine(_me(request), request.tenant.today()):
        shown = {"reading": reading, "row": row, "sign": sign(row.stand)}
        (done if row.stand is Stand.HAS else open_ones).append(shown)
    return render(request, "readings/mine.html", {"open": open_ones, "done": done})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reading.own")
def one(request: ActingRequest, reading_id: UUID) -> HttpResponse:
    """The document, and at its end what proves it."""
    reading, row = _mine(request, reading_id)
    said: Any = None
    if request.method == "POST":
        try:
            _act(request, reading)
        except Refused as refused:
            said = explain(refused.reason, refused.params)
        else:
            messages.success(request, _("Written down. Thank you for reading."))
            return redirect("to_read")
    document = find(reading.kind, reading.ref)
    context = {
        "reading": reading,
        "row": row,
        "sign": sign(row.stand),
        "has": row.stand is Stand.HAS,
        "document": document,
        "opened": request.POST.get("opened") or _opened(request, reading),
        "questions": _questions(request, reading),
        "said": said,
        "ProofKind": ProofKind,
    }
    return render(request, "readings/one.html", context, status=BAD_FORM if said else 200)


def _act(request: ActingRequest, reading: Reading) -> None:
    if request.POST.get("got"):
        mark_received(actor=request.actor, reading_id=reading.pk)
    elif reading.proof == ProofKind.QUIZ:
        answers = [request.POST.get(f"answer_{n}", "") for n in range(len(reading.questions))]
        prove_by_quiz(actor=request.actor, reading_id=reading.pk, answers=answers)
    else:
        prove_read(actor=request.actor, reading_id=reading.pk, opened_at=_opened_at(request, reading))


def _opened(request: ActingRequest, reading: Reading) -> str:
    """Signed for this person and this document, so that nobody writes a time of their own."""
    return TimestampSigner(salt=_SALT).sign_object(
        {"by": str(request.actor.membership_id), "of": str(reading.pk), "at": now().timestamp()}
    )


def _opened_at(request: ActingRequest, reading: Reading) -> datetime:
    """When the page was opened; just now for a sign that is not ours."""
    try:
        found = TimestampSigner(salt=_SALT).unsign_object(request.POST.get("opened", ""))
    except BadSignature:
        return now()
    if (found["by"], found["of"]) != (str(request.actor.membership_id), str(reading.pk)):
        return now()
    return datetime.fromtimestamp(found["at"], UTC)


def _questions(request: ActingRequest, reading: Reading) -> list[dict[str, Any]]:
    """Answers in another order for each person, the same at every look."""
    shown = []
    for n, question in enumerate(reading.questions):
        answers = [question["right"], *question["wrong"]]
        Random(f"{reading.pk}:{request.actor.membership_id}:{n}").shuffle(answers)  # noqa: S311 - an order, no secret
        shown.append(
            {
                "name": f"answer_{n}",
                "text": question["question"],
                "answers": answers,
                "chosen": request.POST.get(f"answer_{n}", ""),
            }
        )
    return shown
