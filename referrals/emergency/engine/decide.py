"""*Decide*: what follows when a clock has run out. Touches SQL only; who is reached is written, never waited for (chain §5).

One claim holds at most ``BATCH`` due legs of one school; whoever holds a leg is passed over and comes up again. A leg that
cannot be worked stops no other: the batch is done again one by one, and the bad one is parked, which is a move like any
other and pages team and operator with a text that reads no field of the incident.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from referrals.emergency.engine.advancing import Act, Planner, alarming
from referrals.emergency.models import FirstWord, Incident, Leg, LegStep, Recipient
from referrals.emergency.resolving import Reached, Resolver, rule_of, still_called
from referrals.emergency.rules.change import changed
from referrals.emergency.rules.clocks import Pace
from referrals.emergency.rules.firing import calls_own_again, fire
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.leg_states import LegEvent
from referrals.emergency.rules.sending import Rank, Send, sends
from referrals.emergency.workflow.moving import chain_now, standing_of
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)

BATCH: Final = 100
DIAL: Final = "emergency_dial"
E = LegEvent

_TEXT: Final[Mapping[str, str]] = {
    LegKind.SCHOOL: "emergency_page_school",
    LegKind.FAMILY: "emergency_page_family",
    LegKind.MEDICAL: "emergency_page_medical",
    LegKind.COMMUNITY: "emergency_page_community",
    LegKind.TEAM: "emergency_page_team",
}
"""What a step says, by leg; the text names nobody and no reason."""

_ASKS: Final[Mapping[LegEvent, str]] = {
    E.REVIEW_DUE: "emergency_ask_review",
    E.ENGAGE_ASK: "emergency_ask_arrived",
    E.LIFE_DUE: "emergency_ask_still_there",
    E.HAND_OVER_DUE: "emergency_ask_handed_over",
    E.HOLD_DUE: "emergency_ask_hold",
}
"""Clocks that ask somebody and let the leg stand."""


def decide_school(limit: int = BATCH) -> int:
    """Move the due legs of the open school; returns how many. May run in any number of processes at once."""
    try:
        with transaction.atomic():
            return _decide(_claim(limit))
    except Exception as error:
        if is_database_gone(error):
            raise
        # The type only: the message of an error may hold personal data.
        logger.error("a batch of legs failed, one by one now: %s", type(error).__name__)
    return sum(_by_itself(pk) for pk in _due(limit))


def _due(limit: int) -> list[UUID]:
    rows = Leg.objects.raw(
        "SELECT id FROM emergency_leg WHERE next_at <= (SELECT chain_now()) ORDER BY next_at, id LIMIT %s", [limit]
    )
    return [row.pk for row in rows]


def _claim(limit: int, only: UUID | None = None) -> list[Leg]:
    """Due legs, held by this transaction. The subquery asks the clock once, so that the index is used."""
    where, params = ("AND id = %s", [only, limit]) if only else ("", [limit])
    rows = Leg.objects.raw(
        f"SELECT *, chain_now() AS moment FROM emergency_leg WHERE next_at <= (SELECT chain_now()) {where}"  # noqa: S608  a literal
        " ORDER BY next_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
        params,
    )
    return list(rows)


def _by_itself(pk: UUID) -> int:
    try:
        with transaction.atomic():
            return _decide(_claim(1, pk))
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("leg %s cannot be worked and is parked: %s", pk, type(error).__name__)
    for names_people in (True, False):
        try:
            with transaction.atomic():
                return sum(_park(leg, names_people) for leg in _claim(1, pk))
        except Exception as error:
            if is_database_gone(error):
                raise
            logger.error("leg %s is parked without its people: %s", pk, type(error).__name__)
    return 0


def _decide(legs: Sequence[Leg]) -> int:
    if not legs:
        return 0
    round_of = _Round(legs, max(cast(Any, leg).moment for leg in legs))  # a column of the claim
    for leg in legs:
        round_of.decide(leg)
    round_of.act.write()
    return len(legs)


class _Round:
    """One batch of legs of one school at one moment."""

    def __init__(self, legs: Sequence[Leg], moment: datetime) -> None:
        self.act = Act(moment)
        self.incidents = {row.pk: row for row in Incident.objects.filter(pk__in={leg.incident_id for leg in legs})}
        self.resolver = Resolver(legs, self.incidents, moment)
        self.steps: dict[UUID, list[LegStep]] = defaultdict(list)
        for step in LegStep.objects.filter(leg__in=legs).order_by("position"):
            self.steps[step.leg_id].append(step)

    def decide(self, leg: Leg) -> None:
        """What follows for one leg: moved, and whoever is to be reached written down."""
        event = E(leg.next_event)
        match event:
            case E.STEP_DUE:
                self._fire(leg)
            case E.TICK:
                self._tick(leg)
            case _ if event in _ASKS:
                self._ask(leg, event)
            case E.ENGAGE_DUE | E.LIFE_UNANSWERED | E.PASSED_DUE:
                self._move(leg, event)
                leg.owner_id = None  # somebody else may take it; who answered first still can
                self._fire(leg)
            case E.START_DUE | E.FALSE_ALARM_LAPSED:
                if event is E.FALSE_ALARM_LAPSED:
                    self._no_second_word(leg)
                self._move(leg, event)
                self._fire(leg)
            case _:
                self._move(leg, event)
        self.act.leg(leg)

    def _move(self, leg: Leg, event: LegEvent, step: LegStep | None = None, **facts: object) -> None:
        before = standing_of(leg)
        wait = None
        if step is not None and step.wait_seconds is not None:
            wait = timedelta(seconds=step.wait_seconds)
        after = changed(before, event, self.act.moment, Pace(Grade(leg.grade), wait))
        if after.state is not before.state:
            leg.since = self.act.moment
            facts["to"] = after.state.value
        leg.state, leg.epoch = after.state.value, after.epoch
        leg.next_event, leg.next_at = after.next_event.value if after.next_event else "", after.next_at
        self.act.note(leg, leg.incident_id, f"leg.{event.value}", **facts)

    def _fire(self, leg: Leg) -> None:
        """The next step that reaches somebody; nobody left: exhausted, and the alarm goes out at once."""
        own = still_called(leg, self._of(leg, LegStep.Purpose.STEP))
        fired = fire(own, leg.round, leg.position, lambda step: self.resolver.reach(leg, rule_of(step)))
        empty = [rule_of(step).role for step in fired.empty]
        if fired.step is None:
            self._move(leg, E.SPENT, empty=empty)
            self._alarm(leg)
            return
        is_first = (leg.round, leg.position) == (0, -1)
        leg.round, leg.position = fired.round, fired.step.position
        rule = rule_of(fired.step)
        self._move(leg, E.STEP_DUE, fired.step, role=rule.role, round=fired.round, empty=empty)
        text = DIAL if rule.dial else _TEXT[leg.kind]
        allowed = tuple(fired.step.channels)
        self.act.page(leg, fired.step, fired.round, fired.targets, text, _planner(leg, is_first, allowed))

    def _tick(self, leg: Leg) -> None:
        self._move(leg, E.TICK)
        self._alarm(leg)
        if calls_own_again(leg.ticks):
            self._own_again(leg)

    def _alarm(self, leg: Leg) -> None:
        """Team and operator, until a person takes it."""
        leg.ticks += 1
        for step in self._of(leg, LegStep.Purpose.ALARM):
            reached = self.resolver.reach(leg, rule_of(step))
            self.act.page(leg, step, leg.ticks, reached, "emergency_alarm", alarming(leg))

    def _own_again(self, leg: Leg) -> None:
        """An exhausted leg calls its own people once more, by voice (in a drill: in the house)."""
        own = {"step__purpose": LegStep.Purpose.STEP, "step__position__gte": leg.first_position}
        rows = Recipient.objects.filter(leg=leg, answer="", **own).order_by("paged_at")
        seen: set[bytes] = set()
        way = "in_app" if leg.is_drill else "voice"
        for recipient in rows:
            target = bytes(recipient.target_hash)
            if target in seen:
                continue
            seen.add(target)
            planned = [Send(way, timedelta(), Rank.LATER_STEP)]
            self.act.again(leg, recipient, _TEXT[leg.kind], planned, f"tick{leg.ticks}:")

    def _no_second_word(self, leg: Leg) -> None:
        """Nobody else said that it was a false alarm: the first word counts no longer."""
        words = FirstWord.objects.filter(incident_id=leg.incident_id, act="false_alarm", ended_at=None)
        words.update(ended_at=self.act.moment)

    def _ask(self, leg: Leg, event: LegEvent) -> None:
        """Whoever has it, or watches over it, is asked; the second time and later the head of the centre too."""
        self._move(leg, event)
        leg.ticks += 1
        for step in self._of(leg, LegStep.Purpose.WATCH):
            if step.position == 0 or event is E.HOLD_DUE or leg.ticks > 1:
                reached = self.resolver.reach(leg, rule_of(step))
                self.act.page(leg, step, leg.ticks, reached, _ASKS[event], alarming(leg))

    def _of(self, leg: Leg, purpose: str) -> list[LegStep]:
        return [step for step in self.steps[leg.pk] if step.purpose == purpose]


def _park(leg: Leg, names_people: bool) -> int:
    """A leg that cannot be worked: team and operator are paged, and no words of the incident are read for it.

    Not ``names_people``: not even they can be found; the leg is parked all the same, and its next tick tries again.
    """
    moment = chain_now()
    act = Act(moment)
    after = changed(standing_of(leg), E.POISONED, moment, Pace(Grade(leg.grade)))
    leg.state, leg.epoch, leg.since = after.state.value, after.epoch, moment
    leg.next_event, leg.next_at = after.next_event.value if after.next_event else "", after.next_at
    leg.ticks += 1
    if names_people:
        resolver = Resolver([leg], {leg.incident_id: Incident.objects.get(pk=leg.incident_id)}, moment)
        for step in LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.ALARM).order_by("position"):
            act.page(leg, step, leg.ticks, resolver.reach(leg, rule_of(step)), "emergency_alarm", alarming(leg))
    act.note(leg, leg.incident_id, "leg.poisoned", to=leg.state)
    act.leg(leg)
    act.write()
    return 1


def _planner(leg: Leg, is_first: bool, allowed: tuple[str, ...]) -> Planner:
    def planned(who: Reached) -> list[Send]:
        return sends(
            who.addresses,
            allowed=allowed,
            is_family=leg.kind == LegKind.FAMILY,
            is_first=is_first,
            is_drill=leg.is_drill,
        )

    return planned
