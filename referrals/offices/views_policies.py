"""``/finance/policies/``: what the school pays, by versions. One person drafts, another approves; nothing is edited."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.same_person import same_person
from kernel.clock import local_day, now
from kernel.errors import Invalid
from kernel.money import yuan
from referrals.models import SubsidyPolicy
from referrals.offices.forms import SCHEME_TEXTS, PolicyEndForm, PolicyForm
from referrals.offices.lists import PolicyList, policy_shown, quota_text
from referrals.offices.selectors import access_policy, names_of
from referrals.states import PolicyState
from referrals.workflow.policies import approve_policy, draft_policy, end_policy
from ui.navigation import at_desk
from ui.templatetags.ui import percent, school_day, school_time


@require_safe
@role_required("policy.read")
def policy_list(request: ActingRequest) -> HttpResponse:
    """By scheme, newest version first; ``?q=&scheme=&when=&page=``."""
    context = {**PolicyList(request).context(), "may_draft": request.actor.may("policy.draft")}
    return render(request, "referrals/office/policies.html", at_desk(request, "finance", **context))


@require_safe
@role_required("policy.read")
def policy_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return PolicyList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.draft")
def policy_new(request: ActingRequest) -> HttpResponse:
    """Write a new version down."""
    form = PolicyForm(
        request.POST if request.method == "POST" else None, initial={"scheme": request.GET.get("scheme", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            policy = draft_policy(actor=request.actor, **form.values())
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Drafted. A second person of finance approves it."))
            return redirect("finance_policy", policy_id=policy.pk)
    context = at_desk(request, "finance", form=form)
    return render(request, "referrals/office/policy_new.html", context, status=422 if form.errors else 200)


def policy_facts(policy: SubsidyPolicy) -> list[tuple[str, Any]]:
    return [
        (_("School pays"), percent(policy.share_bp)),
        (_("Highest price that counts"), _cap(policy.session_eligible_cap_fen)),
        (_("The school pays at most"), _cap(policy.session_subsidy_cap_fen)),
        (_("Per person and school year"), quota_text(policy)),
        (_("In force from"), school_day(policy.valid_from)),
        (
            _("First day no longer valid"),
            school_day(policy.valid_until) if policy.valid_until else _("until a newer version begins"),
        ),
    ]


def _cap(fen: int | None) -> str:
    return _("no limit") if fen is None else _("%(amount)s per unit") % {"amount": yuan(fen)}


@require_safe
@role_required("policy.read")
def policy(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """One version, who drafted and approved it, and what may be done."""
    actor, found = request.actor, access_policy(policy_id)
    shown = policy_shown(found, local_day(now()))
    names = names_of(found.drafted_by_id, found.approved_by_id)
    draft = found.state == PolicyState.DRAFT
    people = [(_("Drafted by"), f"{names.get(found.drafted_by_id, '–')} · {school_time(found.created_at)}")]
    if found.returned_by_id:
        people.append((_("Given back by"), names_of(found.returned_by_id).get(found.returned_by_id, "–")))
        people.append((_("Reason"), found.return_reason))
    if found.approved_by_id:
        people.append((_("Approved by"), f"{names.get(found.approved_by_id, '–')} · {school_time(found.approved_at)}"))
    context = at_desk(
        request,
        "finance",
        policy=found,
        scheme=shown.scheme,
        text=shown.text,
        tone=shown.tone,
        icon=shown.icon,
        quota=shown.quota,
        facts=policy_facts(found),
        people=people,
        is_draft=draft,
        is_mine=same_person(actor.user_id, found.drafted_by_id),
        may_approve=draft and actor.may("policy.approve"),
        may_change=found.state in (PolicyState.DRAFT, PolicyState.RETURNED)
        and found.drafted_by_id == actor.user_id
        and actor.may("policy.draft"),
        may_end=found.state == PolicyState.APPROVED and found.valid_until is None and actor.may("policy.approve"),
    )
    return render(request, "referrals/office/policy.html", context)


def policy_title(found: SubsidyPolicy, text: str) -> str:
    return text % {"scheme": SCHEME_TEXTS.get(found.scheme, found.scheme), "version": found.version}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.approve")
def policy_approve(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """What the approval changes, then the button."""
    found = access_policy(policy_id)
    if request.method == "POST":
        approve_policy(actor=request.actor, policy_id=found.pk)
        messages.success(request, _("Approved. It counts for services from its first day on."))
        return redirect("finance_policy", policy_id=found.pk)
    if same_person(request.actor.user_id, found.drafted_by_id) or found.state != PolicyState.DRAFT:
        return redirect("finance_policy", policy_id=found.pk)  # it says who may, and shows no button that cannot work
    context = {
        "title": policy_title(found, _("Approve %(scheme)s, version %(version)s?")),
        "lead": _("Four eyes: whoever drafted a version cannot approve it."),
        "facts": policy_facts(found),
        "warning": _(
            "An open-ended earlier version ends the day this one begins. A version is never edited afterwards."
        ),
        "confirm_label": _("Approve"),
        "back_url": reverse("finance_policy", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.approve")
def policy_end(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """Set the last day of a version that has none."""
    found = access_policy(policy_id)
    form = PolicyEndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            end_policy(
                actor=request.actor,
                policy_id=found.pk,
                valid_until=form.cleaned_data["valid_until"],
                zone=request.tenant.time_zone,
            )
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("The end is set."))
            return redirect("finance_policy", policy_id=found.pk)
    if request.method != "POST" and (found.state != PolicyState.APPROVED or found.valid_until is not None):
        return redirect("finance_policy", policy_id=found.pk)  # it says when it ends
    context = {
        "title": policy_title(found, _("End %(scheme)s, version %(version)s?")),
        "facts": policy_facts(found),
        "warning": _(
            "From that day on the school pays nothing here until another version counts. Prices already promised are kept."
        ),
        "form": form,
        "confirm_label": _("Set the end"),
        "danger": True,
        "back_url": reverse("finance_policy", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
