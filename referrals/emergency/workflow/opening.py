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
from kernel.fold import fold_lines, fold_prose
from kernel.identifiers import uuid7
from people.selectors import people_seen_by
from referrals.emergency import resolving
from referrals.emergency.models import Company, Home, Incident, Place
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.incident_moves import IncidentState
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.beginning import first_clock, write_legs
from referrals.emergency.workflow.joining import Opening, first_report, held_live, join
from referrals.emergency.workflow.moving import chain_now, note
from referrals.emergency.workflow.numbering import new_number
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault import own_key

MOST_SIGNS: Final = 2_000
MOST_PLACE_WORDS: Final = 500
OLDEST_FIND: Final = timedelta(days=30)
REPORT_JOINED: Final = "emergency_report_joined"
ONE_CALL_EVERY: Final = timedelta(minutes=1)
"""However many reports come, whoever has it is called about them no oftener."""


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
        locked = held_live(opening.person_id)
        if locked is not None:
            row = join(actor, locked, opening, grades=grades)
            first = first_report(actor, locked.incident, row)
            return Opened(locked.incident, is_new=False, report_id=first, is_first=first == row.pk)
    incident = write_incident(actor, opening, moment, grades=grades)
    return Opened(incident, is_new=True, report_id=incident.pk, is_first=True)


def write_incident(actor: Actor, opening: Opening, moment: datetime, *, grades: bool) -> Incident:
    """The rows of one that was checked and may open, in the caller's transaction; ``moment`` is the chain's."""
    incident = _write(actor, opening, moment, grades)
    write_legs(incident, moment)
    facts = {"kind": opening.kind, "grade": opening.grade, "graded": grades}
    note(incident, "opened", by=actor, facts=facts | ({"by_line": True} if incident.by_line else {}))
    record(actor=actor, action="incident.open", obj=incident, facts={"drill": opening.is_drill, "graded": grades})
    return incident


def _write(actor: Actor, opening: Opening, moment: datetime, grades: bool) -> Incident:
    incident = Incident(
        pk=uuid7(),
        number=new_number(moment),
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
        by_line=opening.by_line and grades,
        found_at=opening.found_at,
        opened_at=moment,
        reported_by_id=actor.membership_id,
        graded_by_id=actor.membership_id if grades else None,
        is_drill=opening.is_drill,
    )
    clock = first_clock(incident, grades)
    incident.next_event = incident_moves.FIRES[clock].value
    incident.next_at = moment + own_times.incident_clock(clock)
    incident.own_key = own_key.new_key(cast(UUID, incident.tenant_id), Incident._meta.db_table, incident.pk)
    incident.write_words("signs", fold_lines(opening.signs))
    incident.write_words("place", fold_prose(opening.place_words))
    incident.save(force_insert=True)
    return incident


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
    signs = fold_lines(opening.signs)
    if not signs or len(signs) > MOST_SIGNS or "\0" in opening.signs:
        raise _invalid("signs", "signs_missing" if not signs else "signs_too_long")
    if len(fold_prose(opening.place_words)) > MOST_PLACE_WORDS or "\0" in opening.place_words:
        raise _invalid("place_words", "words_too_long")
    if opening.found_at.tzinfo is None:
        raise _invalid("found_at", "time_without_offset")
    if not is_found_lately(opening.found_at, moment):
        raise _invalid("found_at", "time_ahead" if opening.found_at > moment else "time_long_ago")
    if opening.person_id is not None:
        must_be_nameable(actor, opening.person_id, moment, grades=grades)


def must_be_nameable(actor: Actor, person_id: UUID, moment: datetime, *, grades: bool) -> None:
    """Refused ``own_incident`` for oneself, NotFound for whoever does not work here today, and whom a head does not find."""
    if person_id == actor.membership_id:
        raise Refused("own_incident")
    day = local_day(moment, Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone)
    if not Membership.objects.current(day).filter(pk=person_id).exists():
        raise NotFound
    if not grades and not people_seen_by(actor, "").filter(pk=person_id).exists():
        raise NotFound  # a head names whom they may find; anybody else goes as "not known", and duty writes who it is


def is_found_lately(found_at: datetime, moment: datetime) -> bool:
    """Whether a find may be written at ``moment``: not ahead of it, but for a clock that goes five minutes wrong, nor long ago."""
    return moment - OLDEST_FIND <= found_at <= moment + timedelta(minutes=5)


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
