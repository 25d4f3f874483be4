"""A further report about somebody whose incident is open: all of it is kept, and the grade may rise (chain §1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.actor import Actor
from audit import record
from kernel.fold import fold_lines, fold_prose
from referrals.emergency.models import Company, Delivery, Home, Incident, Place, Timeline
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentClock, IncidentState
from referrals.emergency.rules.leg_states import OPEN, PAGED, LegEvent, LegState, Who
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.beginning import MORE_PEOPLE, first_clock, write_steps
from referrals.emergency.workflow.grading import call_community, raise_grade, wait_no_longer
from referrals.emergency.workflow.moving import Locked, end_words, fire, lock, note
from referrals.emergency.workflow.standing import is_left_out

REPORT_JOINED: Final = "emergency_report_joined"
ONE_CALL_EVERY: Final = timedelta(minutes=1)
"""However many reports come, whoever has it is called about them no oftener."""
_ENDS_OR_LOWERS: Final = ("close", "false_alarm", "lower_grade")
_CALLS_THE_FAMILY: Final = ("lift", "again")
"""What takes two people who know the same: a first word from before a graver report ends with it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the opening asks (chain §1). ``signs`` and ``place_words`` are sealed; moments are UTC. ``by_line``: somebody rang the
    school's line, and whoever is on duty writes it down.
    """

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
    by_line: bool = False
    is_drill: bool = False


def known_live(person_id: UUID) -> Incident | None:
    """The open incident of a person, as it is found before it is held."""
    return Incident.objects.filter(person_id=person_id, is_drill=False, state__in=sorted(incident_moves.LIVE)).first()


def held_live(person_id: UUID) -> Locked | None:
    """The same, held. None for one that ended while it was waited for: that takes no report."""
    known = known_live(person_id)
    locked = lock(known.pk) if known else None
    return locked if locked is not None and locked.incident.state in incident_moves.LIVE else None


def join(actor: Actor, locked: Locked, opening: Opening, *, grades: bool, number: str = "") -> Timeline:
    """A further report about the same person: all of it is kept, and the grade may rise (chain §1).

    ``number`` is that of an incident which is joined whole. Of somebody who grades, and may know of it, it rises at once,
    with all that a higher grade calls. A home that turns out to be a danger is not
    called any more, whoever says so: as at the opening, two people let it go on. A child or a frail person with them is kept,
    and calls the community by the word of whoever grades. Whoever has it is called to look at all that the opening acts on.
    """
    incident = locked.incident
    row = note(
        incident,
        "report.joined",
        by=actor,
        facts={
            "grade": opening.grade,
            "danger_now": opening.danger_now,
            "home": opening.home,
            "place": opening.place,
            "with": opening.company,
            **({"number": number} if number else {}),
            **({"by_line": True} if opening.by_line and grades else {}),
        },
        words="\n".join(filter(None, (fold_lines(opening.signs), fold_prose(opening.place_words)))),
    )
    is_home_news = opening.home == Home.DANGER and incident.home != Home.DANGER
    if is_home_news:
        _hold_family(locked, actor)
        end_words(locked, _CALLS_THE_FAMILY)
    is_company_news = opening.company in MORE_PEOPLE and incident.company not in MORE_PEOPLE
    if is_company_news:
        incident.company = opening.company
        incident.save(update_fields=["company"])
    says_more = (
        Grade(opening.grade).rank > Grade(incident.grade or incident.suggested).rank
        or (opening.danger_now and not incident.danger_now)
        or is_home_news
        or is_company_news
        or (opening.place in (Place.MISSING, Place.ELSEWHERE) and opening.place != incident.place)
        or _is_ill(opening, incident)
    )
    if says_more:
        end_words(locked, _ENDS_OR_LOWERS)
    if Grade(opening.grade).rank > Grade(incident.grade or incident.suggested).rank or opening.danger_now:
        rise(locked, Grade(opening.grade), opening.danger_now)
    record(actor=actor, action="incident.join", obj=incident, facts={"graded": grades})
    writes = grades and not is_left_out(incident, actor.membership_id)
    if not (writes and raise_grade(locked, Grade(opening.grade), actor)):
        if writes and is_company_news:
            call_community(locked, actor)
        if says_more:
            _tell_owner(locked)
    return row


def _is_ill(opening: Opening, incident: Incident) -> bool:
    """Whether the report says for the first time that they are ill, or that they cannot be asked."""
    if opening.kind != IncidentKind.MEDICAL:
        return False
    cannot = opening.can_be_asked is False and incident.can_be_asked is not False
    return incident.kind != IncidentKind.MEDICAL or cannot


def first_report(actor: Actor, incident: Incident, row: Timeline) -> UUID:
    """The reporter's first report of this incident; ``row`` is the one of now."""
    if incident.reported_by_id is not None and incident.reported_by_id == actor.membership_id:
        return incident.pk
    own = Timeline.objects.filter(incident=incident, code=row.code, by_id=actor.membership_id)
    return own.order_by("at", "pk").values_list("pk", flat=True)[0] if actor.membership_id else row.pk


