"""Writes a grade, raises and lowers it (chain §1, §2, §9). Lowering from extreme takes two people."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, IllegalMove, Invalid, Refused
from kernel.fold import fold_prose
from referrals.emergency.models import Incident, Leg, Timeline
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import STEP_WAIT, Grade, LegKind
from referrals.emergency.rules.incident_moves import IncidentClock, IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import ENDED, OPEN, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.opening import Start, starts, when_raised
from referrals.emergency.rules.sending import ASKS_OF_INCIDENT
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow import own_times, tasks
from referrals.emergency.workflow.beginning import answers_of, write_steps
from referrals.emergency.workflow.moving import Locked, drop_asks, fire, lock, note, second_word
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import must_know, opened, who_is

_CONTACTED: Final = frozenset({LegState.ENGAGED, LegState.HANDED_OVER})
"""Of the school's leg: somebody has spoken with the person, or is there."""
_STOPPED: Final = frozenset(f"leg.{event}" for event in (LegEvent.HOLD, LegEvent.RAISE_HOLDS, LegEvent.KNOWN_HOLDS))
_GOES_ON: Final = frozenset(f"leg.{event}" for event in (LegEvent.LIFT, LegEvent.REPLACE, LegEvent.REOPEN))


@transaction.atomic
def write_grade(*, actor: Actor, incident_id: UUID | str, grade: str, reason: str = "") -> bool:
    """Write, raise or lower the grade. False: the first of two words is kept, a second person must say the same.

    Raising and the first grade act at once; a lower one needs a reason of ≥ 20 characters and the centre.
    Invalid for an unknown grade or a short reason, IllegalMove for an incident that has ended, Conflict ``same_grade``.
    """
    require(actor, "incident.grade")
    if grade not in set(Grade):
        raise Invalid("not_in_list", fields=(("grade", "not_in_list", "not in list"),))
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    before = Grade(incident.grade) if incident.grade else None
    if before is not None and before is Grade(grade):
        raise Conflict("same_grade")
    incident_moves.move(IncidentState(incident.state), IncidentEvent.GRADE)
    if before is not None and Grade(grade).rank < before.rank:
        reason_of(reason)
        require(actor, "incident.lower")
        if before is Grade.EXTREME and not second_word(locked, "lower_grade", actor, facts={"grade": grade}):
            record(actor=actor, action="incident.lower_asked", obj=incident, facts={"grade": grade})
            return False
    _apply(locked, Grade(grade), actor, words=reason)
    record(actor=actor, action="incident.grade", obj=incident, facts={"grade": grade, "before": before or ""})
    return True


def raise_grade(locked: Locked, grade: Grade, actor: Actor) -> bool:
    """What a further report by somebody who grades makes of it: never less than it was. False: it is no higher.

    Where none was written yet, one that is not below the suggestion is the first.
    """
    incident = locked.incident
    before = Grade(incident.grade) if incident.grade else None
    least = before.rank + 1 if before else Grade(incident.suggested).rank
    if grade.rank < least:
        return False
    _apply(locked, grade, actor, words="")
    record(actor=actor, action="incident.grade", obj=incident, facts={"grade": grade, "before": before or ""})
    return True


def call_community(locked: Locked, actor: Actor) -> None:
    """A child or a frail person is with them, as turns out later: what the grade that stands makes of the community's leg by
    it. Until a grade is written nothing: that comes with the grade.
    """
    leg = locked.leg(LegKind.COMMUNITY)
    if locked.incident.grade and leg.state in (LegState.ARMED, LegState.NOT_REQUIRED):
        write_steps(locked.incident, [leg])
        _raise(locked, leg, starts(answers_of(locked.incident))[LegKind.COMMUNITY], actor)


def grade_by_suggestion(locked: Locked) -> None:
    """The engine: nobody took an extreme suggestion with danger now within five minutes; it counts, and is written as such."""
    _apply(locked, Grade(locked.incident.suggested), None, words="")


