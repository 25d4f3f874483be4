"""``/centre/emergency/plans/``: who is called in which order, for each kind and grade; a plan reads like a program."""

from dataclasses import dataclass
from itertools import product
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
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.forms import StepForm, value_of_rule
from referrals.emergency.centre.shown import colleagues_named, plan_title, shown_legs
from referrals.emergency.models import Plan, PlanStep, chain_moment
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.plan_facts import facts_of, findings_of, steps_of
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.plan_check import check
from referrals.emergency.rules.plan_states import PlanState
from referrals.emergency.rules.plan_steps import needed_legs
from referrals.emergency.texts import GRADE_TEXTS, KIND_TEXTS, LEG_TEXTS
from referrals.emergency.workflow.plans import (
    discard_plan,
    draft_plan,
    move_step,
    put_in_use,
    remove_step,
    retire_plan,
    save_step,
)
from ui.navigation import at_desk
from ui.templatetags.ui import school_time


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One kind and grade: the version in use, a draft, and how much stops them."""

    kind: str
    grade: str
    title: Any
    used: Plan | None
    draft: Plan | None
    stopping: int
    warning: int


@require_safe
@role_required("chain.read")
def plans(request: ActingRequest) -> HttpResponse:
    """Six plans: what is in use, whether it would hold today, and what is being drafted."""
    school, now = request.tenant, chain_moment()
    rows = list(Plan.objects.exclude(state=PlanState.RETIRED).prefetch_related("steps"))
    steps = {row.pk: steps_of(row.steps.all()) for row in rows}
    facts = facts_of(school, now, steps.values())
    shown = []
    for kind, grade in product(IncidentKind, reversed(Grade)):
        own = {row.state: row for row in rows if (row.kind, row.grade) == (kind, grade)}
        used, draft = own.get(PlanState.IN_USE.value), own.get(PlanState.DRAFT.value)
        found = check(kind, grade, steps[used.pk], facts) if used else []
        stopping = sum(one.stops for one in found)
        title = f"{KIND_TEXTS[kind]} · {GRADE_TEXTS[grade]}"
        shown.append(PlanRow(kind.value, grade.value, title, used, draft, stopping, len(found) - stopping))
    context = at_desk(request, "emergency", rows=shown, may_keep=request.actor.may("chain.plans"))
    return render(request, "emergency/plans.html", context)


@require_http_methods(["POST"])
@role_required("chain.plans")
def plan_draft(request: ActingRequest) -> HttpResponse:
    """A draft for a kind and grade."""
    found = draft_plan(actor=request.actor, kind=request.POST.get("kind", ""), grade=request.POST.get("grade", ""))
    return redirect("emergency_plan", plan_id=found.pk)


def _access_plan(plan_id: UUID) -> Plan:
    found = Plan.objects.filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("chain.read")
def plan(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """The whole program with what is wrong, where, and who mends it."""
    found, now = _access_plan(plan_id), chain_moment()
    rows = list(found.steps.select_related("partner"))
    findings = [] if found.state == PlanState.RETIRED else findings_of(found, request.tenant, now, rows)
    legs, general = shown_legs(found, rows, findings)
    keeps = request.actor.may("chain.plans")
    is_draft = found.state == PlanState.DRAFT
    names = colleagues_named([found.drafted_by_id, found.put_in_use_by_id])
    people = [(_("Drafted by"), f"{names.get(found.drafted_by_id, '–')} · {school_time(found.created_at)}")]
    if found.in_use_at:
        people.append(
            (_("Put in use by"), f"{names.get(found.put_in_use_by_id, '–')} · {school_time(found.in_use_at)}")
        )
    if found.retired_at:
        people.append((_("Retired"), school_time(found.retired_at)))
    needed = needed_legs(IncidentKind(found.kind), Grade(found.grade))
    shown = {leg.leg for leg in legs}
    context = at_desk(
        request,
        "emergency",
        plan=found,
        title=plan_title(found),
        legs=legs,
        general=general,
        stopping=sum(one.stops for one in findings),
        warning=sum(not one.stops for one in findings),
        people=people,
        may_edit=keeps and is_draft,
        may_retire=keeps and found.state == PlanState.IN_USE,
        others=[(leg.value, LEG_TEXTS[leg]) for leg in LegKind if leg in needed and leg not in shown],
        versions=Plan.objects.filter(kind=found.kind, grade=found.grade, version__gt=0).exclude(pk=found.pk),
    )
    return render(request, "emergency/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
@calm_when_over("emergency_plans")
def plan_use(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """What changes with it, then the button."""
    found = _access_plan(plan_id)
    if request.method == "POST":
        used = put_in_use(actor=request.actor, plan_id=found.pk)
        messages.success(request, _("Version %(version)s is in use.") % {"version": used.version})
        return redirect("emergency_plan", plan_id=found.pk)
    if found.state != PlanState.DRAFT:
        return already_done(request, "emergency_plan", found.pk)
    context = {
        "title": _("Put this plan in use?"),
        "lead": _("From now on every new incident of this kind and grade takes these steps."),
        "facts": [(_("Plan"), plan_title(found))],
        "warning": _(
            "It cannot be changed afterwards; the next version begins as a copy. Incidents that run keep theirs."
        ),
        "confirm_label": _("Put in use"),
        "back_url": reverse("emergency_plan", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
@calm_when_over("emergency_plans", key="plan_id", removed=("emergency.plan", "chain_plan.discard"))
def plan_discard(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    found = _access_plan(plan_id)
    if request.method == "POST":
        discard_plan(actor=request.actor, plan_id=found.pk)
        messages.success(request, _("Thrown away."))
        return redirect("emergency_plans")
    if found.state != PlanState.DRAFT:
        return already_done(request, "emergency_plan", found.pk)
    context = {
        "title": _("Throw this draft away?"),
        "lead": _("The version in use stays as it is."),
        "facts": [(_("Plan"), plan_title(found))],
        "confirm_label": _("Throw away"),
        "danger": True,
        "back_url": reverse("emergency_plan", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
@calm_when_over("emergency_plans")
def plan_retire(request: ActingRequest, plan_id: UUID) -> HttpResponse:
    """No version is used any more."""
    found = _access_plan(plan_id)
    if request.method == "POST":
        retire_plan(actor=request.actor, plan_id=found.pk)
        messages.success(request, _("Retired."))
        return redirect("emergency_plans")
    if found.state != PlanState.IN_USE:
        return already_done(request, "emergency_plan", found.pk)
    context = {
        "title": _("Retire this plan?"),
        "lead": _("New incidents of this kind and grade then take the steps of the house, without your institutions."),
        "facts": [(_("Plan"), plan_title(found))],
        "confirm_label": _("Retire"),
        "danger": True,
        "back_url": reverse("emergency_plan", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
def step_new(request: ActingRequest, plan_id: UUID, leg: str) -> HttpResponse:
    """A step at the end of a leg."""
    return _step_page(request, _draft(plan_id), leg, None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.plans")
def step(request: ActingRequest, plan_id: UUID, step_id: UUID) -> HttpResponse:
    """One step."""
    found = _draft(plan_id)
    row = _access_step(found, step_id)
    return _step_page(request, found, row.leg, row)


def _draft(plan_id: UUID) -> Plan:
    """NotFound unless it is a draft: nothing else has steps to edit."""
    found = _access_plan(plan_id)
    if found.state != PlanState.DRAFT:
        raise NotFound
    return found


def _access_step(found: Plan, step_id: UUID) -> PlanStep:
    row = found.steps.filter(pk=step_id).first()
    if row is None:
        raise NotFound
    return row


def _step_page(request: ActingRequest, found: Plan, leg: str, row: PlanStep | None) -> HttpResponse:
    if leg not in set(LegKind):
        raise NotFound
    initial = {}
    if row is not None:
        initial = {"target": value_of_rule(row.rule), "channels": row.channels, "wait_minutes": row.wait_minutes}
    form = StepForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        school=request.tenant,
        plan=found,
        leg=LegKind(leg),
        moment=chain_moment(),
    )
    if form.is_valid():
        try:
            save_step(
                actor=request.actor,
                plan_id=found.pk,
                leg=leg,
                step_id=row.pk if row else None,
                **form.values(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect("emergency_plan", plan_id=found.pk)
    context = at_desk(
        request, "emergency", form=form, plan=found, title=plan_title(found), leg_title=LEG_TEXTS[leg], row=row
    )
    return render(request, "emergency/step.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@role_required("chain.plans")
def step_move(request: ActingRequest, plan_id: UUID, step_id: UUID) -> HttpResponse:
    """One place up, or down."""
    move_step(actor=request.actor, plan_id=plan_id, step_id=step_id, up=request.POST.get("to") == "up")
    return redirect("emergency_plan", plan_id=plan_id)


@require_http_methods(["POST"])
@role_required("chain.plans")
def step_remove(request: ActingRequest, plan_id: UUID, step_id: UUID) -> HttpResponse:
    """Out of the draft; it can be entered again."""
    remove_step(actor=request.actor, plan_id=plan_id, step_id=step_id)
    return redirect("emergency_plan", plan_id=plan_id)
