"""``/finance/corrections/``: a use that was counted with a wrong split, corrected by two people (books §2, §9)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.same_person import same_person
from exports import plain_yuan
from kernel.errors import Invalid
from kernel.money import yuan
from referrals.access import as_uuid
from referrals.corrections_shown import signed
from referrals.models import AmountClaim, Correction
from referrals.offices.corrections import CAUSE_TEXTS, SIDE_TEXTS, CorrectionForm, CorrectionList
from referrals.offices.two_people import (
    ASK_ANEW,
    NOT_APPROVED,
    TAKEN_BACK,
    YOU_ASKED,
    YOU_MAY,
    Answer,
    Door,
    answered,
    decided_page,
    people_of,
)
from referrals.policy import UnitSplit
from referrals.states import CorrectionState
from referrals.subsidies.corrections import split_of
from referrals.workflow.claiming import readable_claim
from referrals.workflow.correcting import (
    approve_correction,
    ask_correction,
    decline_correction,
    looked_at,
    of_number,
    proposed,
    readable_correction,
    spent_unit,
    withdraw_correction,
)
from ui.confirm import goes_back
from ui.navigation import at_desk
from ui.states import sign_of

_MOST = 60


@require_safe
@role_required("voucher.correct")
def corrections(request: ActingRequest) -> HttpResponse:
    """What was asked, newest first; ``?q=&cause=&state=&page=``."""
    context = at_desk(request, "finance", **CorrectionList(request).context())
    return render(request, "referrals/office/corrections.html", context)


@require_safe
@role_required("voucher.correct")
def corrections_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return CorrectionList(request).file()


@require_safe
@role_required("voucher.correct")
def find(request: ActingRequest) -> HttpResponse:
    """The uses of one voucher by its whole number, ``?q=``; the month, never the day, and nobody's name."""
    q = request.GET.get("q", "").strip()[:_MOST]
    rows = [
        (
            reverse("finance_correction_new", args=[row.pk]),
            _("Use %(n)d · %(month)s") % {"n": row.unit_index + 1, "month": f"{row.service_date:%Y-%m}"},
            _("School pays %(school)s · person pays %(person)s · %(state)s")
            % {
                "school": yuan(row.subsidy_now_fen),
                "person": yuan(row.self_now_fen),
                "state": sign_of(row.state, "redemption").text,
            },
        )
        for row in (of_number(q) if q else [])
    ]
    return render(request, "referrals/office/correction_find.html", at_desk(request, "finance", q=q, rows=rows))


def _became(old_fen: int, new_fen: int) -> str:
    """What stays is said once."""
    if old_fen == new_fen:
        return yuan(new_fen)
    return f"{yuan(old_fen)} → {yuan(new_fen)} ({signed(new_fen - old_fen)})"