def _apply(locked: Locked, grade: Grade, actor: Actor | None, *, words: str) -> None:
    incident = locked.incident
    is_lower = bool(incident.grade) and grade.rank < Grade(incident.grade).rank
    incident.grade = grade.value
    if actor is not None:
        incident.graded_by_id = actor.membership_id
    event = IncidentEvent.GRADE if actor else IncidentEvent.SUGGESTION_DUE
    found = incident_moves.move(IncidentState(incident.state), event)
    # Whoever is with the person already has made the first contact: what is due next is the assessment.
    clock = IncidentClock.ASSESSMENT if LegState(locked.school.state) in _CONTACTED else found.clock
    incident.state = found.to.value
    incident.next_event = incident_moves.FIRES[clock].value
    incident.next_at = locked.moment + own_times.incident_clock(clock)
    incident.save(update_fields=["grade", "graded_by", "state", "next_event", "next_at"])
    drop_asks(locked.school, locked.moment, [ASKS_OF_INCIDENT[IncidentEvent.GRADE_DUE]])
    note(
        incident,
        "grade.lowered" if is_lower else "grade.written",
        by=actor,
        role="" if actor else "engine",
        facts={"grade": grade.value},
        words=words,
    )
    write_steps(incident, list(locked.legs.values()))
    follow = _lower if is_lower else _raise
    for kind, start in starts(answers_of(incident)).items():
        leg = locked.leg(kind)
        leg.grade = grade.value
        follow(locked, leg, start, actor)


def _raise(locked: Locked, leg: Leg, start: Start, actor: Actor | None) -> None:
    """What the first or a higher grade makes of a leg (``rules.opening.when_raised``)."""
    event = when_raised(LegState(leg.state), start)
    required = event is not LegEvent.LOWER_ENDS and (leg.is_required or start.is_required)
    if event is None:
        leg.save(update_fields=["grade"])
    else:
        again = from_the_beginning(leg) if event is not LegEvent.LOWER_ENDS else {}
        fire(locked, leg, event, who=(Who.CENTRE, Who.DUTY), by=actor, is_required=required, **again)
    wait_no_longer(leg, locked.moment)


def wait_no_longer(leg: Leg, moment: datetime) -> None:
    """Of a leg that is being called, whose grade has risen: the step that a slower grade waits for is waited for no longer than
    by this one.
    """
    soon = moment + STEP_WAIT[Grade(leg.grade)]
    if leg.state == LegState.PAGING and leg.next_event == LegEvent.STEP_DUE and leg.next_at and leg.next_at > soon:
        leg.next_at = soon
        leg.save(update_fields=["next_at"])


def from_the_beginning(leg: Leg) -> dict[str, Any]:
    """Where the steps of a leg begin that is called (again): at the first, whatever was called before it stood by or nobody
    answered. A contact who agreed to this grade and no lower one has not been called yet, and would be passed over.

    None of it for a leg that is being called or that somebody has. An exhausted one gets one more round, so that nobody is
    written twice for one round of one epoch; of the others the epoch is another since.
    """
    state = LegState(leg.state)
    if state not in (LegState.ARMED, LegState.NOT_REQUIRED, LegState.EXHAUSTED):
        return {}
    return {
        "round": leg.round + 1 if state is LegState.EXHAUSTED else 0,
        "position": leg.first_position - 1,
    }


def _lower(locked: Locked, leg: Leg, start: Start, actor: Actor | None) -> None:
    """What a lower grade leaves of a leg: the school and whoever has it go on, others wait or end."""
    state = LegState(leg.state)
    if state not in OPEN:
        leg.save(update_fields=["grade"])
        return
    stays = leg.kind == LegKind.SCHOOL or state in TAKEN or start.state in (LegState.PAGING, LegState.HELD)
    if stays:
        event = LegEvent.LOWER_KEEPS
    else:
        event = LegEvent.LOWER_ARMS if start.state is LegState.ARMED else LegEvent.LOWER_ENDS
    fire(locked, leg, event, who=Who.CENTRE, by=actor, is_required=start.is_required)


