"""``/apply/<draft>/…``: times, consent, check. Every step has an address; what is typed stands in a draft (rules §2).

A POST keeps what was sent, right or wrong, and redirects; GET shows it and writes nothing. So Back, a reload, another
language and a closed browser lose nothing. The address of the first step is there before its draft is:
``?service=`` says for what, and also changes the service of a draft.
"""

from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from families.access import access_child
from kernel.clock import now
from kernel.errors import Conflict, DomainError, NotFound, Refused
from kernel.identifiers import uuid7
from referrals import texts
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.models import ReferralDraft
from referrals.review_texts import review_lines
from referrals.staff import views_time
from referrals.staff.clashes import clashes
from referrals.staff.drafts import (
    access_draft,
    asked_of,
    consent_form,
    consent_to,
    first_day,
    may_ask_several,
    review_of,
    times_form,
    unfinished,
    unread_note,
)
from referrals.staff.forms import MAX_NOTE, MAX_TYPED, MAX_UNITS, TimesForm
from referrals.staff.views_services import card, today
from referrals.staff.views_several import quote_of_several
from referrals.subsidies.prices import Priced, price_service
from referrals.subsidies.quoting import quote
from referrals.wish_texts import wish_rows
from referrals.workflow.drafting import Page, keep_draft, send_draft, throw_away_draft
from referrals.workflow.holding import picks_time
from referrals.workflow.reviewing import review_ahead
from referrals.workflow.times import agency_answers_by
from ui.names import named

_NEW_LOOK: Final = frozenset({"quote_changed", "quote_expired", "draft_changed", "review_changed"})
"""Refusals after which the person looks once more and may send again."""
_KEY_LENGTH: Final = 36


@require_safe
@role_required("referral.own")
def begin(request: ActingRequest, service_id: UUID) -> HttpResponse:
    """To the first step, under an address of its own: two tabs are two drafts."""
    _priced(request, service_id)
    return redirect(reverse("apply_when", args=[uuid7()], query={"service": str(service_id)}))


