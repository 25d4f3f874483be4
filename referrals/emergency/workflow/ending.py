"""Ends an incident: closed by the centre, a false alarm by two people, reopened within thirty days (chain §3, §9)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, Refused
from referrals.emergency.models import FirstWord, Incident, Leg, Outcome
from referrals.emergency.resolving import must_be_live
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.incident_moves import REOPENED_WITHIN, IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import OPEN, TAKEN, LegEvent, LegState
from referrals.emergency.rules.sending import ASKS_OF_INCIDENT
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow import agreeing, companions, following_up, own_times, progress, tasks
from referrals.emergency.workflow.in_drill import make_way
from referrals.emergency.workflow.moving import Locked, drop_asks, fire, lock, note, second_word
from referrals.emergency.workflow.standing import must_know, who_is

FOR_GOOD: Final = frozenset({Outcome.DIED, Outcome.MERGED})
"""Outcomes that end a leg which nobody has; two people say so."""

CHOSEN: Final = frozenset(Outcome.values) - {Outcome.UNFOUNDED}

_ASKED_FOR_A_LOOK: Final = (
    ASKS_OF_INCIDENT[IncidentEvent.ASSESSMENT_DUE],
    ASKS_OF_INCIDENT[IncidentEvent.WATCH_DUE],
)


@transaction.atomic
def close(*, actor: Actor, incident_id: UUID | str, outcome: str) -> bool:
    """The centre closes. False: it takes a second person, and the first word is kept.

    Every leg that is still open must be in somebody's hands: IllegalMove (``legs_open``) otherwise, unless the outcome
    is one after which nobody needs calling, which always takes two people.
    """
    require(actor, "incident.close")
    if outcome not in CHOSEN:
        raise Invalid("not_in_list", fields=(("outcome", "not_in_list", "not in list"),))
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    incident_moves.move(IncidentState(incident.state), IncidentEvent.CLOSE)
    for_good = outcome in FOR_GOOD
    waiting = [leg.kind for leg in locked.legs.values() if leg.state in OPEN and leg.state not in TAKEN]
    if waiting and not for_good:
        raise Conflict("legs_open", legs=", ".join(waiting))
    if (for_good or incident.grade == Grade.EXTREME) and not second_word(
        locked, "close", actor, facts={"outcome": outcome}
    ):
        record(actor=actor, action="incident.close_asked", obj=incident, facts={"outcome": outcome})
        return False
    event = LegEvent.CLOSE_FOR_GOOD if for_good else LegEvent.CLOSE
    for leg in _open_legs(locked):
        fire(locked, leg, event, who=who_is(actor, locked, leg), by=actor)
    end(locked, IncidentEvent.MERGE if outcome == Outcome.MERGED else IncidentEvent.CLOSE, outcome)
    _owe(locked, actor)
    note(incident, "closed", by=actor, facts={"outcome": outcome})
    record(actor=actor, action="incident.close", obj=incident, facts={"outcome": outcome})
    return True


@transaction.atomic
def say_false_alarm(*, actor: Actor, incident_id: UUID | str) -> bool:
    """Two people say that nothing was there. After the first word family and society are called no further; without a
    second within ten minutes they are again. The school stays with it. False: the first word.
    """
    require(actor, "incident.false_alarm")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    incident_moves.move(IncidentState(incident.state), IncidentEvent.FALSE_ALARM)
    if not second_word(locked, "false_alarm", actor):
        for leg in _open_legs(locked):
            if leg.kind not in (LegKind.SCHOOL, LegKind.TEAM):
                fire(locked, leg, LegEvent.FALSE_ALARM_SAID, who=who_is(actor, locked, leg), by=actor)
        record(actor=actor, action="incident.false_alarm_asked", obj=incident)
        return False
    for leg in _open_legs(locked):
        fire(locked, leg, LegEvent.FALSE_ALARM_CONFIRMED, who=who_is(actor, locked, leg), by=actor)
    end(locked, IncidentEvent.FALSE_ALARM, Outcome.UNFOUNDED)
    _owe(locked, actor)
    note(incident, "false_alarm", by=actor)
    record(actor=actor, action="incident.false_alarm", obj=incident)
    return True


@transaction.atomic
def reopen(*, actor: Actor, incident_id: UUID | str) -> Incident:
    """The centre opens it again within thirty days; its school's leg is called at once. Conflict ``too_long_ago`` later,
    ``incident_open`` while another one of this person lives; Refused ``drill_not_again`` for a drill: a new one is planned,
    ``chain_off`` while the school's chain is not live: nothing real is called then.
    """
    require(actor, "incident.close")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    if incident.is_drill:
        raise Refused("drill_not_again")
    must_be_live(False)
    found = incident_moves.move(IncidentState(incident.state), IncidentEvent.REOPEN)
    if incident.closed_at is None or locked.moment - incident.closed_at > REOPENED_WITHIN:
        raise Conflict("too_long_ago")
    make_way(incident)
    if incident.person_id:
        live = Incident.objects.filter(
            person_id=incident.person_id, is_drill=False, state__in=sorted(incident_moves.LIVE)
        )
        if live.exclude(pk=incident.pk).exists():
            raise Conflict("incident_open")
    incident.state, incident.outcome, incident.closed_at = found.to.value, "", None
    incident.grade = incident.grade or incident.suggested
    _clock(incident, found.clock, locked.moment)
    incident.save(update_fields=["state", "outcome", "closed_at", "grade", "next_event", "next_at"])
    school = locked.school
    fire(
        locked, school, LegEvent.REOPEN, who=who_is(actor, locked, school), by=actor,
        owner_id=None, taken_by_id=None, round=0, position=-1, ticks=0,
    )  # fmt: skip
    following_up.reopened(locked, actor)
    progress.end_progress(incident, locked.moment)
    record(actor=actor, action="incident.reopen", obj=incident)
    return incident


@transaction.atomic
def assess(*, actor: Actor, incident_id: UUID | str) -> Incident:
    """The assessment is done, or the day's look at who is watched over: the next clock is 24 hours."""
    require(actor, "incident.grade")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    event = IncidentEvent.WATCHED if incident.state == IncidentState.WATCH else IncidentEvent.ASSESSED
    found = incident_moves.move(IncidentState(incident.state), event)
    incident.state = found.to.value
    _clock(incident, found.clock, locked.moment)
    incident.save(update_fields=["state", "next_event", "next_at"])
    drop_asks(locked.school, locked.moment, _ASKED_FOR_A_LOOK)
    note(incident, str(event), by=actor)
    record(actor=actor, action="incident.assess", obj=incident)
    return incident


