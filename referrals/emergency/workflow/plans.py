"""The only writers of plans. A draft is edited; what was put in use never changes, its successor is another version."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from notifications.models import Channel
from partners.kinds import InstitutionKind
from partners.models import Institution
from referrals.emergency.models import Plan, PlanStep, chain_moment
from referrals.emergency.plan_facts import agreed_partners, findings_of
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.numbers import SERVICE_NUMBERS
from referrals.emergency.rules.plan_states import ChainState, PlanEvent, PlanState, plan_step
from referrals.emergency.rules.plan_steps import LEAST_WAIT, MOST_STEPS, MOST_WAIT, TARGETS, Step, drafted, text_of
from referrals.emergency.rules.step_rules import StepRule, Target
from referrals.emergency.workflow.holders import living_line, locked_chain, open_school

CALLED_FIRST: Final = (InstitutionKind.MENTAL_HEALTH_CENTRE.value, InstitutionKind.HOSPITAL.value)
"""Of the agreed institutions, whom the medical leg of a new plan calls, in this order."""

_COPIED: Final = ("leg", "position", "target", "number", "seat", "dial", "wait_minutes", "channels", "text_id")
_COPIED_KEYS: Final = ("partner_id", "line_id")


@transaction.atomic
def draft_plan(*, actor: Actor, kind: str, grade: str) -> Plan:
    """A draft: the version in use as it stands, else the steps of the house (chain §3) with the agreed institutions.

    Needs ``chain.plans``. Invalid ``plan_unknown``; Conflict ``plan_draft_there``.
    """
    require(actor, "chain.plans")
    if kind not in set(IncidentKind) or grade not in set(Grade):
        raise Invalid("plan_unknown", fields=(("kind", "plan_unknown", ""),))
    locked_chain()
    plan = Plan(kind=kind, grade=grade, drafted_by_id=actor.membership_id)
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("plan_draft_there") from error
    used = Plan.objects.filter(kind=kind, grade=grade, state=PlanState.IN_USE).first()
    if used is not None:
        for row in used.steps.all():
            copied = {name: getattr(row, name) for name in (*_COPIED, *_COPIED_KEYS)}
            PlanStep.objects.create(plan=plan, **copied)
    else:
        for step in drafted(IncidentKind(kind), Grade(grade), _agreed()):
            PlanStep.objects.create(plan=plan, **_columns(step))
    record(actor=actor, action="chain_plan.draft", obj=plan, facts=_facts(plan))
    return plan


@transaction.atomic
def save_step(
    *,
    actor: Actor,
    plan_id: UUID,
    leg: str,
    rule: StepRule,
    channels: Sequence[str],
    wait_minutes: int | None,
    step_id: UUID | None = None,
) -> PlanStep:
    """Put a step at the end of a leg of a draft, or change ``step_id`` where it stands.

    Needs ``chain.plans``. NotFound; Conflict ``plan_is_used``; Invalid ``service_number`` for one beside another target than
    by hand, ``step_wrong_leg``, ``step_incomplete``, ``step_wait``, ``step_channels``, ``step_partner``, ``line_unknown``;
    Refused ``step_too_many``.
    """
    require(actor, "chain.plans")
    locked_chain()
    plan = _draft(plan_id)
    step = Step(_leg(leg), 0, rule, list(dict.fromkeys(channels)), wait_minutes)
    _check_rule(step)
    if wait_minutes is not None and not LEAST_WAIT <= wait_minutes <= MOST_WAIT[Grade(plan.grade)]:
        most = str(MOST_WAIT[Grade(plan.grade)])
        raise Invalid("step_wait", most=most, fields=(("wait_minutes", "step_wait", most),))
    if not step.channels or not set(step.channels) <= set(Channel.values):
        raise Invalid("step_channels", fields=(("channels", "step_channels", ""),))
    columns = _columns(step)
    own = plan.steps.filter(leg=leg)
    if step_id is not None:
        row = plan.steps.filter(pk=step_id).first()
        if row is None:
            raise NotFound
        columns["position"] = row.position if row.leg == leg else _next(own)
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
    else:
        if own.count() >= MOST_STEPS:
            raise Refused("step_too_many")
        row = PlanStep.objects.create(plan=plan, **{**columns, "position": _next(own)})
    record(actor=actor, action="chain_plan.step", obj=plan, facts={**_facts(plan), "leg": leg})
    return row


@transaction.atomic
def remove_step(*, actor: Actor, plan_id: UUID, step_id: UUID) -> None:
    """Take a step out of a draft; those behind it move up. Needs ``chain.plans``; NotFound; Conflict ``plan_is_used``."""
    require(actor, "chain.plans")
    locked_chain()
    plan = _draft(plan_id)
    row = _step(plan, step_id)
    leg = row.leg
    row.delete()
    _number(list(plan.steps.filter(leg=leg).order_by("position")))
    record(actor=actor, action="chain_plan.step", obj=plan, facts={**_facts(plan), "leg": leg})


@transaction.atomic
def move_step(*, actor: Actor, plan_id: UUID, step_id: UUID, up: bool) -> None:
    """One place up or down within its leg; at the end of it nothing moves. Needs ``chain.plans``; NotFound; Conflict ``plan_is_used``."""
    require(actor, "chain.plans")
    locked_chain()
    plan = _draft(plan_id)
    row = _step(plan, step_id)
    rows = list(plan.steps.filter(leg=row.leg).order_by("position"))
    at = next(number for number, one in enumerate(rows) if one.pk == row.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        _number(rows)
        record(actor=actor, action="chain_plan.step", obj=plan, facts={**_facts(plan), "leg": row.leg})


@transaction.atomic
def discard_plan(*, actor: Actor, plan_id: UUID) -> None:
    """Throw a draft away. Needs ``chain.plans``; NotFound; Conflict ``plan_is_used``."""
    require(actor, "chain.plans")
    locked_chain()
    plan = _draft(plan_id)
    record(actor=actor, action="chain_plan.discard", obj=plan, facts=_facts(plan))
    plan.delete()


@transaction.atomic
def put_in_use(*, actor: Actor, plan_id: UUID) -> Plan:
    """The draft is the next version and holds for whatever is opened from now on; the version before is retired.

    Needs ``chain.plans``. NotFound; Conflict ``plan_is_used``; Refused ``plan_has_faults`` while one stops it.
    """
    require(actor, "chain.plans")
    locked_chain()
    plan, now = _draft(plan_id), chain_moment()
    if stopping := [one for one in findings_of(plan, open_school(), now) if one.stops]:
        raise Refused("plan_has_faults", count=len(stopping))
    same = Plan.objects.select_for_update(no_key=True).filter(kind=plan.kind, grade=plan.grade)
    for used in same.filter(state=PlanState.IN_USE):
        used.state, used.retired_at = plan_step(PlanState(used.state), PlanEvent.RETIRE).value, now
        used.save(update_fields=["state", "retired_at"])
    plan.version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    plan.state = plan_step(PlanState(plan.state), PlanEvent.PUT_IN_USE).value
    plan.in_use_at, plan.put_in_use_by_id = now, actor.membership_id
    plan.save(update_fields=["version", "state", "in_use_at", "put_in_use_by"])
    record(actor=actor, action="chain_plan.use", obj=plan, facts=_facts(plan))
    return plan


@transaction.atomic
def retire_plan(*, actor: Actor, plan_id: UUID) -> Plan:
    """It is used no more, and no other version is: what is opened takes the steps of the house.

    Needs ``chain.plans``. NotFound; Refused ``plan_needed_live`` while the chain is live; IllegalMove from another state.
    """
    require(actor, "chain.plans")
    chain = locked_chain()
    plan = _plan(plan_id)
    state = plan_step(PlanState(plan.state), PlanEvent.RETIRE)
    if chain.state == ChainState.LIVE:
        raise Refused("plan_needed_live")
    plan.state, plan.retired_at = state.value, chain_moment()
    plan.save(update_fields=["state", "retired_at"])
    record(actor=actor, action="chain_plan.retire", obj=plan, facts=_facts(plan))
    return plan


def _agreed() -> list[str]:
    """The agreed institutions that a new plan's medical leg calls, in order."""
    agreed = [row.partner for row in agreed_partners(open_school(), chain_moment()).values()]
    called = [partner for partner in agreed if partner.kind in CALLED_FIRST]
    return [str(partner.pk) for partner in sorted(called, key=lambda one: (CALLED_FIRST.index(one.kind), str(one.pk)))]


