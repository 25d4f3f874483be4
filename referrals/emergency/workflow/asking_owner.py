"""Whoever has the school's leg, the head of the centre, or the team are called to look at an incident (chain §1, §9)."""

from collections.abc import Iterable
from datetime import timedelta

from referrals.emergency.engine.advancing import Act, Planner, alarming
from referrals.emergency.leg_facts import facts_of
from referrals.emergency.models import Leg, LegStep
from referrals.emergency.resolving import Reached, Resolver, readable, rule_of
from referrals.emergency.rules.sending import Rank, Send
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.workflow.moving import Locked
from tenancy.scope import current_tenant_id


def _quiet(who: Reached) -> list[Send]:
    return [Send("in_app", timedelta(), Rank.ALARM)] if "in_app" in who.addresses else []


def _steps(locked: Locked, *, team: bool) -> list[LegStep]:
    """Owner, head of the centre, and of those who hear an alarm the team."""
    rows = readable(LegStep.objects.filter(leg=locked.school).order_by("position"))
    watch = [step for step in rows if step.purpose == LegStep.Purpose.WATCH]
    alarm = [step for step in rows if step.purpose == LegStep.Purpose.ALARM and rule_of(step).target is Target.TEAM]
    return watch + (alarm if team else [])


def ask(locked: Locked, text: str, *, in_house: bool = False, team: bool = False) -> None:
    """Page both by all their ways with ``text``, in the caller's transaction. Where nobody has the leg, who is on duty; where
    none of them can be reached, team and operator.

    ``in_house``: on their own pages alone, where nothing rings. ``team``: whoever sits in the team is asked too.
    """
    leg = locked.school
    _page(locked, leg, _steps(locked, team=team), text, is_quiet=in_house)


def tell_team(locked: Locked, leg: Leg, text: str) -> None:
    """Page every seat of the team about ``leg``, in the caller's transaction; who has the leg keeps it."""
    steps = readable(LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.ALARM).order_by("position"))
    _page(locked, leg, [step for step in steps if rule_of(step).target is Target.TEAM], text)


def _page(locked: Locked, leg: Leg, steps: Iterable[LegStep], text: str, *, is_quiet: bool = False) -> None:
    leg.ticks += 1
    leg.save(update_fields=["ticks"])
    act = Act(current_tenant_id(), locked.moment)
    incident = locked.incident
    resolver = Resolver(facts_of([incident.pk], locked.moment), {incident.pk: incident.person_id})
    plan: Planner = _quiet if is_quiet else alarming(leg, resolver.facts.voice_after)
    asked: set[bytes] = set()

    def page(some: Iterable[LegStep]) -> None:
        for step in some:
            reached = [who for who in resolver.reach(leg, rule_of(step)) if who.target not in asked]
            asked.update(who.target for who in reached)
            act.page(leg, step, leg.ticks, reached, text, plan)

    page(steps)
    if not asked:  # whoever had it has left, and the seat is empty: what nobody hears would stand for ever
        page(readable(LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.ALARM).order_by("position")))
    act.write()
