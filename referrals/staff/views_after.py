"""``/my/referrals/…/solved/``, ``…/rate/``, ``…/next/``: what follows the last session of a request (rules §2)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from kernel.clock import now
from kernel.errors import Conflict, Refused
from referrals import texts
from referrals.access import access_own_referral
from referrals.after import GOES_ON_FOR, Answer
from referrals.after_texts import ANSWERS, MARKS, QUESTIONS, SAID
from referrals.models import Booking, Outcome, Referral
from referrals.review_texts import review_lines
from referrals.staff.clashes import clashes
from referrals.states import ReferralState
from referrals.subsidies.quoting import quote
from referrals.wish_texts import wish_rows
from referrals.workflow.continuing import ask_next, may_continue, next_of, plan_next
from referrals.workflow.rating import has_rated, may_rate, rate_agency
from referrals.workflow.solving import answer_if_solved, is_asked, is_open, was_used
from tenancy.models import Tenant
from ui.names import named

_NEW_LOOK = frozenset({"quote_changed", "quote_expired", "review_changed"})
_UNDER_WAY_OR_OVER = (ReferralState.IN_SERVICE, ReferralState.COMPLETED, ReferralState.CLOSED)


class RatingForm(forms.Form):
    """Every question with a mark; the lists are closed, and there is no field for words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question, words in QUESTIONS.items():
            self.fields[question.value] = forms.ChoiceField(
                label=words, choices=list(MARKS.items()), widget=forms.RadioSelect
            )


def after_parts(found: Referral, tenant: Tenant, appointments: Iterable[Booking]) -> dict[str, Any]:
    """What the request's page says of it: the question, the answer, and what may follow. Nothing is asked of others' states.

    The same as ``is_asked``, ``may_rate`` and ``may_continue`` say, with what they share asked once.
    """
    if found.state not in _UNDER_WAY_OR_OVER or not was_used(found):
        return {}
    moment = now()
    is_recent = any(row.ends_at > moment - GOES_ON_FOR for row in appointments)
    outcome = Outcome.objects.filter(referral=found).exclude(answer="").first()
    follows = next_of(found)
    is_over = found.state != ReferralState.IN_SERVICE
    return {
        "is_solved_asked": outcome is None and is_open(found, moment),
        "said_after": SAID[Answer(outcome.answer)] if outcome else "",
        "may_rate": is_recent and is_over and not has_rated(found, tenant),
        "may_continue": is_recent and follows is None,
        "followed_by": follows,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def solved(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """Was it solved? Three answers, each leads on; or not now."""
    found = access_own_referral(request.actor, referral_id)
    if request.method == "POST":
        said = answer_if_solved(actor=request.actor, referral_id=found.pk, answer=request.POST.get("answer", ""))
        messages.success(request, _("Thank you, it is noted."))
        return redirect(_leads_to(said.answer, found, request.tenant))
    if not is_asked(found, now()):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    context = {
        "answers": [(answer.value, words) for answer, words in ANSWERS.items()],
        "facts": _facts(found),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "referrals/my/solved.html", context)


def _leads_to(answer: str, found: Referral, tenant: Tenant) -> str:
    found.refresh_from_db()
    if answer == Answer.NOT_YET and may_continue(found):
        return reverse("staff_next", args=[found.pk])
    if answer == Answer.OTHER_HELP:
        return reverse("apply")
    return reverse("staff_rate" if may_rate(found, tenant) else "staff_referral", args=[found.pk])


def _facts(found: Referral) -> list[tuple[str, str]]:
    return [(_("Service"), named(found.service)), (_("Agency"), named(found.partner)), (_("Number"), found.number)]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def rate(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """Three questions about the agency; what becomes of the answers is said before the first."""
    found = access_own_referral(request.actor, referral_id)
    form = RatingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        rate_agency(actor=request.actor, tenant=request.tenant, referral_id=found.pk, marks=form.cleaned_data)
        messages.success(request, _("Thank you. Your answers are counted; nobody can see which are yours."))
        return redirect("staff_referral", referral_id=found.pk)
    if request.method != "POST" and not may_rate(found, request.tenant):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    context = {
        "title": _("How was the agency?"),
        "lead": _(
            "%(partner)s reads totals alone, and only once enough people have answered. No name, no day, no words of yours: "
            "the answers are added up and not kept one by one. They cannot be changed afterwards."
        )
        % {"partner": named(found.partner)},
        "form": form,
        "confirm_label": _("Send the answers"),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def next_sessions(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """The next sessions of the same: price, times and who looks first, then one tap. ``?changed``: nothing was sent, and why."""
    actor, tenant = request.actor, request.tenant
    found = access_own_referral(actor, referral_id)
    here = reverse("staff_next", args=[found.pk])
    if request.method == "POST":
        try:
            made = ask_next(
                actor=actor,
                tenant=tenant,
                referral_id=found.pk,
                quote_token=request.POST.get("quote", "") or "missing",
                review_seen=request.POST.get("review", ""),
            )
        except (Conflict, Refused) as refused:
            if refused.reason not in _NEW_LOOK:
                raise
            remember(refused)  # its row in the record
            return redirect(f"{here}?changed={refused.reason}")
        return redirect("apply_done", referral_id=made.pk)
    try:
        plan = plan_next(actor=actor, tenant=tenant, referral=found)
    except Refused as refused:
        if refused.reason == "not_continued":
            return redirect("staff_referral", referral_id=(next_of(found) or found).pk)  # it says how it stands
        return redirect("apply_service", service_id=found.service_id)  # other times are chosen there
    asked = quote(
        actor=actor,
        tenant=tenant,
        service_id=plan.service.pk,
        units=plan.units,
        service_date=min(tenant.day_of(start) for start, _end in plan.times),
        child_id=found.child_id,
    )
    context = {
        "referral": found,
        "plan": plan,
        "quote": asked,
        "lines": texts.explain_lines(asked.decision.lines),
        "service": named(found.service),
        "partner": named(found.partner),
        "units": texts.unit_text(plan.service.unit, plan.units),
        "clash": next(filter(None, clashes(actor, plan.times)), None),
        "wishes": wish_rows(found.wishes),
        "review": review_lines(plan.review, named(found.partner), plan.answer_by),
        "office": plan.review.office if plan.review else "",
        "see_rows": [(named(found.partner), texts.agency_sees(found.kind, has_child=found.child_id is not None))],
        "share_seen": texts.share_seen(asked.decision.subsidy_fen, asked.decision.self_fen),
        "changed": request.GET.get("changed", ""),
        "quick_exit": True,
    }
    return render(request, "referrals/my/next.html", context)
