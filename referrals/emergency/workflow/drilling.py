"""The only writers of drills: planned, read by who plays, begun, gone on with, ended; what goes wrong; what was learnt (14.10).

Who plays a party outside answers by the same buttons as everybody else (``answering``): they were called on its leg. That a
drill makes way, and its clocks, stand in ``in_drill``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import once
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_lines, fold_prose, fold_text
from referrals.emergency import resolving
from referrals.emergency.models import (
    Drill,
    DrillFault,
    DrillPlayer,
    Home,
    Incident,
    Place,
    Scenario,
    chain_moment,
)
from referrals.emergency.models.drills import MOST_TITLE, MOST_WORD, ONE_ON
from referrals.emergency.rules.drills import (
    ON,
    DrillEvent,
    DrillState,
    Fault,
    Inject,
    Part,
    drill_step,
    is_abort_word,
)
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import Who
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.in_drill import (
    go_on,
    held_drill,
    hold_off_the_real,
    move_incident,
    set_clock,
    stop,
    tell_all,
)
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.opening import write_incident

MOST_MESSAGES: Final = 20
LATEST_MINUTE: Final = 480
_ONE_ON: Final = {ONE_ON: lambda: Conflict("drill_on_already")}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a drill is planned with. ``planned_for`` is UTC; ``players`` are (colleague, part)."""

    title: str
    scenario: str
    planned_for: datetime
    briefing: str
    abort_word: str
    signs: str
    players: Collection[tuple[UUID, str]]
    kind: str = IncidentKind.PSYCHOLOGICAL.value
    suggested: str = Grade.EXTREME.value
    home: str = Home.SAFE.value
    place: str = Place.SCHOOL.value
    danger_now: bool = False
    messages: Sequence[Inject] = ()


@transaction.atomic
def plan_drill(*, actor: Actor, plan: Plan) -> Drill:
    """Plan one, led by the actor. Whoever plays is asked to read the briefing, in the house.

    Needs ``drill.lead``. Invalid for what is missing, too long, not in a list, for a colleague who is none, and for a time
    that has passed (``drill_past``).
    """
    require(actor, "drill.lead")
    assert actor.membership_id is not None
    drill = Drill(leader_id=actor.membership_id)
    _write(drill, plan)
    drill.save(force_insert=True)
    _set_players(drill, plan.players)
    record(actor=actor, action="drill.plan", obj=drill, facts={"scenario": drill.scenario})
    tell_all(drill, "drill_planned", once="0", apart_from=actor.membership_id)
    return drill


@transaction.atomic
def change_drill(*, actor: Actor, drill_id: UUID, plan: Plan) -> Drill:
    """Change one that has not begun; what players read is another briefing then, and all read it anew. By its leader.

    Errors as ``plan_drill``; NotFound; Conflict ``drill_begun``.
    """
    require(actor, "drill.lead")
    drill = led(actor, drill_id)
    if drill.state != DrillState.PLANNED:
        raise Conflict("drill_begun")
    before = (drill.briefing, drill.abort_word, drill.planned_for)
    _write(drill, plan)
    drill.save()
    is_other = before != (drill.briefing, drill.abort_word, drill.planned_for)
    read = {} if is_other else dict(drill.players.values_list("member_id", "briefed_at"))
    drill.players.all().delete()
    _set_players(drill, plan.players)
    for player in drill.players.all():
        if (at := read.get(player.member_id)) is not None:
            DrillPlayer.objects.filter(pk=player.pk).update(briefed_at=at)
    record(actor=actor, action="drill.change", obj=drill)
    tell_all(drill, "drill_planned", once=chain_moment().isoformat(), apart_from=actor.membership_id)
    return drill


@transaction.atomic
def take_lead(*, actor: Actor, drill_id: UUID) -> Drill:
    """Whoever leads is away: another one who may lead does from here on. Needs ``drill.lead``; Conflict ``drill_over``."""
    require(actor, "drill.lead")
    assert actor.membership_id is not None
    drill = _held(drill_id)
    if drill.state in (DrillState.ENDED, DrillState.ABORTED):
        raise Conflict("drill_over")
    drill.leader_id = actor.membership_id
    drill.save(update_fields=["leader"])
    record(actor=actor, action="drill.lead", obj=drill)
    return drill


@transaction.atomic
def confirm_briefing(*, actor: Actor, drill_id: UUID) -> Drill:
    """A player has read the briefing; twice is once. NotFound for whoever does not play; Conflict ``drill_begun``."""
    drill = _held(drill_id)
    own = DrillPlayer.objects.filter(drill=drill, member_id=actor.membership_id)
    if actor.membership_id is None or not own.exists():
        raise NotFound
    if drill.state != DrillState.PLANNED:
        raise Conflict("drill_begun")
    if own.filter(briefed_at=None).update(briefed_at=chain_moment()):
        record(actor=actor, action="drill.briefed", obj=drill)
    return drill


