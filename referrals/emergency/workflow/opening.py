"""Opens an incident: a head's report that waits for its grade, or one that duty or centre grades at once (chain §1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import local_day
from kernel.errors import Invalid, NotFound, Refused
from kernel.fold import fold_prose
from kernel.identifiers import uuid7
from people.selectors import people_seen_by
from referrals.emergency import resolving
from referrals.emergency.models import Company, Delivery, Home, Incident, Place, Timeline
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.incident_moves import IncidentClock, IncidentState
from referrals.emergency.rules.leg_states import PAGED, LegEvent, LegState, Who
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.beginning import first_clock, write_legs, write_steps
from referrals.emergency.workflow.grading import raise_grade
from referrals.emergency.workflow.moving import Locked, chain_now, fire, lock, note
from referrals.emergency.workflow.standing import is_left_out
from tenancy.models import Tenant
from tenancy.numbers import draw_number
from tenancy.scope import current_tenant_id
from vault import own_key

MOST_SIGNS: Final = 2_000
MOST_PLACE_WORDS: Final = 500
OLDEST_FIND: Final = timedelta(days=30)
REPORT_JOINED: Final = "emergency_report_joined"
ONE_CALL_EVERY: Final = timedelta(minutes=1)
"""However many reports come, whoever has it is called about them no oftener."""


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
    """``is_new`` False: one was open for this person, and this report was joined to it.

    ``report_id`` is the reporter's own report and tells nothing of others: the incident where they opened it, else the row
    of their first one that was joined; ``is_first`` says whether that is this one. Whoever may not know of the incident is
    answered by these two alone, so that a report tells nobody whether there were others.
    """

    incident: Incident
    is_new: bool
    report_id: UUID
    is_first: bool


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
    _check(actor, opening, moment, grades)
    resolving.must_be_live(opening.is_drill)
    if opening.person_id is not None and not opening.is_drill:
        locked = _held_live(opening.person_id)
        if locked is not None:
            return _join(actor, locked, opening, grades)
    incident = _write(actor, opening, moment, grades)
    write_legs(incident, moment)
    note(incident, "opened", by=actor, facts={"kind": opening.kind, "grade": opening.grade, "graded": grades})
    record(actor=actor, action="incident.open", obj=incident, facts={"drill": opening.is_drill, "graded": grades})
    return Opened(incident, is_new=True, report_id=incident.pk, is_first=True)


def _write(actor: Actor, opening: Opening, moment: datetime, grades: bool) -> Incident:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    year = local_day(moment, tenant.time_zone).year
    incident = Incident(
        pk=uuid7(),
        number=_number(year),
        person_id=opening.person_id,
        kind=opening.kind,
        suggested=opening.grade,
        grade=opening.grade if grades else "",
        state=(IncidentState.OPEN if grades else IncidentState.REPORTED).value,
        home=opening.home,
        place=opening.place,
        company=opening.company,
        can_be_asked=opening.can_be_asked if opening.kind == IncidentKind.MEDICAL else None,
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
    incident.write_words("signs", fold_prose(opening.signs))
    incident.write_words("place", fold_prose(opening.place_words))
    incident.save(force_insert=True)
    return incident


def _number(year: int) -> str:
    """Drawn: whoever may not know of an incident must not find it by the gap between two that they know of."""
    drawn = draw_number(lambda number: Incident.objects.filter(number=f"{year}-{number}").exists())
    return f"{year}-{drawn}"


def known_live(person_id: UUID) -> Incident | None:
    """The open incident of a person, as it is found before it is held."""
    return Incident.objects.filter(person_id=person_id, is_drill=False, state__in=sorted(incident_moves.LIVE)).first()


def _held_live(person_id: UUID) -> Locked | None:
    """The same, held. None for one that ended while it was waited for: that takes no report."""
    known = known_live(person_id)
    locked = lock(known.pk) if known else None
    return locked if locked is not None and locked.incident.state in incident_moves.LIVE else None


def _join(actor: Actor, locked: Locked, opening: Opening, grades: bool) -> Opened:
    """A further report about the same person: all of it is kept, and the grade may rise (chain §1).

    Of somebody who grades, and may know of it, it rises at once, with all that a higher grade calls. A home that turns out to be a danger is not
    called any more, whoever says so: as at the opening, two people let it go on.
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
        },
        words="\n".join(filter(None, (fold_prose(opening.signs), fold_prose(opening.place_words)))),
    )
    is_home_news = opening.home == Home.DANGER and incident.home != Home.DANGER
    if is_home_news:
        _hold_family(locked, actor)
    says_more = (
        Grade(opening.grade).rank > Grade(incident.grade or incident.suggested).rank
        or (opening.danger_now and not incident.danger_now)
        or is_home_news
    )
    if Grade(opening.grade).rank > Grade(incident.grade or incident.suggested).rank or opening.danger_now:
        _rise(locked, Grade(opening.grade), opening.danger_now)
    record(actor=actor, action="incident.join", obj=incident, facts={"graded": grades})
    writes = grades and not is_left_out(incident, actor.membership_id)
    if not (writes and raise_grade(locked, Grade(opening.grade), actor)) and says_more:
        _tell_owner(locked)
    first = _first_report(actor, incident, row)
    return Opened(incident, is_new=False, report_id=first, is_first=first == row.pk)


def _first_report(actor: Actor, incident: Incident, row: Timeline) -> UUID:
    """The reporter's first report of this incident; ``row`` is the one of now."""
    if incident.reported_by_id is not None and incident.reported_by_id == actor.membership_id:
        return incident.pk
    own = Timeline.objects.filter(incident=incident, code=row.code, by_id=actor.membership_id)
    return own.order_by("at", "pk").values_list("pk", flat=True)[0] if actor.membership_id else row.pk


def _hold_family(locked: Locked, actor: Actor) -> None:
    incident, leg = locked.incident, locked.leg(LegKind.FAMILY)
    incident.home = Home.DANGER.value
    incident.save(update_fields=["home"])
    if leg.state in (LegState.ARMED, *PAGED):
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
    team = locked.leg(LegKind.TEAM)
    if (
        incident.state == IncidentState.REPORTED
        and incident.suggested == Grade.EXTREME
        and team.state == LegState.NOT_REQUIRED
    ):
        team.grade = incident.pace_grade.value
        write_steps(incident, list(locked.legs.values()))
        fire(locked, team, LegEvent.RAISE_GRADE, who=Who.DUTY, role="engine", is_required=True)


def _check(actor: Actor, opening: Opening, moment: datetime, grades: bool) -> None:
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
    signs = fold_prose(opening.signs).strip()
    if not signs or len(signs) > MOST_SIGNS or "\0" in opening.signs:
        raise _invalid("signs", "signs_missing" if not signs else "signs_too_long")
    if len(fold_prose(opening.place_words)) > MOST_PLACE_WORDS or "\0" in opening.place_words:
        raise _invalid("place_words", "words_too_long")
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
    if not grades and not people_seen_by(actor, "").filter(pk=opening.person_id).exists():
        raise NotFound  # a head names whom they may find; anybody else goes as "not known", and duty writes who it is


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