def _hold_family(locked: Locked, actor: Actor) -> None:
    """Whatever its state: also whoever of the family has it already loses the meeting place, because it may be them."""
    incident, leg = locked.incident, locked.leg(LegKind.FAMILY)
    incident.home = Home.DANGER.value
    incident.save(update_fields=["home"])
    by_itself = leg.next_event == LegEvent.FALSE_ALARM_LAPSED  # would be called again when no second word comes
    if LegState(leg.state) in OPEN - {LegState.FROZEN, LegState.HELD} or by_itself:
        fire(locked, leg, LegEvent.HOLD, who=Who.DUTY, by=actor)


def _tell_owner(locked: Locked) -> None:
    """Somebody says that it is graver, and may not write that: whoever has it is called to look, once a minute at most.

    While nobody has it yet the school is being called anyway.
    """
    school = locked.school
    if locked.incident.state == IncidentState.REPORTED and LegState(school.state) in PAGED:
        return
    lately = Delivery.objects.filter(leg=school, text=REPORT_JOINED, due_at__gt=locked.moment - ONE_CALL_EVERY)
    if not lately.exists():
        ask(locked, REPORT_JOINED)


def rise(locked: Locked, grade: Grade, danger_now: bool) -> None:
    """The suggestion rises; an extreme one with danger now counts as graded unless somebody takes it in five minutes."""
    incident = locked.incident
    if grade.rank > Grade(incident.suggested).rank:
        incident.suggested = grade.value
    incident.danger_now = incident.danger_now or danger_now
    fields = ["suggested", "danger_now"]
    if incident.state == IncidentState.REPORTED and first_clock(incident, False) is IncidentClock.SUGGESTION:
        due = locked.moment + own_times.incident_clock(IncidentClock.SUGGESTION)
        if incident.next_at is None or due < incident.next_at:
            incident.next_event = incident_moves.FIRES[IncidentClock.SUGGESTION].value
            incident.next_at = due
            fields += ["next_event", "next_at"]
    incident.save(update_fields=fields)
    school = locked.school
    if incident.state == IncidentState.REPORTED and school.state == LegState.PAGING:
        school.grade = incident.pace_grade.value
        school.save(update_fields=["grade"])
        wait_no_longer(school, locked.moment)
    team = locked.leg(LegKind.TEAM)
    if (
        incident.state == IncidentState.REPORTED
        and incident.suggested == Grade.EXTREME
        and team.state == LegState.NOT_REQUIRED
    ):
        team.grade = incident.pace_grade.value
        write_steps(incident, list(locked.legs.values()))
        fire(locked, team, LegEvent.RAISE_GRADE, who=Who.DUTY, role="engine", is_required=True)