@transaction.atomic
def begin(*, actor: Actor, drill_id: UUID) -> Drill:
    """The chain calls from now on, in the house. By its leader, once everybody who plays has read the briefing.

    Refused ``chain_off`` while the chain is off, ``drill_real_open`` while something real is open, ``drill_not_briefed``;
    Conflict ``drill_on_already`` while another one runs; IllegalMove when it has begun or is over.
    """
    require(actor, "drill.lead")
    hold_off_the_real()
    drill = led(actor, drill_id)
    state = drill_step(drill.state, DrillEvent.BEGIN)
    resolving.must_be_live(is_drill=True)
    _nothing_real()
    if Drill.objects.filter(state__in=[on.value for on in ON]).exists():
        raise Conflict("drill_on_already")
    if drill.players.filter(briefed_at=None).exists():
        raise Refused("drill_not_briefed")
    moment = chain_moment()
    opening = Opening(
        kind=drill.kind,
        grade=drill.suggested,
        found_at=moment,
        signs=drill.signs,
        danger_now=drill.danger_now,
        home=drill.home,
        place=drill.place,
        is_drill=True,
    )
    # As a head's report comes: the grade is a suggestion, and whoever plays writes it.
    incident = write_incident(actor, opening, moment, grades=False)
    drill.incident, drill.state, drill.begun_at = incident, state.value, moment
    set_clock(drill)
    with once(_ONE_ON):
        drill.save(update_fields=["incident", "state", "begun_at", "next_event", "next_at"])
    note(incident, "drill.begun", by=actor)
    record(actor=actor, action="drill.begin", obj=drill)
    tell_all(drill, "drill_begun")
    return drill


@transaction.atomic
def call_off(*, actor: Actor, drill_id: UUID) -> Drill:
    """One that has not begun does not take place. By its leader; IllegalMove once it has begun."""
    require(actor, "drill.lead")
    drill = led(actor, drill_id)
    drill.state = drill_step(drill.state, DrillEvent.CALL_OFF).value
    drill.ended_at = chain_moment()
    drill.save(update_fields=["state", "ended_at"])
    record(actor=actor, action="drill.call_off", obj=drill)
    tell_all(drill, "drill_over")
    return drill


@transaction.atomic
def abort(*, actor: Actor, drill_id: UUID, word: str = "") -> Drill:
    """It stops at once: by its leader, or by anybody who plays and says the word.

    NotFound for who neither leads nor plays; Invalid ``drill_word_wrong``; IllegalMove when it is over.
    """
    drill, locked = _on(drill_id)
    if not _leads(actor, drill):
        if not _plays(actor, drill):
            raise NotFound
        if not is_abort_word(fold_text(word), drill.abort_word):
            raise Invalid("drill_word_wrong", fields=(("word", "drill_word_wrong", ""),))
    stop(locked, drill, DrillEvent.ABORT, who=Who.LEADER)
    record(actor=actor, action="drill.abort", obj=drill)
    return drill


@transaction.atomic
def end(*, actor: Actor, drill_id: UUID) -> Drill:
    """It has been played. By its leader; IllegalMove unless it runs."""
    require(actor, "drill.lead")
    drill, locked = _on(drill_id)
    _must_lead(actor, drill)
    stop(locked, drill, DrillEvent.END, who=Who.LEADER)
    record(actor=actor, action="drill.end", obj=drill)
    return drill


@transaction.atomic
def resume(*, actor: Actor, drill_id: UUID) -> Drill:
    """What was real is over: every leg that was being called, or was somebody's, calls its people again from the first; what
    stood by or was held does so again. By its leader.

    Refused ``drill_real_open`` while something real is open; IllegalMove unless it is frozen.
    """
    require(actor, "drill.lead")
    hold_off_the_real()
    drill, locked = _on(drill_id)
    _must_lead(actor, drill)
    drill.state = drill_step(drill.state, DrillEvent.RESUME).value
    _nothing_real()
    assert drill.frozen_at is not None
    drill.stopped_seconds += int((locked.moment - drill.frozen_at).total_seconds())
    drill.frozen_at = None
    set_clock(drill)
    drill.save(update_fields=["state", "frozen_at", "stopped_seconds", "next_event", "next_at"])
    incident = locked.incident
    go_on(locked, actor)
    if incident.state == IncidentState.FROZEN:
        move_incident(locked, IncidentEvent.RESUME if incident.grade else IncidentEvent.RESUME_UNGRADED)
    note(incident, "drill.resumed", by=actor)
    record(actor=actor, action="drill.resume", obj=drill)
    tell_all(drill, "drill_resumed", once=locked.moment.isoformat())
    return drill


