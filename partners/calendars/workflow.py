"""The only writers of hours and closures: the institution's own office."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound
from kernel.fold import fold_prose
from partners.calendars.models import Closure, OpeningHours
from partners.calendars.opening import DAY_MINUTES, Hours
from partners.models import Institution
from partners.workflow.institutions import locked_institution

MANAGE: Final = "opening.manage"
MOST_A_DAY: Final = 4
"""Stretches of one weekday: a lunch break, and some."""
_LONGEST: Final = timedelta(days=366)
_REASON_MAX: Final = 60


@transaction.atomic
def save_hours(*, actor: Actor, week: Mapping[int, Sequence[tuple[int, int]]]) -> list[OpeningHours]:
    """The whole week anew: weekday (Monday = 0) → ``(opens, closes)`` in minutes after midnight; a missing day is closed.

    Needs ``opening.manage``. Invalid with one row a weekday: ``hours_order``, ``hours_overlap``, ``hours_too_many``; and
    ``hours_missing`` for a week without an open hour. Appointments that stand stay. The same week again writes nothing.
    """
    require(actor, MANAGE)
    institution = own_institution(actor)
    rows = checked_week(week, may_be_empty=False)
    before = [Hours(row.weekday, row.opens, row.closes) for row in _hours(institution)]
    if before == rows:
        return list(_hours(institution))
    OpeningHours.objects.filter(institution=institution).delete()
    saved = OpeningHours.objects.bulk_create(OpeningHours(institution=institution, **row._asdict()) for row in rows)
    changed = sorted({row.weekday for row in set(before) ^ set(rows)})
    record(actor=actor, action="opening.change", obj=institution, facts={"weekdays": changed})
    return saved


@transaction.atomic
def close(*, actor: Actor, starts_at: datetime, ends_at: datetime, reason: str = "") -> Closure:
    """The institution is closed in ``[starts_at, ends_at)``; ``reason`` is its own note. Appointments that stand stay.

    Needs ``opening.manage``. Invalid ``end_before_start``, ``in_the_past``, ``closure_too_long``, ``too_large``; Conflict
    ``closures_overlap``.
    """
    require(actor, MANAGE)
    institution = own_institution(actor)
    note = fold_prose(reason)
    check_closure(starts_at, ends_at, note)
    closure = Closure(institution=institution, during=DateTimeTZRange(starts_at, ends_at), reason=note)
    try:
        with transaction.atomic():
            closure.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("closures_overlap", fields=(("first_day", "closures_overlap", ""),)) from error
    record(actor=actor, action="closure.add", obj=closure, facts={"starts_at": starts_at, "ends_at": ends_at})
    return closure


@transaction.atomic
def reopen(*, actor: Actor, closure_id: UUID) -> None:
    """The week's hours hold again. Needs ``opening.manage``; NotFound for another institution's."""
    require(actor, MANAGE)
    institution = own_institution(actor)
    closure = Closure.objects.filter(pk=closure_id, institution=institution).first()
    if closure is None:
        raise NotFound
    facts = {"starts_at": closure.during.lower, "ends_at": closure.during.upper}
    record(actor=actor, action="closure.remove", obj=closure, facts=facts)
    closure.delete()


def checked_week(week: Mapping[int, Sequence[tuple[int, int]]], *, may_be_empty: bool) -> list[Hours]:
    """A week as rows, in order. Raises Invalid as ``save_hours`` does."""
    rows = sorted(Hours(weekday, opens, closes) for weekday, pairs in week.items() for opens, closes in pairs)
    faults = [(f"day_{weekday}", fault, "") for weekday, pairs in week.items() if (fault := _day_fault(weekday, pairs))]
    if not rows and not may_be_empty:
        faults.append(("day_0", "hours_missing", ""))
    if faults:
        raise Invalid("hours_invalid", fields=tuple(faults))
    return rows


def own_institution(actor: Actor) -> Institution:
    """The actor's own institution, locked as for every change of what stands below it."""
    if actor.institution_id is None:
        raise NotFound
    return locked_institution(actor.institution_id)


def _hours(institution: Institution) -> QuerySet[OpeningHours]:
    return OpeningHours.objects.filter(institution=institution).order_by("weekday", "opens", "closes")


def _day_fault(weekday: int, pairs: Sequence[tuple[int, int]]) -> str | None:
    if not 0 <= weekday <= 6 or any(not 0 <= opens < closes <= DAY_MINUTES for opens, closes in pairs):
        return "hours_order"
    if len(pairs) > MOST_A_DAY:
        return "hours_too_many"
    in_order = sorted(pairs)
    return "hours_overlap" if any(one[1] > other[0] for one, other in pairwise(in_order)) else None


def check_closure(starts_at: datetime, ends_at: datetime, reason: str) -> None:
    """Raises Invalid for a stretch that cannot be closed, as ``close`` says."""
    fault = _closure_fault(starts_at, ends_at, reason)
    if fault is not None:
        raise Invalid(fault[1], fields=(fault,))


def _closure_fault(starts_at: datetime, ends_at: datetime, reason: str) -> tuple[str, str, str] | None:
    if ends_at <= starts_at:
        return ("last_day", "end_before_start", "")
    if ends_at <= now():
        return ("last_day", "in_the_past", "")
    if ends_at - starts_at > _LONGEST:
        return ("last_day", "closure_too_long", "")
    if len(reason) > _REASON_MAX:
        return ("reason", "too_large", str(_REASON_MAX))
    return None