def _plan(plan_id: UUID) -> Plan:
    plan = Plan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    return plan


def _draft(plan_id: UUID) -> Plan:
    plan = _plan(plan_id)
    if plan.state != PlanState.DRAFT:
        raise Conflict("plan_is_used")
    return plan


def _step(plan: Plan, step_id: UUID) -> PlanStep:
    row = plan.steps.filter(pk=step_id).first()
    if row is None:
        raise NotFound
    return row


def _next(rows: QuerySet[PlanStep]) -> int:
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _number(rows: Sequence[PlanStep]) -> None:
    """Count a leg's steps anew; the database looks at the end of the transaction."""
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])


def _leg(leg: str) -> LegKind:
    if leg not in set(LegKind):
        raise Invalid("step_wrong_leg", fields=(("leg", "step_wrong_leg", ""),))
    return LegKind(leg)


def _check_rule(step: Step) -> None:
    """What the database would refuse too, said at its field."""
    rule = step.rule
    if rule.target is not Target.BY_HAND and rule.dial:
        raise Invalid("service_number", fields=(("dial", "service_number", ""),))
    if rule.target not in TARGETS[step.leg]:
        raise Invalid("step_wrong_leg", fields=(("target", "step_wrong_leg", ""),))
    complete = {
        Target.ON_DUTY: ("number", rule.number in (1, 2)),
        Target.CONTACT: ("number", rule.number in (1, 2)),
        Target.SEAT: ("seat", rule.seat is not None),
        Target.DEPUTY: ("seat", rule.seat is not None),
        Target.PARTNER: ("partner", bool(rule.ref)),
        Target.LINE: ("line", bool(rule.ref)),
        Target.BY_HAND: ("dial", rule.dial in SERVICE_NUMBERS),
    }
    field, is_complete = complete.get(rule.target, ("target", True))
    if not is_complete:
        raise Invalid("step_incomplete", fields=((field, "step_incomplete", ""),))
    if rule.target is Target.LINE:
        living_line(UUID(rule.ref), "line")
    if rule.target is Target.PARTNER and not Institution.objects.filter(pk=rule.ref).exists():
        raise Invalid("step_partner", fields=(("partner", "step_partner", ""),))


def _columns(step: Step) -> dict[str, object]:
    rule = step.rule
    return {
        "leg": step.leg.value,
        "position": step.position,
        "target": rule.target.value,
        "number": rule.number if rule.target in (Target.ON_DUTY, Target.CONTACT) else None,
        "seat": (rule.seat or "") if rule.target in (Target.SEAT, Target.DEPUTY) else "",
        "partner_id": UUID(rule.ref) if rule.target is Target.PARTNER else None,
        "line_id": UUID(rule.ref) if rule.target is Target.LINE else None,
        "dial": rule.dial,
        "wait_minutes": step.wait_minutes,
        "channels": list(step.channels),
        "text_id": text_of(step.leg, rule),
    }


def _facts(plan: Plan) -> dict[str, object]:
    return {"incident_kind": plan.kind, "grade": plan.grade, "version": plan.version}