@transaction.atomic
def start_leg(*, actor: Actor, incident_id: UUID | str, kind: str, agreed_how: str = "") -> Leg:
    """Begin an armed leg by hand; ``agreed_how`` says how and when the person agreed. IllegalMove unless it is armed.

    Refused ``agreement_missing`` for the family below extreme: there the person's own yes is asked first.
    """
    require(actor, "incident.grade")
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    leg = locked.leg(kind)
    told = fold_prose(agreed_how).strip()
    if kind == LegKind.FAMILY and locked.incident.grade != Grade.EXTREME and not told:
        raise Refused("agreement_missing")
    fire(
        locked,
        leg,
        LegEvent.PERSON_AGREES if told else LegEvent.START,
        who=who_is(actor, locked, leg),
        by=actor,
        words=told,
        is_required=True,
        **from_the_beginning(leg),
    )
    record(actor=actor, action="incident.start_leg", obj=locked.incident, facts={"leg": kind, "agreed": bool(told)})
    return leg


@transaction.atomic
def call_again(*, actor: Actor, incident_id: UUID | str, kind: str, agreed_how: str = "") -> bool:
    """A leg that has ended is called anew while its incident goes on: the incident was opened again, or what was not needed is.

    By the centre. False: the first of two words, asked for where the danger may be at home or the leg was held when it ended.
    Refused ``agreement_missing`` for the family below extreme; IllegalMove for a leg that has not ended, or in a drill.
    """
    require(actor, "incident.close")
    locked = opened(actor, incident_id)
    incident, leg = locked.incident, locked.leg(kind)
    if incident.is_drill or LegState(leg.state) not in ENDED:
        raise IllegalMove(state=leg.state, event=LegEvent.REOPEN.value)
    told = fold_prose(agreed_how).strip()
    if kind == LegKind.FAMILY and incident.grade != Grade.EXTREME and not told:
        raise Refused("agreement_missing")
    if must_two_say(leg, incident) and not second_word(locked, "again", actor, leg=leg):
        record(actor=actor, action="incident.again_asked", obj=incident, facts={"leg": kind})
        return False
    write_steps(incident, [leg])
    leg.grade = incident.grade or incident.suggested
    fire(
        locked, leg, LegEvent.REOPEN, who=who_is(actor, locked, leg), by=actor, words=told, is_required=True,
        owner_id=None, taken_by_id=None, round=0, position=leg.first_position - 1, ticks=0,
    )  # fmt: skip
    record(actor=actor, action="incident.start_leg", obj=incident, facts={"leg": kind, "agreed": bool(told)})
    return True


def must_two_say(leg: Leg, incident: Incident) -> bool:
    """Whether a call could hurt: the danger may be at home, or somebody had stopped it when the leg ended."""
    start = starts(answers_of(incident)).get(LegKind(leg.kind))
    if start is not None and start.state is LegState.HELD:
        return True
    last = Timeline.objects.filter(leg=leg, code__in=_STOPPED | _GOES_ON).order_by("-at", "-pk").first()
    return last is not None and last.code in _STOPPED


@transaction.atomic
def refuse_leg(*, actor: Actor, incident_id: UUID | str, kind: str, reason: str) -> Leg:
    """The person said no to a leg that stands by: it ends, and somebody looks again within 24 hours how they are.

    By whoever has the school's leg. The look is a task of its own: neither the first contact nor the assessment is put off
    by a no. Invalid for a reason under 20 characters, IllegalMove unless the leg stands by.
    """
    words = reason_of(reason)
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    fire(
        locked, leg, LegEvent.PERSON_REFUSES, who=who_is(actor, locked, leg), by=actor, words=words, is_required=False
    )  # fmt: skip
    tasks.due(locked, TaskKind.WATCH, by=actor, leg=leg)
    record(actor=actor, action="incident.person_refuses", obj=locked.incident, facts={"leg": kind})
    return leg