def _priced(request: ActingRequest, service_id: UUID) -> Priced:
    priced = price_service(request.actor, service_id, today(request))
    if priced.decision is None:
        raise Refused("no_policy")
    return priced


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def when(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Step 1: how much, for whom, when. ``?check``: what was kept is looked through, faults at their fields."""
    draft = _draft_or_none(request, draft_id)
    if draft and draft.referral_id:
        return redirect("apply_done", referral_id=draft.referral_id)
    wanted = request.GET.get("service")
    if wanted:
        priced = _priced(request, as_uuid(wanted))
    elif draft:
        priced = _priced(request, draft.service_id)
    else:
        raise NotFound
    answers = draft.answers if draft else {}
    with timezone.override(ZoneInfo(request.tenant.time_zone)):
        if request.method == "POST":
            return _keep_times(request, draft_id, priced)
        picks = picks_time(priced.service)
        looked = times_form(request.actor, request.tenant, priced.service, answers, is_checked=True)
        is_checked = draft is not None and "check" in request.GET
        form = looked if is_checked else times_form(request.actor, request.tenant, priced.service, answers)
        others = [row for row in unfinished(request.actor) if row.draft.pk != draft_id]
        context = {
            **card(priced),
            **_ahead(request, priced, looked),
            "form": form,
            "step": 1,
            "page_key": uuid7(),
            "draft": draft,
            "here": request.get_full_path(),
            "unfinished": [] if draft else [row for row in others if row.draft.service_id == priced.service.pk][:1],
            "child_url": f"{reverse('child_new')}?{urlencode({'next': request.get_full_path()})}",
            "lines": texts.explain_lines(priced.decision.lines if priced.decision else ()),
            "quick_exit": True,
        }
        if picks:
            context |= views_time.context_of(request, draft_id, draft, priced.service)
        return render(request, f"referrals/apply/{'free' if picks else 'times'}.html", context)


def _draft_or_none(request: ActingRequest, draft_id: UUID) -> ReferralDraft | None:
    try:
        return access_draft(request.actor, draft_id)
    except NotFound:
        return None


def _page(request: ActingRequest) -> Page:
    """The showing that this was sent from: anything but a keep leaves it."""
    return Page(key=request.POST.get("page", "")[:_KEY_LENGTH], is_left=request.POST.get("go") != "keep")


def _keep_times(request: ActingRequest, draft_id: UUID, priced: Priced) -> HttpResponse:
    service = priced.service
    if picks_time(service) and (answer := views_time.took(request, draft_id, service, _page(request))) is not None:
        return answer
    draft = keep_draft(
        actor=request.actor,
        tenant=request.tenant,
        draft_id=draft_id,
        service=service,
        answers={"when": TimesForm.kept(request.POST), "unit": service.unit},
        page=_page(request),
    )
    answers = draft.answers
    form = times_form(request.actor, request.tenant, service, answers, is_checked=True)
    match request.POST.get("go"):
        case "keep" if request.headers.get("HX-Request"):
            return render(request, "referrals/apply/ahead.html", {**card(priced), **_ahead(request, priced, form)})
        case "keep":
            return redirect("apply_when", draft_id=draft_id)
        case "later":
            return _later(request)
    if not form.is_valid():
        return redirect(reverse("apply_when", args=[draft_id], query={"check": "1"}))
    agreed = consent_form(service, answers, is_checked=True).is_valid()
    return redirect("apply_check" if agreed else "apply_consent", draft_id=draft_id)


def _later(request: ActingRequest) -> HttpResponse:
    days = request.tenant.settings.draft_days
    messages.success(request, _("Kept. You can go on with it for %(days)d days; only you see it.") % {"days": days})
    return redirect("staff_home")


def _ahead(request: ActingRequest, priced: Priced, form: TimesForm) -> dict[str, Any]:
    """What the number typed so far would cost in all, and whether an office looks first."""
    typed = str(form["units"].value() or "")
    units = int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed[:3]) <= MAX_UNITS else 1
    form.is_valid()
    day = first_day(request.tenant, form)
    try:
        found = _whole(request, priced, units, day, form.cleaned_data.get("child"))
    except DomainError:  # that day has no price; the check says why
        found = _whole(request, priced, units, today(request), None)
    return {
        "units": units,
        "units_text": texts.unit_text(priced.service.unit, units),
        "whole": found["decision"],
        "whole_lines": texts.explain_lines(found["decision"].lines),
        "whole_quota": found["quota"],
        "review": _review_lines(request, priced, units, day, form.exact),
    }


def _whole(request: ActingRequest, priced: Priced, units: int, day: Any, child: str | None) -> dict[str, Any]:
    """The price of ``units`` on ``day``; before a child is chosen, with a full quota."""
    if child or not KINDS[priced.service.kind].for_child:
        asked = quote(
            actor=request.actor, tenant=request.tenant, service_id=priced.service.pk, units=units, service_date=day, child_id=child
        )  # fmt: skip
        left = texts.quota_text(asked.quota_unit, asked.quota_left, asked.resets_on, per_child=False)
        return {"decision": asked.decision, "quota": left}
    found = price_service(request.actor, priced.service.pk, day, units=units)
    if found.decision is None:
        raise Refused("no_policy")
    left = texts.quota_text(found.quota_unit, found.quota_left, found.resets_on, per_child=True)
    return {"decision": found.decision, "quota": left}


def _review_lines(
    request: ActingRequest, priced: Priced, units: int, day: date, exact: tuple[datetime, datetime] | None
) -> dict[str, Any]:
    tenant, institution, moment = request.tenant, priced.service.institution, now()
    ahead = review_ahead(
        actor=request.actor, tenant=tenant, kind=priced.service.kind, units=units, moment=moment, day=day
    )
    if exact is not None:
        return views_time.review_lines(ahead, exact)
    return review_lines(ahead, named(institution), agency_answers_by(tenant, institution.pk, moment))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def consent(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Step 2: who may know what, the person's word for it, and a note where an office will read one."""
    draft = access_draft(request.actor, draft_id)
    if draft.referral_id:
        return redirect("apply_done", referral_id=draft.referral_id)
    priced = _priced(request, draft.service_id)
    if request.method == "POST":
        return _keep_consent(request, draft)
    with timezone.override(ZoneInfo(request.tenant.time_zone)):
        times = times_form(request.actor, request.tenant, draft.service, draft.answers, is_checked=True)
        if not times.is_valid():
            return redirect(reverse("apply_when", args=[draft_id], query={"check": "1"}))
    review = review_of(request.actor, request.tenant, draft.service, times)
    context = {
        **card(priced),
        "form": consent_form(draft.service, draft.answers, is_checked="check" in request.GET, review=review),
        "office": review.office if review else "",
        "step": 2,
        "page_key": uuid7(),
        "draft": draft,
        "see_rows": texts.see_rows(
            priced.service.kind,
            named(priced.service.institution),
            has_child=KINDS[priced.service.kind].for_child,
        ),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/consent.html", context)


def _keep_consent(request: ActingRequest, draft: ReferralDraft) -> HttpResponse:
    sent, service = request.POST, draft.service
    needed = ["consent", *(["consent_child"] if KINDS[service.kind].for_child else [])]
    answers = {
        **_written(request, draft),
        "consent": all(sent.get(name) for name in needed),
        "consent_to": consent_to(service),
    }
    keep_draft(
        actor=request.actor,
        tenant=request.tenant,
        draft_id=draft.pk,
        service=service,
        answers=answers,
        page=_page(request),
    )
    match sent.get("go"):
        case "keep":
            return (
                HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("apply_consent", draft.pk)
            )
        case "later":
            return _later(request)
        case "times":
            return redirect("apply_when", draft_id=draft.pk)
    if not answers["consent"]:
        return redirect(reverse("apply_consent", args=[draft.pk], query={"check": "1"}))
    return redirect("apply_check", draft_id=draft.pk)


def _written(request: ActingRequest, draft: ReferralDraft) -> dict[str, str]:
    """The note and the office that the page named as its reader. Without the field, what is kept stays as it is."""
    if "note" not in request.POST:
        return {}
    return {"note": request.POST["note"][:MAX_NOTE], "note_to": request.POST.get("note_to", "")[:MAX_TYPED]}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def check(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Step 3: everything once more, what it costs, who looks first; then send. ``?changed``: it was not sent, and why."""
    draft = access_draft(request.actor, draft_id)
    if request.method == "POST":
        return _send(request, draft)
    if draft.referral_id:
        return redirect("apply_done", referral_id=draft.referral_id)
    priced = _priced(request, draft.service_id)
    actor, tenant = request.actor, request.tenant
    with timezone.override(ZoneInfo(tenant.time_zone)):
        times = times_form(actor, tenant, draft.service, draft.answers, is_checked=True)
        if not times.is_valid():
            return redirect(reverse("apply_when", args=[draft_id], query={"check": "1"}))
        review = review_of(actor, tenant, draft.service, times)
        consents = consent_form(draft.service, draft.answers, is_checked=True, review=review)
        if not consents.is_valid():
            return redirect("apply_consent", draft_id=draft_id)
        units, child = times.cleaned_data["units"], times.cleaned_data.get("child")
        asked = quote(
            actor=actor,
            tenant=tenant,
            service_id=draft.service_id,
            units=units,
            service_date=first_day(tenant, times),
            child_id=child,
        )
        several = quote_of_several(actor, tenant, draft, units, first_day(tenant, times), child)
        context = {
            **card(priced),
            "step": 3,
            "draft": draft,
            "quote": asked,
            "several": several,
            "token": several.token if several else asked.token,
            "may_ask_several": bool(may_ask_several(tenant, draft.service)),
            "lines": texts.explain_lines(asked.decision.lines),
            "units": units,
            "units_text": texts.unit_text(priced.service.unit, units),
            "boxes": [times[name].label for name in times.ticked()],
            **views_time.chosen_context(draft),
            "clash": next(filter(None, clashes(actor, times.windows)), None),
            "child": access_child(actor, child).name if child else "",
            "wishes": wish_rows(times.wishes),
            "note": consents.cleaned_data.get("note", ""),
            "unread": texts.DECIDERS.get(unread_note(review, draft.answers)),
            "office": review.office if review else "",
            "changed": request.GET.get("changed", ""),
            "review": _review_lines(request, priced, units, first_day(tenant, times), times.exact),
            "quota": texts.quota_text(asked.quota_unit, asked.quota_left, asked.resets_on, per_child=False),
            "free_hours": tenant.settings.free_cancel_hours,
            "quick_exit": True,
        }
        return render(request, "referrals/apply/check.html", context)


def _send(request: ActingRequest, draft: ReferralDraft) -> HttpResponse:
    actor, tenant = request.actor, request.tenant
    seen = request.POST.get("version", "")
    try:
        sent = send_draft(
            actor=actor,
            tenant=tenant,
            draft_id=draft.pk,
            version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            quote_token=request.POST.get("quote", "") or "missing",
            review_seen=request.POST.get("review", ""),
            read=lambda locked: asked_of(actor, tenant, locked),
        )
    except (Conflict, Refused) as refused:
        if refused.reason == "slot_taken":
            remember(refused)
            return views_time.back_to_times(tenant, draft)
        if refused.reason not in _NEW_LOOK:
            raise
        remember(refused)  # its row in the record
        return redirect(reverse("apply_check", args=[draft.pk], query={"changed": refused.reason}))
    return redirect("apply_done", referral_id=sent.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def throw_away(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """What is thrown away, then the button."""
    draft = access_draft(request.actor, draft_id)
    if draft.referral_id:
        return redirect("apply_done", referral_id=draft.referral_id)
    if request.method == "POST":
        throw_away_draft(actor=request.actor, draft_id=draft.pk)
        messages.success(request, _("Thrown away. Nobody was told."))
        return redirect("apply")
    context = {
        "title": _("Throw this unfinished request away?"),
        "facts": [(_("Service"), named(draft.service)), (_("Agency"), named(draft.service.institution))],
        "lead": _("What you have typed is deleted for good. It was never sent, and nobody has seen it."),
        "confirm_label": _("Throw away"),
        "danger": True,
        "back_url": reverse("apply_when", args=[draft.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)
