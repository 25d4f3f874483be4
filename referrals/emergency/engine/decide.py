"""*Decide*: what follows when a clock has run out. Touches SQL only; who is reached is written, never waited for (chain §5).

A batch holds at most ``BATCH`` due legs of a school, and of several schools as many as ``rounds`` puts together: one message
reads them with all that decides (``looking``), one writes what follows (``advancing``). Whoever holds a leg is passed over,
and it comes up again. A leg that cannot be worked stops no other: the batch is done again one by one, and the bad one is
parked, which is a move like any other and pages team and operator with a text that reads no field of the incident. A leg
that only newer code knows is neither: it is left to it (``known``).
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from referrals.emergency.engine.advancing import Act, Planner, alarming, write
from referrals.emergency.engine.held import is_held_up
from referrals.emergency.engine.known import KNOWN
from referrals.emergency.engine.looking import Seen, look, seen
from referrals.emergency.leg_facts import Step, facts_of
from referrals.emergency.models import Answer, Delivery, Incident, Leg, LegStep, Recipient
from referrals.emergency.models.statements import released
from referrals.emergency.resolving import Reached, Resolver, rule_of, still_called
from referrals.emergency.rules.change import changed, is_one_wait
from referrals.emergency.rules.clocks import Clock, Pace, length
from referrals.emergency.rules.drills import Fault
from referrals.emergency.rules.firing import Fired, beside, calls_own_again, dials_again, fire
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.leg_states import LegEvent
from referrals.emergency.rules.overdue import LONG_AGO, is_first, school_hears_first
from referrals.emergency.rules.sending import ASKS, Rank, Send, sends
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.workflow.moving import standing_of
from tenancy.rounds import is_database_gone
from tenancy.scope import current_tenant_id, no_scope, use_tenant

logger = logging.getLogger(__name__)

BATCH: Final = 100
DIAL: Final = "emergency_dial"
E = LegEvent

_DUE: Final = f"""
    SELECT id FROM emergency_leg AS leg WHERE next_at <= (SELECT chain_now()) AND emergency_known(leg, %s::jsonb)
      AND {released("leg.tenant_id", "leg.incident_id")} ORDER BY next_at, id LIMIT %s"""  # noqa: S608  names of the schema

_TEXT: Final[Mapping[str, str]] = {
    LegKind.SCHOOL: "emergency_page_school",
    LegKind.FAMILY: "emergency_page_family",
    LegKind.MEDICAL: "emergency_page_medical",
    LegKind.COMMUNITY: "emergency_page_community",
    LegKind.TEAM: "emergency_page_team",
}
"""What a step says, by leg; the text names nobody and no reason."""


def decide_school(limit: int = BATCH) -> int:
    """Move the due legs of the open school; returns how many. May run in any number of processes at once.

    OperationalError when somebody else holds a row of it for longer than ``emergency_look`` waits: no leg is at fault.
    """
    school = current_tenant_id()
    try:
        with transaction.atomic():
            moved, failed = _together([school], limit)
        if not failed:
            return moved
    except Exception as error:
        if is_database_gone(error) or is_held_up(error):
            raise
        # The type only: the message of an error may hold personal data.
        logger.error("a batch of legs failed, one by one now: %s", type(error).__name__)
    return sum(_by_itself(pk) for pk in _due(limit))


def decide_schools(schools: Collection[UUID], limit: int = BATCH) -> int:
    """The same of several schools, at most ``limit`` legs each, in one transaction; no school is open.

    One in which something fails is done by itself afterwards, and costs the others nothing.
    """
    try:
        with no_scope(), transaction.atomic():
            done, failed = _together(schools, limit)
        moved, again = done, failed  # not before it stands: keys are looked at when the transaction ends
    except Exception as error:
        if is_database_gone(error):
            raise
        moved, again = 0, list(schools)
        logger.error("a batch of schools failed, one by one now: %s", type(error).__name__)
    for school in again:
        with use_tenant(school):
            try:
                moved += decide_school(limit)
            except Exception as error:
                if is_database_gone(error):
                    raise
                logger.error("school %s was passed over: %s", school, type(error).__name__)
    return moved


def _together(schools: Collection[UUID], limit: int) -> tuple[int, list[UUID]]:
    """One message reads and holds, the rules decide, one writes. How many legs were moved, and in which schools none was
    because a rule failed."""
    acts: list[tuple[UUID, Act]] = []
    failed: list[UUID] = []
    for school, told in look(schools, limit):
        with use_tenant(school):
            try:
                acts.append((school, _decided(seen(school, told))))
            except Exception as error:
                if is_database_gone(error):
                    raise
                logger.error("a batch of legs failed, one by one now: %s", type(error).__name__)
                failed.append(school)
    write(acts)
    return sum(len(act.legs) for _school, act in acts), failed


def _decided(batch: Seen) -> Act:
    round_of = _Round(batch)
    for leg in batch.legs:
        round_of.decide(leg)
    return round_of.act


def _due(limit: int) -> list[UUID]:
    rows = Leg.objects.raw(_DUE, [KNOWN, limit])
    return [row.pk for row in rows]


def _by_itself(pk: UUID) -> int:
    """One leg of the open school; what cannot be worked is parked."""
    school = current_tenant_id()
    try:
        with transaction.atomic():
            acts = [(school, _decided(seen(school, told))) for _school, told in look([school], 1, pk)]
            write(acts)
            return len(acts)
    except Exception as error:
        if is_database_gone(error):
            raise
        if is_held_up(error):
            return 0  # it is not parked for what is no fault of its own
        logger.error("leg %s cannot be worked and is parked: %s", pk, type(error).__name__)
    for names_people in (True, False):
        try:
            with transaction.atomic():
                return sum(_park(leg, moment, names_people) for leg, moment in _held(pk))
        except Exception as error:
            if is_database_gone(error):
                raise
            logger.error("leg %s is parked without its people: %s", pk, type(error).__name__)
    return 0


def _held(pk: UUID) -> list[tuple[Leg, datetime]]:
    """The leg, held by this transaction while it is due and nobody else holds it, and the moment."""
    rows = Leg.objects.raw(
        "SELECT *, chain_now() AS moment FROM emergency_leg WHERE id = %s AND next_at <= (SELECT chain_now())"
        " FOR NO KEY UPDATE SKIP LOCKED",
        [pk],
    )
    return [(leg, cast(Any, leg).moment) for leg in rows]


class _Round:
    """One batch of legs of one school, which is open, at one moment."""

    def __init__(self, batch: Seen) -> None:
        self.act = Act(batch.school, batch.moment)
        self.resolver = Resolver(batch.facts, batch.people)
        self.steps = batch.steps

    def decide(self, leg: Leg) -> None:
        """What follows for one leg: moved, and whoever is to be reached written down."""
        event = E(leg.next_event)
        late = self.act.moment - (leg.next_at or self.act.moment)
        match event:
            case _ if school_hears_first(LegKind(leg.kind), event, late):
                self._school_first(leg, late)
            case E.STEP_DUE:
                self._fire(leg)
            case E.TICK:
                self._tick(leg, calls_own=late <= LONG_AGO)
            case _ if event in ASKS:
                self._ask(leg, event)
            case E.ENGAGE_DUE | E.LIFE_UNANSWERED | E.PASSED_DUE:
                self._move(leg, event)
                leg.owner_id = None  # somebody else may take it; who answered first still can
                self._fire(leg)
            case E.START_DUE | E.FALSE_ALARM_LAPSED:
                if event is E.FALSE_ALARM_LAPSED:
                    self.act.lapsed.append(leg.incident_id)
                self._move(leg, event)
                self._fire(leg)
            case _:
                self._move(leg, event)
        self.act.leg(leg)

    def _move(self, leg: Leg, event: LegEvent, step: Step | None = None, **facts: object) -> None:
        before = standing_of(leg)
        wait = None
        if step is not None and step.wait_seconds is not None:
            wait = timedelta(seconds=step.wait_seconds)
        after = changed(before, event, self.act.moment, Pace(Grade(leg.grade), wait))
        if not is_one_wait(before.state, after.state):
            leg.since = self.act.moment
        if after.state is not before.state:
            facts["to"] = after.state.value
        leg.state, leg.epoch = after.state.value, after.epoch
        leg.next_event, leg.next_at = after.next_event.value if after.next_event else "", after.next_at
        self.act.note(leg, leg.incident_id, f"leg.{event.value}", **facts)

    def _fire(self, leg: Leg) -> None:
        """The next step that reaches somebody, and with a step by hand the one after it; nobody left: exhausted, and the alarm
        goes out at once.
        """
        own = still_called(leg, self._of(leg, LegStep.Purpose.STEP))
        fired: Fired[Step, Reached] | None
        fired = fire(own, leg.round, leg.position, lambda step: self._reach(leg, step))
        if fired.step is None:
            self._move(leg, E.SPENT, empty=[rule_of(step).role for step in fired.empty])
            self._alarm(leg)
            return
        is_first = (leg.round, leg.position) == (0, -1)
        called = set()
        while fired is not None and fired.step is not None:
            self._call(leg, fired, fired.step, is_first)
            called.add(fired.step.pk)
            if rule_of(fired.step).target is not Target.BY_HAND:
                break
            fired = beside(own, leg.round, leg.position, lambda step: self._reach(leg, step))
        if not is_first:
            self._dial_again(leg, [step for step in own if step.pk not in called])

    def _call(self, leg: Leg, fired: Fired[Step, Reached], step: Step, is_first: bool) -> None:
        leg.round, leg.position = fired.round, step.position
        rule = rule_of(step)
        empty = [rule_of(passed).role for passed in fired.empty]
        self._move(leg, E.STEP_DUE, step, role=rule.role, round=fired.round, empty=empty)
        text = DIAL if rule.dial else _TEXT[leg.kind]
        plan = self._plan(leg, step, is_first=is_first)
        match self.resolver.fault(leg, step):
            case Fault.NO_ANSWER:
                self.act.page(leg, step, fired.round, fired.targets, text, _unheard)
            case Fault.REFUSAL:
                self.act.page(leg, step, fired.round, fired.targets, text, _unheard, answer=Answer.DECLINED)
                leg.next_at = self.act.moment  # a no brings the next step at once
            case _:
                self.act.page(leg, step, fired.round, fired.targets, text, plan)

    def _dial_again(self, leg: Leg, others: Sequence[Step]) -> None:
        """Whoever was asked to dial is asked again while nobody has answered, where a life is in danger (chain §2).

        ``others``: the steps that were not called just now.
        """
        for step in others:
            if rule_of(step).target is not Target.BY_HAND:
                continue
            last = Recipient.objects.filter(leg=leg, step=step.pk).order_by("-paged_at").first()
            if last is None:
                continue
            asked = Delivery.objects.filter(recipient=last).aggregate(at=Max("created_at"))["at"] or last.paged_at
            if not dials_again(Grade(leg.grade), asked, self.act.moment):
                continue
            self.act.note(leg, leg.incident_id, "leg.dial_again", role=rule_of(step).role)
            for who in self._reach(leg, step):
                plan = self._plan(leg, step, is_first=False)
                if who.target == bytes(last.target_hash):
                    self.act.again(leg, last, DIAL, plan(who), f"dial{self.act.moment:%H%M%S}:")
                else:
                    self.act.page(leg, step, leg.round, [who], DIAL, plan)

    def _reach(self, leg: Leg, step: Step) -> list[Reached]:
        fault = self.resolver.fault(leg, step)
        if fault is not None:
            self.act.note(leg, leg.incident_id, "drill.fault", fault=fault.value, role=rule_of(step).role)
        return [] if fault is Fault.DEAD_NUMBER else self.resolver.reach(leg, rule_of(step))

    def _tick(self, leg: Leg, *, calls_own: bool) -> None:
        self._move(leg, E.TICK)
        self._alarm(leg)
        if calls_own and calls_own_again(leg.ticks):
            self._own_again(leg)

    def _alarm(self, leg: Leg) -> None:
        """Team and operator, until a person takes it."""
        leg.ticks += 1
        for step in self._of(leg, LegStep.Purpose.ALARM):
            reached = self.resolver.reach(leg, rule_of(step))
            self.act.page(leg, step, leg.ticks, reached, "emergency_alarm", self._alarming(leg))

    def _school_first(self, leg: Leg, late: timedelta) -> None:
        """The head of the centre and the operator; the leg itself goes on one wait later, as it would have now."""
        leg.ticks += 1
        leg.next_at = self.act.moment + length(Clock.STEP, Pace(Grade(leg.grade)))
        self.act.note(leg, leg.incident_id, "leg.overdue", hours=late // timedelta(hours=1))
        for step in self.steps.get(str(leg.pk), ()):
            if step.purpose != LegStep.Purpose.STEP and is_first(rule_of(step)):
                reached = self.resolver.reach(leg, rule_of(step))
                self.act.page(leg, step, leg.ticks, reached, "emergency_alarm", self._alarming(leg))

    def _own_again(self, leg: Leg) -> None:
        """An exhausted leg calls its own people once more, by voice (in a drill: in the house): whom it still may."""
        rules = {UUID(step.pk): rule_of(step) for step in self._of(leg, LegStep.Purpose.STEP)}
        own = {"step__purpose": LegStep.Purpose.STEP, "step__position__gte": leg.first_position}
        rows = Recipient.objects.filter(leg=leg, answer="", **own).order_by("paged_at")
        seen: set[bytes] = set()
        way = "in_app" if leg.is_drill else "voice"
        for recipient in rows:
            target, rule = bytes(recipient.target_hash), rules[recipient.step_id]
            if target in seen or not self.resolver.still_reaches(leg, rule, recipient):
                continue
            seen.add(target)
            text = DIAL if rule.dial else _TEXT[leg.kind]
            self.act.again(leg, recipient, text, [Send(way, timedelta(), Rank.LATER_STEP)], f"tick{leg.ticks}:")

    def _ask(self, leg: Leg, event: LegEvent) -> None:
        """Whoever has it, or watches over it, is asked; the second time and later the head of the centre too. Where neither
        can be reached, team and operator are: what nobody hears would stand for ever.
        """
        self._move(leg, event)
        leg.ticks += 1
        heard = 0
        for step in self._of(leg, LegStep.Purpose.WATCH):
            if step.position == 0 or event is E.HOLD_DUE or leg.ticks > 1 or not heard:
                heard += self._asked(leg, step, event)
        for step in self._of(leg, LegStep.Purpose.ALARM) if not heard else ():
            self._asked(leg, step, event)

    def _asked(self, leg: Leg, step: Step, event: LegEvent) -> int:
        reached = self.resolver.reach(leg, rule_of(step))
        return self.act.page(leg, step, leg.ticks, reached, ASKS[event], self._alarming(leg))

    def _plan(self, leg: Leg, step: Step, *, is_first: bool) -> Planner:
        def planned(who: Reached) -> list[Send]:
            return sends(
                who.addresses,
                allowed=tuple(step.channels),
                is_family=leg.kind == LegKind.FAMILY,
                is_first=is_first,
                is_drill=leg.is_drill,
                voice_after=self.resolver.facts.voice_after,
            )

        return planned

    def _alarming(self, leg: Leg) -> Planner:
        return alarming(leg, self.resolver.facts.voice_after)

    def _of(self, leg: Leg, purpose: str) -> list[Step]:
        return [step for step in self.steps.get(str(leg.pk), ()) if step.purpose == purpose]


def _park(leg: Leg, moment: datetime, names_people: bool) -> int:
    """A leg that cannot be worked: team and operator are paged, and no words of the incident are read for it.

    Not ``names_people``: not even they can be found; the leg is parked all the same, and its next tick tries again.
    """
    act = Act(cast(UUID, leg.tenant_id), moment)
    before = standing_of(leg)
    after = changed(before, E.POISONED, moment, Pace(Grade(leg.grade)))
    leg.state, leg.epoch = after.state.value, after.epoch
    if not is_one_wait(before.state, after.state):
        leg.since = moment
    leg.next_event, leg.next_at = after.next_event.value if after.next_event else "", after.next_at
    leg.ticks += 1
    if names_people:
        person = Incident.objects.values_list("person_id", flat=True).get(pk=leg.incident_id)
        resolver = Resolver(facts_of([leg.incident_id], moment), {leg.incident_id: person})
        for step in LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.ALARM).order_by("position"):
            act.page(
                leg,
                step,
                leg.ticks,
                resolver.reach(leg, rule_of(step)),
                "emergency_alarm",
                alarming(leg, resolver.facts.voice_after),
            )
    act.note(leg, leg.incident_id, "leg.poisoned", to=leg.state)
    act.leg(leg)
    act.write()
    return 1


def _unheard(who: Reached) -> list[Send]:
    """Nothing is written: in a drill somebody is called and does not hear it, or has said no already."""
    return []
