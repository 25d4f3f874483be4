"""``/vouchers/uses/…/``: after a service: was it right? The person agrees, objects, or takes the objection back."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from kernel.money import yuan
from referrals import claims_shown as claims
from referrals.access import access_own_use
from referrals.claims_shown import ClaimForm, claims_of
from referrals.corrections_shown import corrections_of
from referrals.dispute_texts import DISPUTE_TEXTS
from referrals.models import CorrectionSide, PassedOn, Redemption
from referrals.states import RedemptionKind, RedemptionState
from referrals.workflow.claiming import claim_amount, may_claim, use_of, withdraw_claim
from referrals.workflow.objecting import agree, dispute, may_object, withdraw_dispute
from ui.confirm import asked_again
from ui.names import named
from ui.states import sign_of
from ui.templatetags.ui import school_day, school_time


class DisputeForm(forms.Form):
    """What is not right; the list is closed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What is not right?"), choices=list(DISPUTE_TEXTS.items()), widget=forms.RadioSelect
    )


def facts_of_use(found: Redemption) -> list[tuple[str, str]]:
    """What a use was, what it cost whom, how it stands."""
    rows = [
        (_("Service"), named(found.voucher.service)),
        (_("Agency"), named(found.partner)),
        (_("Day"), school_day(found.service_date)),
        (_("You paid"), yuan(found.self_fen)),
        (_("School pays"), yuan(found.subsidy_fen)),
        (_("State"), str(sign_of(found.state, "redemption").text)),
    ]
    if found.dispute_reason:
        rows.append((_("Your objection"), str(DISPUTE_TEXTS[found.dispute_reason])))
    return rows


@require_safe
@role_required("voucher.own")
def use(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """One use with what the person can still say about it, and until when."""
    found, moment = access_own_use(request.actor, redemption_id), now()
    context = {
        "use": found,
        "facts": facts_of_use(found),
        "may_object": may_object(found, moment),
        "until": school_time(found.due_at) if found.due_at else "",
        "is_disputed": found.state == RedemptionState.DISPUTED,
        "corrections": corrections_of(found),
        "claim": claims_of(CorrectionSide.PERSON, [found]).get(found.pk),
        "may_claim": may_claim(found),
        "passed_on": PassedOn.objects.filter(redemption=found).first(),
        "is_fee": found.kind == RedemptionKind.FEE,
        "more_url": "" if found.voucher.units_left else reverse("apply_service", args=[found.voucher.service_id]),
        "back_url": reverse("voucher", args=[found.voucher_id]),
        "quick_exit": True,
    }
    return render(request, "referrals/vouchers/use.html", context)


@require_POST
@role_required("voucher.own")
def use_agree(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """It was right."""
    agree(actor=request.actor, redemption_id=redemption_id)
    messages.success(request, _("Thank you, it is noted."))
    return redirect("voucher_use", redemption_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.own")
def use_dispute(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """What an objection means, the reason, then the button."""
    found = access_own_use(request.actor, redemption_id)
    form = DisputeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        dispute(actor=request.actor, tenant=request.tenant, redemption_id=found.pk, reason=reason)
        messages.success(request, _("Sent. The school looks at it and tells you."))
        return redirect("voucher_use", found.pk)
    if request.method != "POST" and not may_object(found, now()):
        return redirect("voucher_use", found.pk)  # it says how it stands
    context = {
        "title": _("Is something not right?"),
        "lead": _(
            "The office that decides this kind of help asks both sides. Only this one use waits; the rest of your voucher stays good."
        ),
        "facts": facts_of_use(found),
        "form": form,
        "confirm_label": _("Send the objection"),
        "back_url": reverse("voucher_use", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("voucher.own")
def use_wrong(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """Once it counts: what is wrong with its amount, for finance."""
    found = use_of(request.actor, CorrectionSide.PERSON, redemption_id)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    claim = claims_of(CorrectionSide.PERSON, [found]).get(found.pk)
    return asked_again(
        request,
        lambda: claim_amount(actor=request.actor, redemption_id=found.pk, side=CorrectionSide.PERSON, **form.values()),
        back=reverse("voucher_use", args=[found.pk]),
        waits=may_claim(found) and not (claim and claim.is_open),
        title=str(claims.TITLE),
        lead=claims.LEAD,
        facts=facts_of_use(found),
        form=form,
        label=str(claims.SEND),
        done=str(claims.SENT),
        quick_exit=True,
    )


@require_POST
@role_required("voucher.own")
def use_wrong_withdraw(request: ActingRequest, redemption_id: UUID, claim_id: UUID) -> HttpResponse:
    """The question about the amount is taken back."""
    withdraw_claim(actor=request.actor, claim_id=claim_id, side=CorrectionSide.PERSON)
    messages.success(request, claims.TAKEN_BACK)
    return redirect("voucher_use", redemption_id)


@require_POST
@role_required("voucher.own")
def use_withdraw(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """The objection is taken back."""
    withdraw_dispute(actor=request.actor, redemption_id=redemption_id)
    messages.success(request, _("Taken back. The use counts."))
    return redirect("voucher_use", redemption_id)