def _owe(locked: Locked, actor: Actor) -> None:
    """What is due after the end: the review of the case; the person is told who was told what, talks go on weekly, and the
    agreed plan where there is none. After a death those who were close to it are cared for instead (chain §3).
    """
    incident = locked.incident
    if incident.is_drill or incident.outcome == Outcome.MERGED:
        return
    if incident.outcome != Outcome.UNFOUNDED:
        tasks.due(locked, TaskKind.REVIEW, by=actor)
    if incident.outcome == Outcome.DIED:
        tasks.due(locked, TaskKind.COLLEAGUES, by=actor)
        following_up.died(locked, actor)
    if incident.person_id is None or incident.outcome in FOR_GOOD:
        return
    tasks.due(locked, TaskKind.TELL, by=actor)
    if agreeing.may_have_plan(incident) and agreeing.newest(incident) is None:
        tasks.due(locked, TaskKind.PLAN, by=actor)
    if incident.outcome != Outcome.UNFOUNDED:
        following_up.begin(locked, actor)


def _open_legs(locked: Locked) -> list[Leg]:
    return [leg for leg in locked.legs.values() if LegState(leg.state) in OPEN]


def end(locked: Locked, event: IncidentEvent, outcome: str) -> None:
    """It ends by ``event``; no first word waits any more. Its legs are the caller's. IllegalMove when it cannot end so."""
    incident = locked.incident
    found = incident_moves.move(IncidentState(incident.state), event, is_drill=incident.is_drill)
    incident.state, incident.outcome, incident.closed_at = found.to.value, outcome, locked.moment
    incident.next_event, incident.next_at = "", None
    incident.save(update_fields=["state", "outcome", "closed_at", "next_event", "next_at"])
    FirstWord.objects.filter(incident=incident, ended_at=None).update(ended_at=locked.moment)
    companions.end_all(locked)


def _clock(incident: Incident, clock: incident_moves.IncidentClock, moment: datetime) -> None:
    incident.next_event = incident_moves.FIRES[clock].value
    incident.next_at = moment + own_times.incident_clock(clock)
