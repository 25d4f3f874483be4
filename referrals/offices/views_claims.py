"""``/finance/corrections/claims/`` and ``/union/amounts/``: an amount is said to be wrong; finance answers (books §5)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.same_person import same_member, same_person
from kernel.money import yuan
from referrals import claims_shown as claims
from referrals.claim_states import ClaimState
from referrals.claims_shown import WRONG_TEXTS, ClaimForm, claim_shown
from referrals.models import AmountClaim, CorrectionSide, Redemption
from referrals.offices.claims import ClaimAnswerForm, ClaimList
from referrals.offices.corrections import SIDE_TEXTS
from referrals.offices.selectors import names_of
from referrals.offices.two_people import Door, Facts, decided_page, who
from referrals.subsidies.corrections import split_of
from referrals.workflow.claiming import (
    UNION_KINDS,
    claim_amount,
    decline_claim,
    may_claim,
    readable_claim,
    use_of,
    withdraw_claim,
)
from referrals.workflow.correcting import of_number, spent_unit
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time

_MOST, _LONGEST = 30, 60
_YOU_ANSWER = gettext_lazy(
    "Nothing has moved. Look it up, then ask for a correction, which a second person decides, or say in a sentence why it stays."
)


@require_safe
@role_required("voucher.correct")
def finance_claims(request: ActingRequest) -> HttpResponse:
    """Those that wait for finance; ``?q=&side=&state=&page=``."""
    return render(request, "referrals/office/claims.html", at_desk(request, "finance", **ClaimList(request).context()))


@require_safe
@role_required("voucher.correct")
def finance_claims_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return ClaimList(request).file()


def _use_facts(found: Redemption) -> Facts:
    """Month and amounts that count now; no day, no service, nobody's name."""
    counts = split_of(spent_unit(found))
    return [
        (_("Voucher number"), found.voucher_number),
        (_("Month"), f"{found.service_date:%Y-%m}"),
        (_("Price"), yuan(counts.fee_fen)),
        (_("School pays"), yuan(counts.subsidy_fen)),
        (_("The person pays"), yuan(counts.self_fen)),
    ]


def _said(claim: AmountClaim) -> Facts:
    return [
        (_("What is wrong?"), WRONG_TEXTS[claim.cause]),
        *([(_("The right price"), yuan(claim.fee_fen))] if claim.fee_fen else []),
        (_("Reason"), claim.reason),
        *([(_("Your answer"), claim.answer)] if claim.answer else []),
    ]


@require_safe
@role_required("voucher.correct")
def finance_claim(request: ActingRequest, claim_id: UUID) -> HttpResponse:
    """One claim with what counts now, and the two answers. Who asks is said by side, not by name."""
    claim = readable_claim(request.actor, claim_id)
    waits = claim.state == ClaimState.OPEN and not same_person(request.actor.user_id, claim.asked_by_id)
    people: Facts = [(_("Who asks"), f"{SIDE_TEXTS[claim.side]} · {school_time(claim.asked_at)}")]
    if claim.answered_by_id:
        names = names_of(claim.answered_by_id)
        people.append((_("Answered by"), who(claim.answered_by_id, claim.answered_at, names)))
    doors = []
    if waits:
        ask = f"{reverse('finance_correction_new', args=[claim.redemption_id])}?claim={claim.pk}"
        doors.append(Door(ask, _("Ask for a correction"), is_yes=True))
        doors.append(Door(reverse("finance_claim_decline", args=[claim.pk]), _("Say why it stays")))
    if claim.correction_id:
        doors.append(Door(reverse("finance_correction", args=[claim.correction_id]), _("Open the correction")))
    return decided_page(
        request,
        desk="finance",
        title=_("An amount that is questioned"),
        heading=claim.voucher_number,
        is_number=True,
        sign=sign_of(claim.state, "claim"),
        back=reverse("finance_claims"),
        eyes=_YOU_ANSWER if waits else "",
        facts=[*_use_facts(claim.redemption), *_said(claim)],
        people=people,
        doors=doors,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.correct")
def finance_claim_decline(request: ActingRequest, claim_id: UUID) -> HttpResponse:
    """Why nothing is corrected, in a sentence that goes back."""
    claim = readable_claim(request.actor, claim_id)
    form = ClaimAnswerForm(request.POST if request.method == "POST" else None)
    return asked_again(
        request,
        lambda: decline_claim(actor=request.actor, claim_id=claim.pk, answer=form.cleaned_data["answer"]),
        back=reverse("finance_claim", args=[claim.pk]),
        waits=claim.state == ClaimState.OPEN and not same_person(request.actor.user_id, claim.asked_by_id),
        title=_("Does this amount stay as it was?"),
        lead=_("Nothing moves. Whoever asked reads your sentence."),
        facts=[*_use_facts(claim.redemption), *_said(claim)],
        form=form,
        label=_("Send the answer"),
        done=_("Answered. Whoever asked has a message."),
    )


@require_safe
@role_required("claim.union")
def union_amounts(request: ActingRequest) -> HttpResponse:
    """A use found by the whole number of its voucher, ``?q=``, and what the union has asked, newest first."""
    q = request.GET.get("q", "").strip()[:_LONGEST]
    uses = []
    for row in of_number(q) if q else []:
        own = same_member(row.voucher.person_id, request.actor.membership_id)
        if row.voucher.referral.kind in UNION_KINDS and may_claim(row) and not own:
            title = _("Use %(n)d · %(month)s") % {"n": row.unit_index + 1, "month": f"{row.service_date:%Y-%m}"}
            note = _("School pays %(school)s · person pays %(person)s") % {
                "school": yuan(row.subsidy_now_fen),
                "person": yuan(row.self_now_fen),
            }
            uses.append((reverse("union_amount", args=[row.pk]), title, note))
    asked = AmountClaim.objects.filter(side=CorrectionSide.UNION).order_by("-asked_at", "-id")[:_MOST]
    rows = [(claim, claim_shown(claim)) for claim in asked]
    context = at_desk(request, "union", q=q, uses=uses, rows=rows)
    return render(request, "referrals/office/union_amounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("claim.union")
def union_amount(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """What is wrong with the amount of one use, for a colleague."""
    found = use_of(request.actor, CorrectionSide.UNION, redemption_id)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    return asked_again(
        request,
        lambda: claim_amount(actor=request.actor, redemption_id=found.pk, side=CorrectionSide.UNION, **form.values()),
        back=reverse("union_amounts"),
        waits=may_claim(found),
        title=str(claims.TITLE),
        lead=claims.LEAD,
        facts=_use_facts(found),
        form=form,
        label=str(claims.SEND),
        done=str(claims.SENT),
    )


@require_POST
@role_required("claim.union")
def union_amount_withdraw(request: ActingRequest, claim_id: UUID) -> HttpResponse:
    """The question about the amount is taken back."""
    withdraw_claim(actor=request.actor, claim_id=claim_id, side=CorrectionSide.UNION)
    messages.success(request, claims.TAKEN_BACK)
    return redirect("union_amounts")