@transaction.atomic
def set_fault(*, actor: Actor, drill_id: UUID, leg: str, position: int, fault: str) -> Drill:
    """What goes wrong with a step from the next time that it is taken; empty: nothing any more. By its leader.

    Invalid for a leg, step or fault that is none; Conflict ``drill_over``.
    """
    require(actor, "drill.lead")
    drill = led(actor, drill_id)
    if drill.state in (DrillState.ENDED, DrillState.ABORTED):
        raise Conflict("drill_over")
    for field, value, known in (("leg", leg, set(LegKind)), ("fault", fault or Fault.NO_ANSWER, set(Fault))):
        if value not in known:
            raise invalid(field, "not_in_list")
    if not 0 <= position < 100:
        raise invalid("position", "not_in_list")
    rows = DrillFault.objects.filter(drill=drill, leg=leg, position=position)
    rows.delete()
    if fault:
        DrillFault.objects.create(drill=drill, leg=leg, position=position, fault=fault)
    record(actor=actor, action="drill.fault", obj=drill, facts={"leg": leg, "fault": fault})
    return drill


def _write(drill: Drill, plan: Plan) -> None:
    lists: tuple[tuple[str, str, Collection[str]], ...] = (
        ("scenario", plan.scenario, Scenario.values),
        ("kind", plan.kind, set(IncidentKind)),
        ("suggested", plan.suggested, set(Grade)),
        ("home", plan.home, Home.values),
        ("place", plan.place, Place.values),
    )
    for field, value, known in lists:
        if value not in known:
            raise invalid(field, "not_in_list")
    texts = {
        "title": (" ".join(fold_prose(plan.title).split()), MOST_TITLE),
        "abort_word": (fold_text(plan.abort_word).strip(), MOST_WORD),
        "briefing": (fold_lines(plan.briefing), 2_000),
        "signs": (fold_lines(plan.signs), 2_000),
    }
    for field, (told, most) in texts.items():
        must_be_words(field, told, most)
        setattr(drill, field, told)
    if plan.planned_for <= chain_moment():
        raise invalid("planned_for", "drill_past")
    rows = sorted((row for row in plan.messages if fold_prose(row.text).strip()), key=lambda row: row.minute)
    if len(rows) > MOST_MESSAGES or any(not 0 <= row.minute <= LATEST_MINUTE or len(row.text) > 500 for row in rows):
        raise invalid("messages", "drill_messages_unreadable")
    drill.injects = [Inject(row.minute, fold_prose(row.text).strip()).to_json() for row in rows]
    drill.scenario, drill.planned_for = plan.scenario, plan.planned_for
    drill.kind, drill.suggested, drill.home, drill.place = plan.kind, plan.suggested, plan.home, plan.place
    drill.danger_now = plan.danger_now


def _set_players(drill: Drill, players: Collection[tuple[UUID, str]]) -> None:
    if not players:
        raise invalid("players", "drill_nobody_plays")
    parts = [part for _member, part in players if part != Part.SELF]
    if any(part not in set(Part) for _member, part in players) or len(parts) != len(set(parts)):
        raise invalid("players", "not_in_list")
    must_be_colleagues([member for member, _part in players], "players")
    DrillPlayer.objects.bulk_create(
        [DrillPlayer(drill=drill, member_id=member, part=part) for member, part in sorted(set(players), key=str)]
    )


def must_be_colleagues(members: Collection[UUID], field: str) -> None:
    """Invalid ``holder_unknown`` unless each of them belongs to the school today."""
    day = open_school().day_of(chain_moment())
    known = set(Membership.objects.current(day).accepted().filter(pk__in=members).values_list("pk", flat=True))
    if set(members) - known:
        raise invalid(field, "holder_unknown")


def _nothing_real() -> None:
    if Incident.objects.filter(is_drill=False, closed_at=None).exists():
        raise Refused("drill_real_open")


def _held(drill_id: UUID) -> Drill:
    drill = Drill.objects.select_for_update(no_key=True).filter(pk=drill_id).first()
    if drill is None:
        raise NotFound
    return drill


def led(actor: Actor, drill_id: UUID) -> Drill:
    """The drill, held, for its leader. NotFound; Forbidden for everybody else."""
    drill = _held(drill_id)
    _must_lead(actor, drill)
    return drill


def _on(drill_id: UUID) -> tuple[Drill, Locked]:
    """One that has begun, held with its incident. NotFound; Conflict ``drill_not_begun``."""
    known = Drill.objects.filter(pk=drill_id).only("incident").first()
    if known is None:
        raise NotFound
    if known.incident_id is None:
        raise Conflict("drill_not_begun")
    locked = lock(known.incident_id)
    return held_drill(locked), locked


def _leads(actor: Actor, drill: Drill) -> bool:
    return actor.may("drill.lead") and actor.membership_id == drill.leader_id


def _must_lead(actor: Actor, drill: Drill) -> None:
    """Forbidden for whoever may lead no drill, and for who does not lead this one."""
    require(actor, "drill.lead")
    if not _leads(actor, drill):
        raise Forbidden(permission="drill.lead")


def _plays(actor: Actor, drill: Drill) -> bool:
    return actor.membership_id is not None and drill.players.filter(member_id=actor.membership_id).exists()


def must_be_words(field: str, told: str, most: int) -> None:
    """Invalid at ``field`` for nothing, for more than ``most`` characters."""
    if not told or len(told) > most:
        raise invalid(field, "words_missing" if not told else "words_too_long")


def invalid(field: str, code: str) -> Invalid:
    """``code`` at one field."""
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