def split_facts(old: UnitSplit, new: UnitSplit) -> list[tuple[str, str]]:
    """The three amounts of a use as they were and as they would be, in words."""
    return [
        (_("Price"), _became(old.fee_fen, new.fee_fen)),
        (_("School pays"), _became(old.subsidy_fen, new.subsidy_fen)),
        (_("The person pays"), _became(old.self_fen, new.self_fen)),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.correct")
def ask(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """First the form, then what it means to the fen, then it waits for a second person."""
    found = looked_at(request.actor, redemption_id)
    claim = _claim(request)
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial=_prefilled(claim))
    if claim is not None:
        form.answers(claim.side)
    if request.method == "POST" and not goes_back(request) and form.is_valid():
        data = form.cleaned_data
        said = {"cause": data["cause"], "fee_fen": data["fee"]}
        if not request.POST.get("confirmed"):
            return _confirm(request, data, proposed(request.actor, found.pk, **said), claim)
        try:
            key = as_uuid(request.POST.get("reference", ""))
            row = ask_correction(
                actor=request.actor,
                redemption_id=found.pk,
                side=data["side"],
                reason=data["reason"],
                key=key,
                claim_id=claim.pk if claim else None,
                **said,
            )
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked. A second person of finance decides and has a message about it."))
            return redirect("finance_correction", correction_id=row.pk)
    now_counts = split_of(spent_unit(found))
    facts = [
        (_("Voucher number"), found.voucher_number),
        (_("Month"), f"{found.service_date:%Y-%m}"),
        (_("Price"), yuan(now_counts.fee_fen)),
        (_("School pays"), yuan(now_counts.subsidy_fen)),
        (_("The person pays"), yuan(now_counts.self_fen)),
    ]
    context = at_desk(request, "finance", form=form, facts=facts, number=found.voucher_number, claim=claim)
    return render(request, "referrals/office/correction_new.html", context, status=422 if form.errors else 200)


def _claim(request: ActingRequest) -> AmountClaim | None:
    """``?claim=``: the claim that this correction would answer."""
    sent = request.POST if request.method == "POST" else request.GET
    return readable_claim(request.actor, sent["claim"]) if sent.get("claim") else None


def _prefilled(claim: AmountClaim | None) -> dict[str, Any]:
    """What whoever asked has said; finance changes what it finds otherwise."""
    if claim is None:
        return {}
    fee = plain_yuan(claim.fee_fen) if claim.fee_fen else ""
    return {"cause": claim.cause, "side": claim.side, "fee": fee}


def _confirm(
    request: ActingRequest,
    data: dict[str, Any],
    splits: tuple[UnitSplit, UnitSplit],
    claim: AmountClaim | None,
) -> HttpResponse:
    context = {
        "title": _("Ask for this correction?"),
        "lead": _("Nothing moves before a second person has approved it."),
        "facts": [
            *split_facts(*splits),
            (_("What was wrong"), CAUSE_TEXTS[data["cause"]]),
            (_("Who asked for it"), SIDE_TEXTS[data["side"]]),
            (_("Reason"), data["reason"]),
        ],
        "confirm_label": _("Ask for this"),
        "hidden": [
            ("cause", data["cause"]),
            ("fee", plain_yuan(data["fee"]) if data["fee"] else ""),
            ("side", data["side"]),
            ("reason", data["reason"]),
            ("reference", uuid4()),
            ("confirmed", "1"),
            *([("claim", claim.pk)] if claim else []),
        ],
        "keeps": True,
    }
    return render(request, "ui/confirm.html", context)


def _facts(row: Correction) -> list[tuple[str, Any]]:
    return [
        (_("Voucher number"), row.voucher_number),
        (_("Month"), f"{row.service_date:%Y-%m}"),
        *split_facts(row.old, row.new),
        (_("What was wrong"), CAUSE_TEXTS[row.cause]),
        (_("Who asked for it"), SIDE_TEXTS[row.side]),
        (_("Reason"), row.reason),
    ]


def _waits(row: Correction) -> bool:
    return row.state == CorrectionState.ASKED


@require_safe
@role_required("voucher.correct")
def correction(request: ActingRequest, correction_id: UUID) -> HttpResponse:
    """One correction to the fen, who asked and decided, and what may be done."""
    row = readable_correction(request.actor, correction_id)
    waits, mine = _waits(row), same_person(request.actor.user_id, row.asked_by_id)
    doors = []
    if waits and not mine:
        doors.append(Door(reverse("finance_correction_approve", args=[row.pk]), _("Approve"), is_yes=True))
        doors.append(Door(reverse("finance_correction_decline", args=[row.pk]), _("Do not approve")))
    if waits and row.asked_by_id == request.actor.user_id:
        doors.append(Door(reverse("finance_correction_withdraw", args=[row.pk]), _("Take back")))
    return decided_page(
        request,
        desk="finance",
        title=_("A correction"),
        heading=row.voucher_number,
        is_number=True,
        sign=sign_of(row.state, "correction"),
        back=reverse("finance_corrections"),
        eyes=(YOU_ASKED if mine else YOU_MAY) if waits else "",
        facts=_facts(row),
        people=people_of(row),
        doors=doors,
    )


_APPROVE = Answer(
    title=gettext_lazy("Approve this correction?"),
    lead=gettext_lazy(
        "The difference is written into the books at once and cannot be deleted. The person and the agency are told."
    ),
    label=gettext_lazy("Approve"),
    done=gettext_lazy("Approved. The difference stands in the books; the person and the agency are told."),
)
_DECLINE = Answer(gettext_lazy("Not approve this correction?"), ASK_ANEW, gettext_lazy("Do not approve"), NOT_APPROVED)
_WITHDRAW = Answer(
    gettext_lazy("Take this correction back?"), ASK_ANEW, gettext_lazy("Take back"), TAKEN_BACK, own=True
)


def _answered(
    request: ActingRequest, correction_id: UUID, answer: Answer, write: Callable[..., Correction]
) -> HttpResponse:
    row = readable_correction(request.actor, correction_id)
    return answered(
        request,
        row,
        answer,
        lambda: write(actor=request.actor, correction_id=row.pk),
        waits=_waits(row),
        back=reverse("finance_correction", args=[row.pk]),
        facts=_facts(row),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.correct")
def approve(request: ActingRequest, correction_id: UUID) -> HttpResponse:
    """What the yes books, then the button."""
    return _answered(request, correction_id, _APPROVE, approve_correction)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.correct")
def decline(request: ActingRequest, correction_id: UUID) -> HttpResponse:
    """A no: nothing moves."""
    return _answered(request, correction_id, _DECLINE, decline_correction)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.correct")
def withdraw(request: ActingRequest, correction_id: UUID) -> HttpResponse:
    """Taken back by whoever asked."""
    return _answered(request, correction_id, _WITHDRAW, withdraw_correction)
