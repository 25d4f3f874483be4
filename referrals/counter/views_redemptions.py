"""``/partner/redemptions/``: what was redeemed, and taking one back with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from disclosure.sentences import spaced
from kernel.clock import local_day, now
from kernel.errors import IllegalMove
from kernel.money import yuan
from referrals import claims_shown as claims
from referrals.access import in_school_of
from referrals.claims_shown import ClaimForm
from referrals.counter.forms import ReverseForm
from referrals.counter.lists import REVERSIBLE, RedemptionList
from referrals.counter.selectors import desks_of, redemption_shown
from referrals.models import CorrectionSide, Redemption
from referrals.states import RedemptionState
from referrals.texts import colleague_text
from referrals.workflow.claiming import claim_amount, may_claim, withdraw_claim
from referrals.workflow.redeeming import reverse as take_back
from ui.confirm import asked_again
from ui.names import named
from ui.templatetags.ui import school_time


@require_safe
@role_required("partner.read")
def redemptions(request: ActingRequest) -> HttpResponse:
    """Newest first, with the sums of the whole filtered list; ``?q=&state=&first=&last=&page=``."""
    context = {
        **RedemptionList(request).context(),
        "may_reverse": request.actor.may("partner.reverse"),
        "may_claim": request.actor.may("claim.partner"),
    }
    return render(request, "referrals/partner/redemptions.html", context)


@require_safe
@role_required("partner.read")
def redemptions_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return RedemptionList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.reverse")
def redemption_reverse(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """What taking it back means, then the reason and the button."""
    actor = request.actor
    found = redemption_shown(actor, redemption_id)
    form = ReverseForm(request.POST if request.method == "POST" else None)
    if found.state == RedemptionState.REVERSED:  # pressed twice, or come back to
        messages.info(request, _("This redemption was undone before. Nothing was changed."))
        return redirect("partner_redemptions")
    if request.method == "POST" and form.is_valid():
        with in_school_of(found):
            take_back(actor=actor, redemption_id=found.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("Taken back. While the voucher is valid its unit can be used again."))
        return redirect("partner_redemptions")
    if found.state not in REVERSIBLE:
        raise IllegalMove("settlement_closed")
    context = {
        "title": _("Undo this redemption?"),
        "lead": _lead(found),
        "facts": [
            (_("Voucher number"), found.voucher_number),
            (_("Service"), named(found.voucher.service)),
            (_("Redeemed"), school_time(found.redeemed_at)),
            (_("Counter"), colleague_text(desks_of([found])[0])),
            (_("School pays"), yuan(found.subsidy_now_fen)),
            (_("Collected from the person"), yuan(found.self_now_fen)),
        ],
        "warning": _("Give back what you collected. The person is told.")
        if found.self_now_fen
        else _("The person is told."),
        "form": form,
        "confirm_label": _("Undo it"),
        "danger": True,
        "back_url": reverse("partner_redemptions"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("claim.partner")
def claim(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """The amount of one use is wrong: what the school's finance should look at."""
    found = redemption_shown(request.actor, redemption_id)
    form = ClaimForm(request.POST if request.method == "POST" else None)

    def write() -> None:
        with in_school_of(found):
            claim_amount(actor=request.actor, redemption_id=found.pk, side=CorrectionSide.AGENCY, **form.values())

    return asked_again(
        request,
        write,
        back=reverse("partner_redemptions"),
        waits=may_claim(found),
        title=str(claims.TITLE),
        lead=claims.LEAD,
        facts=[
            (_("Voucher number"), found.voucher_number),
            (_("Service"), named(found.voucher.service)),
            (_("Redeemed"), school_time(found.redeemed_at)),
            (_("School pays"), yuan(found.subsidy_now_fen)),
            (_("Collected from the person"), yuan(found.self_now_fen)),
        ],
        form=form,
        label=str(claims.SEND),
        done=str(claims.SENT),
    )


@require_POST
@role_required("claim.partner")
def claim_withdraw(request: ActingRequest, redemption_id: UUID, claim_id: UUID) -> HttpResponse:
    """The question about the amount is taken back."""
    with in_school_of(redemption_shown(request.actor, redemption_id)):
        withdraw_claim(actor=request.actor, claim_id=claim_id, side=CorrectionSide.AGENCY)
    messages.success(request, claims.TAKEN_BACK)
    return redirect("partner_redemptions")


def _lead(found: Redemption) -> str:
    """What taking it back means; of the school's debt only where there is one."""
    said = [_("The school no longer owes you for it.")] if found.subsidy_now_fen else []
    said.append(_("While the voucher is valid its unit can be used again."))
    if found.service_date < local_day(now()):
        said.append(_("Its day is over: for that day it cannot be counted a second time."))
    return spaced(said)
