"""``/finance/policies/``: what the school pays, by versions. One person drafts, another approves; nothing is edited."""

from typing import Any
from uuid import UUID

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
from kernel.clock import local_day, now
from kernel.errors import Invalid
from kernel.money import yuan
from referrals.models import SubsidyPolicy
from referrals.offices.forms import SCHEME_TEXTS, PolicyEndForm, PolicyForm
from referrals.offices.lists import PolicyList, policy_shown, quota_text
from referrals.offices.selectors import access_policy, names_of
from referrals.offices.two_people import Door, Facts, decided_page, who
from referrals.states import PolicyState
from referrals.workflow.policies import approve_policy, draft_policy, end_policy, mark_of
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.states import Sign
from ui.templatetags.ui import percent, school_day


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


_YOU_DRAFTED = gettext_lazy(
    "You drafted this version. A second person of finance approves it and has a message about it."
)
_YOU_MAY_APPROVE = gettext_lazy(
    "It pays nothing yet. It was drafted by somebody else, so you may approve it. Nobody approves what they have drafted themselves."
)


@require_safe
@role_required("policy.read")
def policy(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """One version, who drafted and approved it, and what may be done."""
    found = access_policy(policy_id)
    shown = policy_shown(found, local_day(now()))
    mine = same_person(request.actor.user_id, found.drafted_by_id)
    version = _("version %(n)s") % {"n": found.version}
    eyes = _YOU_DRAFTED if mine else _YOU_MAY_APPROVE
    return decided_page(
        request,
        desk="finance",
        title=_("One version of a policy"),
        heading=f"{shown.scheme} · {version}",
        sign=Sign(shown.tone, shown.icon, shown.text),
        back=reverse("finance_policies"),
        eyes=eyes if found.state == PolicyState.DRAFT else "",
        facts=policy_facts(found),
        people=_people(found),
        doors=_doors(request, found, mine),
    )


def _people(found: SubsidyPolicy) -> Facts:
    names = names_of(found.drafted_by_id, found.returned_by_id, found.approved_by_id)
    rows = [(_("Drafted by"), who(found.drafted_by_id, found.created_at, names))]
    if found.returned_by_id:
        rows += [(_("Given back by"), names.get(found.returned_by_id, "–")), (_("Reason"), found.return_reason)]
    if found.approved_by_id:
        rows.append((_("Approved by"), who(found.approved_by_id, found.approved_at, names)))
    return rows


def _doors(request: ActingRequest, found: SubsidyPolicy, mine: bool) -> list[Door]:
    actor, doors = request.actor, []
    if found.state == PolicyState.DRAFT and actor.may("policy.approve") and not mine:
        doors.append(Door(reverse("finance_policy_approve", args=[found.pk]), _("Approve"), is_yes=True))
        doors.append(Door(reverse("finance_policy_return", args=[found.pk]), _("Give back")))
    is_open = found.state in (PolicyState.DRAFT, PolicyState.RETURNED)
    if is_open and found.drafted_by_id == actor.user_id and actor.may("policy.draft"):
        doors.append(Door(reverse("finance_policy_edit", args=[found.pk]), _("Change the draft")))
        doors.append(Door(reverse("finance_policy_withdraw", args=[found.pk]), _("Withdraw")))
    if found.state == PolicyState.APPROVED and found.valid_until is None and actor.may("policy.approve"):
        doors.append(Door(reverse("finance_policy_end", args=[found.pk]), _("Set an end")))
    return doors


def policy_title(found: SubsidyPolicy, text: str) -> str:
    return text % {"scheme": SCHEME_TEXTS.get(found.scheme, found.scheme), "version": found.version}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.approve")
def policy_approve(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """What the approval changes, then the button."""
    found = access_policy(policy_id)
    mine = same_person(request.actor.user_id, found.drafted_by_id)
    return asked_again(
        request,
        lambda: approve_policy(actor=request.actor, policy_id=found.pk, seen=request.POST.get("seen", "")),
        back=reverse("finance_policy", args=[found.pk]),
        waits=found.state == PolicyState.DRAFT and not mine,
        title=policy_title(found, _("Approve %(scheme)s, version %(version)s?")),
        lead=_("Four eyes: whoever drafted a version cannot approve it."),
        facts=policy_facts(found),
        warning=_("An open-ended earlier version ends the day this one begins. A version is never edited afterwards."),
        label=_("Approve"),
        done=_("Approved. It counts for services from its first day on."),
        hidden=[("seen", mark_of(found))],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("policy.approve")
def policy_end(request: ActingRequest, policy_id: UUID) -> HttpResponse:
    """Set the last day of a version that has none."""
    found = access_policy(policy_id)
    form = PolicyEndForm(request.POST if request.method == "POST" else None)
    return asked_again(
        request,
        lambda: end_policy(
            actor=request.actor,
            policy_id=found.pk,
            valid_until=form.cleaned_data["valid_until"],
            zone=request.tenant.time_zone,
        ),
        back=reverse("finance_policy", args=[found.pk]),
        waits=found.state == PolicyState.APPROVED and found.valid_until is None,
        title=policy_title(found, _("End %(scheme)s, version %(version)s?")),
        facts=policy_facts(found),
        warning=_(
            "From that day on the school pays nothing here until another version counts. Prices already promised are kept."
        ),
        form=form,
        label=_("Set the end"),
        danger=True,
        done=_("The end is set."),
    )
