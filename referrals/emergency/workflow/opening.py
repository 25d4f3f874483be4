"""Opens an incident: a head's report that waits for its grade, or one that duty or centre grades at once (chain §1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import local_day
from kernel.errors import Invalid, NotFound, Refused
from kernel.fold import fold_text
from kernel.identifiers import uuid7
from referrals.emergency import resolving
from referrals.emergency.models import Company, Home, Incident, Leg, LegStep, Place
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.change import clock_from
from referrals.emergency.rules.clocks import Pace
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentClock, IncidentState
from referrals.emergency.rules.leg_states import LegState
from referrals.emergency.rules.opening import Answers, HomeAnswer, starts
from referrals.emergency.rules.step_rules import ALARM, WATCH, StepRule
from referrals.emergency.workflow.moving import Locked, chain_now, lock, note
from tenancy.models import Tenant
from tenancy.numbers import next_number
from tenancy.scope import current_tenant_id
from vault import own_key

MOST_SIGNS: Final = 2_000
OLDEST_FIND: Final = timedelta(days=30)
TEAM_ANSWERS: Final = 2
"""How many of the team must answer, one of them who may decide (⚙ default)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the opening asks (chain §1). ``signs`` and ``place_words`` are sealed; moments are UTC."""

    kind: str
    grade: str
    found_at: datetime
    signs: str
    person_id: UUID | None = None
    danger_now: bool = False
    home: str = Home.UNKNOWN.value
    place: str = ""
    place_words: str = ""
    company: str = Company.UNKNOWN.value
    can_be_asked: bool | None = None
    is_drill: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """``is_new`` False: one was open for this person, and this report was joined to it."""

    incident: Incident
    is_new: bool


def open_incident(*, actor: Actor, opening: Opening) -> Opened:
    """Write the incident, its legs and their steps; the engine calls whoever is due.

    A head's grade is a suggestion: the school's side pages at once, the rest waits for the grade. Whoever may grade opens
    it graded. When one is open for this person the report joins it; its grade may rise, never fall.
    Invalid for what cannot be read, NotFound for a person of elsewhere, Refused ``own_incident``, ``chain_off``.
    """
    grades = actor.may("incident.grade")
    if not grades:
        require(actor, "incident.report")
    try:
        with transaction.atomic():
            return _open(actor, opening, grades)
    except IntegrityError:  # somebody else opened one for this person in this very moment
        with transaction.atomic():
            return _open(actor, opening, grades)


def _open(actor: Actor, opening: Opening, grades: bool) -> Opened:
    moment = chain_now()
    _check(actor, opening, moment)
    resolving.must_be_live(opening.is_drill)
    if opening.person_id is not None and not opening.is_drill:
        known = Incident.objects.filter(
            person_id=opening.person_id, is_drill=False, state__in=sorted(incident_moves.LIVE)
        ).first()
        if known is not None:
            return Opened(_join(actor, known, opening, grades), is_new=False)
    incident = _write(actor, opening, moment, grades)
    _write_legs(incident, moment, grades)
    note(incident, "opened", by=actor, facts={"kind": opening.kind, "grade": opening.grade, "graded": grades})
    record(actor=actor, action="incident.open", obj=incident, facts={"drill": opening.is_drill, "graded": grades})
    return Opened(incident, is_new=True)


def _write(actor: Actor, opening: Opening, moment: datetime, grades: bool) -> Incident:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    year = local_day(moment, tenant.time_zone).year
    incident = Incident(
        pk=uuid7(),
        number=f"{year}-{next_number('incident', year):04d}",
        person_id=opening.person_id,
        kind=opening.kind,
        suggested=opening.grade,
        grade=opening.grade if grades else "",
        state=(IncidentState.OPEN if grades else IncidentState.REPORTED).value,
        home=opening.home,
        place=opening.place,
        company=opening.company,
        can_be_asked=opening.can_be_asked,
        danger_now=opening.danger_now,
        found_at=opening.found_at,
        opened_at=moment,
        reported_by_id=actor.membership_id,
        graded_by_id=actor.membership_id if grades else None,
        is_drill=opening.is_drill,
    )
    clock = first_clock(incident, grades)
    incident.next_event = incident_moves.FIRES[clock].value
    incident.next_at = moment + incident_moves.LENGTH[clock]
    incident.own_key = own_key.new_key(cast(UUID, incident.tenant_id), Incident._meta.db_table, incident.pk)
    incident.write_words("signs", fold_text(opening.signs))
    incident.write_words("place", fold_text(opening.place_words))
    incident.save(force_insert=True)
    return incident


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
        has_person=incident.person_id is not None,
        home=HomeAnswer(incident.home),
        needs_community=incident.company in (Company.CHILD, Company.FRAIL),
        can_be_asked=incident.can_be_asked,
    )


def _write_legs(incident: Incident, moment: datetime, graded: bool) -> None:
    pace = Pace(incident.pace_grade)
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
                required_answers=TEAM_ANSWERS if kind is LegKind.TEAM else 1,
                since=moment,
                next_event=next_event.value if next_event else "",
                next_at=next_at,
            )
        )
    Leg.objects.bulk_create(legs)
    write_steps(incident, legs)


def write_steps(incident: Incident, legs: list[Leg]) -> None:
    """Copy the rules of the plan in use to legs that have none of it yet: what is edited later changes nothing here."""
    plan = resolving.steps_for(IncidentKind(incident.kind), Grade(incident.grade or incident.suggested))
    rows = []
    for leg in legs:
        # As rules, not as text: the database keeps the keys of a rule in an order of its own.
        kept = [step for step in leg.steps.all() if step.purpose == LegStep.Purpose.STEP]
        known = {StepRule.from_json(step.rule) for step in kept}
        have = max((step.position for step in kept), default=-1) + 1
        for step in plan.get(LegKind(leg.kind), ()):
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
        if not leg.steps.exclude(purpose=LegStep.Purpose.STEP).exists():
            for purpose, rules in ((LegStep.Purpose.ALARM, ALARM), (LegStep.Purpose.WATCH, WATCH)):
                rows += [
                    LegStep(leg=leg, purpose=purpose, position=number, rule=rule.to_json(), channels=[])
                    for number, rule in enumerate(rules)
                ]
    LegStep.objects.bulk_create(rows)


def _join(actor: Actor, known: Incident, opening: Opening, grades: bool) -> Incident:
    """A further report about the same person: kept as a row, and the grade may rise (chain §1)."""
    locked = lock(known.pk)
    incident = locked.incident
    facts: dict[str, Any] = {"grade": opening.grade, "danger_now": opening.danger_now}
    note(incident, "report.joined", by=actor, facts=facts, words=fold_text(opening.signs))
    record(actor=actor, action="incident.join", obj=incident, facts={"graded": grades})
    if Grade(opening.grade).rank > Grade(incident.grade or incident.suggested).rank or opening.danger_now:
        _rise(locked, Grade(opening.grade), opening.danger_now)
    return incident


def _rise(locked: Locked, grade: Grade, danger_now: bool) -> None:
    """The suggestion rises; an extreme one with danger now counts as graded unless somebody takes it in five minutes."""
    incident = locked.incident
    if grade.rank > Grade(incident.suggested).rank:
        incident.suggested = grade.value
    incident.danger_now = incident.danger_now or danger_now
    fields = ["suggested", "danger_now"]
    if incident.state == IncidentState.REPORTED and first_clock(incident, False) is IncidentClock.SUGGESTION:
        due = locked.moment + incident_moves.LENGTH[IncidentClock.SUGGESTION]
        if incident.next_at is None or due < incident.next_at:
            incident.next_event = incident_moves.FIRES[IncidentClock.SUGGESTION].value
            incident.next_at = due
            fields += ["next_event", "next_at"]
    incident.save(update_fields=fields)
    school = locked.school
    if incident.state == IncidentState.REPORTED and school.state == LegState.PAGING:
        school.grade = incident.pace_grade.value
        school.save(update_fields=["grade"])


def _check(actor: Actor, opening: Opening, moment: datetime) -> None:
    lists: tuple[tuple[str, str, Collection[str]], ...] = (
        ("kind", opening.kind, set(IncidentKind)),
        ("grade", opening.grade, set(Grade)),
        ("home", opening.home, Home.values),
        ("place", opening.place or Place.SCHOOL, Place.values),
        ("with", opening.company, Company.values),
    )
    for field, value, known in lists:
        if value not in known:
            raise _invalid(field, "not_in_list")
    signs = fold_text(opening.signs).strip()
    if not signs or len(signs) > MOST_SIGNS or "\0" in opening.signs:
        raise _invalid("signs", "signs_missing" if not signs else "signs_too_long")
    if opening.found_at.tzinfo is None:
        raise _invalid("found_at", "time_without_offset")
    if opening.found_at > moment + timedelta(minutes=5):
        raise _invalid("found_at", "time_ahead")
    if opening.found_at < moment - OLDEST_FIND:
        raise _invalid("found_at", "time_long_ago")
    if opening.person_id is None:
        return
    if opening.person_id == actor.membership_id:
        raise Refused("own_incident")
    day = local_day(moment, Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone)
    if not Membership.objects.current(day).filter(pk=opening.person_id).exists():
        raise NotFound


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
