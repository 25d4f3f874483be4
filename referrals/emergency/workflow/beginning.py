"""How an incident's clock, legs and steps begin: what opening and grading share (chain §1, §2)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referrals.emergency import resolving
from referrals.emergency.models import Company, Incident, Leg, LegStep, Place, Timeline
from referrals.emergency.rules.change import clock_from
from referrals.emergency.rules.clocks import Pace
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentClock
from referrals.emergency.rules.opening import Answers, HomeAnswer, starts
from referrals.emergency.rules.step_rules import POLICE, WATCH, alarm_of, known_rule
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.in_drill import make_way

MORE_PEOPLE: Final = frozenset({Company.CHILD.value, Company.FRAIL.value})
"""Who is with the person and in danger too: the community is called whatever the grade."""

AWAY: Final = frozenset({Place.MISSING.value, Place.ELSEWHERE.value})
"""Where the police are called by hand at once (chain §1): nobody of the school is near, or nobody knows where to go."""


STEP_UNKNOWN: Final = "leg.step_unknown"
"""In the timeline: whoever reads the incident sees that a step of the plan is missing on a leg."""


def first_clock(incident: Incident, graded: bool) -> IncidentClock:
    """Which clock of its own an incident begins with."""
    if graded:
        return IncidentClock.CONTACT
    if incident.danger_now and incident.suggested == Grade.EXTREME:
        return IncidentClock.SUGGESTION
    return IncidentClock.GRADE


def answers_of(incident: Incident) -> Answers:
    """What the rules of the opening ask, from the row."""
    return Answers(
        IncidentKind(incident.kind),
        Grade(incident.grade or incident.suggested),
        is_graded=bool(incident.grade),
        # A drill is about somebody made up, and nobody is named in it: all its legs begin as the scenario says.
        has_person=incident.person_id is not None or incident.is_drill,
        home=HomeAnswer(incident.home),
        needs_community=incident.company in MORE_PEOPLE,
        can_be_asked=incident.can_be_asked,
    )


def write_legs(incident: Incident, moment: datetime) -> None:
    """Every leg as the answers of the opening have it begin, with its steps. What is real stops a drill in this transaction."""
    make_way(incident)
    own = open_school().settings
    pace = Pace(incident.pace_grade, home_unknown=timedelta(minutes=own.home_unknown_minutes))
    legs = []
    for kind, start in starts(answers_of(incident)).items():
        next_event, next_at = clock_from(start.clock, moment, pace)
        legs.append(
            Leg(
                incident=incident,
                is_drill=incident.is_drill,
                kind=kind.value,
                state=start.state.value,
                is_required=start.is_required,
                grade=pace.grade.value,
                required_answers=own.team_answers if kind is LegKind.TEAM else 1,
                since=moment,
                next_event=next_event.value if next_event else "",
                next_at=next_at,
            )
        )
    Leg.objects.bulk_create(legs)
    _write_steps(incident, legs, {})


def write_steps(incident: Incident, legs: list[Leg]) -> None:
    """Copy the rules of the plan in use to legs that have none of it yet: what is edited later changes nothing here."""
    kept: dict[UUID, list[LegStep]] = defaultdict(list)
    for step in LegStep.objects.filter(leg__in=legs):
        kept[step.leg_id].append(step)
    _write_steps(incident, legs, kept)


def _write_steps(incident: Incident, legs: list[Leg], have_already: Mapping[UUID, list[LegStep]]) -> None:
    """``have_already``: the steps of each leg. A leg that was written a moment ago has none and is not asked about."""
    plan, unread = resolving.plan_for(IncidentKind(incident.kind), Grade(incident.grade or incident.suggested))
    said = [Timeline(incident=incident, leg=leg, code=STEP_UNKNOWN, who="engine") for leg in legs if leg.kind in unread]
    Timeline.objects.bulk_create(said)
    rows = []
    for leg in legs:
        own = have_already.get(leg.pk, [])
        # As rules, not as text: the database keeps the keys of a rule in an order of its own. What only newer code can
        # read is nothing that the plan of this code could hold: it stays where it is, for an engine that knows it.
        kept = [step for step in own if step.purpose == LegStep.Purpose.STEP]
        known = {rule for step in kept if (rule := known_rule(step.rule)) is not None}
        have = max((step.position for step in kept), default=-1) + 1
        planned = plan.get(LegKind(leg.kind), ())
        if not own and leg.kind == LegKind.SCHOOL and incident.place in AWAY:
            planned = [resolving.PlannedStep(POLICE), *planned]
        for step in planned:
            if step.rule in known:
                continue
            rows.append(
                LegStep(
                    leg=leg,
                    position=have,
                    rule=step.rule.to_json(),
                    wait_seconds=step.wait_seconds,
                    channels=list(step.channels),
                )
            )
            have += 1
        if len(kept) == len(own):  # no alarm and no watch yet
            for purpose, rules in (
                (LegStep.Purpose.ALARM, alarm_of(LegKind(leg.kind))),
                (LegStep.Purpose.WATCH, WATCH),
            ):
                rows += [
                    LegStep(leg=leg, purpose=purpose, position=number, rule=rule.to_json(), channels=[])
                    for number, rule in enumerate(rules)
                ]
    LegStep.objects.bulk_create(rows)
