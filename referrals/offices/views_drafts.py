"""A draft of a policy edited or withdrawn by whoever wrote it, or given back by a second person with a reason (books §1)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.same_person import same_person
from exports import plain_yuan
from kernel.errors import Invalid
from referrals.models import SubsidyPolicy
from referrals.offices.forms import PolicyForm, ReturnForm
from referrals.offices.selectors import access_policy
from referrals.offices.views_policies import policy_facts, policy_title
from referrals.states import PolicyState
from referrals.workflow.policies import edit_policy, return_policy, withdraw_policy
from ui.confirm import asked_again
from ui.navigation import at_desk

_OPEN = frozenset({PolicyState.DRAFT, PolicyState.RETURNED})


def _initial(policy: SubsidyPolicy) -> dict[str, Any]:
    in_fen = policy.quota_unit == "fen"
    return {
        "scheme": policy.scheme,
        "share": f"{policy.share_bp // 100}.{policy.share_bp % 100:02d}",
        "eligible_cap": _yuan(policy.session_eligible_cap_fen),
        "subsidy_cap": _yuan(policy.session_subsidy_cap_fen),
        "quota_sessions": None if in_fen else policy.quota_amount,
        "quota_yuan": _yuan(policy.quota_amount) if in_fen else None,
        "valid_from": policy.valid_from,
        "valid_until": policy.valid_until,
    }


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else plain_yuan(fen)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.draft")
def policy_edit(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """The form of a new version, filled with what was drafted; scheme and number stay."""
    found = access_policy(policy_id)
    if found.state not in _OPEN or found.drafted_by_id != request.actor.user_id:
        return redirect("finance_policy", policy_id=found.pk)  # it says how it stands and whose it is
    data = {**request.POST.dict(), "scheme": found.scheme} if request.method == "POST" else None
    form = PolicyForm(data, initial=_initial(found))
    form.fields["scheme"].disabled = True
    if data is not None and form.is_valid():
        values = form.values()
        values.pop("scheme")
        try:
            edit_policy(actor=request.actor, policy_id=found.pk, **values)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. A second person of finance approves it."))
            return redirect("finance_policy", policy_id=found.pk)
    context = at_desk(request, "finance", form=form, policy=found)
    return render(request, "referrals/office/policy_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.approve")
def policy_return(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """Back to whoever drafted it, with a reason."""
    found = access_policy(policy_id)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    mine = same_person(request.actor.user_id, found.drafted_by_id)
    return asked_again(
        request,
        lambda: return_policy(actor=request.actor, policy_id=found.pk, reason=form.cleaned_data["reason"]),
        back=reverse("finance_policy", args=[found.pk]),
        waits=found.state == PolicyState.DRAFT and not mine,
        title=policy_title(found, _("Give back %(scheme)s, version %(version)s?")),
        facts=policy_facts(found),
        form=form,
        label=_("Give back"),
        done=_("Given back. Whoever drafted it has been told."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.draft")
def policy_withdraw(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """Taken back by whoever drafted it."""
    found = access_policy(policy_id)
    return asked_again(
        request,
        lambda: withdraw_policy(actor=request.actor, policy_id=found.pk),
        back=reverse("finance_policy", args=[found.pk]),
        waits=found.state in _OPEN and found.drafted_by_id == request.actor.user_id,
        title=policy_title(found, _("Withdraw %(scheme)s, version %(version)s?")),
        facts=policy_facts(found),
        lead=_("It stays in the list and can no longer be approved. A new version can be drafted at any time."),
        danger=True,
        label=_("Withdraw"),
        done=_("Withdrawn. It will never count."),
    )
