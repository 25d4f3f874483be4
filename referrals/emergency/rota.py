"""Who is on duty, and who holds a seat, read from the rows: never kept, never guessed (chain §2).

Everything that asks who is on duty asks here: the pages, the check of plans, readiness, and whoever is to be called.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from kernel.clock import end_of_day, start_of_day
from referrals.emergency.models import DutyAway, DutyShift, Seat
from referrals.emergency.rules.away import Away
from referrals.emergency.rules.on_duty import LONGEST, REST, Shift, on_duty
from tenancy.models import Tenant


def shift_of(row: DutyShift, zone: str) -> Shift | None:
    """What counts of a row: only while its colleague belongs to the school, and its line answers. None: nothing.

    ``row.holder`` and ``row.line`` are read.
    """
    who = row.holder_id or row.line_id
    assert who is not None  # a shift has one of both, by the database
    shift = Shift(row.layer, who, row.starts_at, row.ends_at, row.holder_id is not None, row.pk)
    if row.line is not None:
        return shift.within(None, row.line.ended_at)
    assert row.holder is not None
    since, until = row.holder.active_from, row.holder.left_on
    return shift.within(
        start_of_day(since, zone) if since else None,
        end_of_day(until, zone) if until else None,
    )


def shifts_of(rows: Iterable[DutyShift], zone: str) -> list[Shift]:
    """What counts of rows, in their order."""
    return [shift for row in rows if (shift := shift_of(row, zone)) is not None]


def rows_between(since: datetime, until: datetime) -> QuerySet[DutyShift]:
    """Rows that touch ``[since, until)``, with holder and line, in order; the open school's, by an index."""
    rows = DutyShift.objects.filter(ends_at__gt=since, starts_at__lt=until).order_by("starts_at", "layer", "pk")
    return rows.prefetch_related("holder", "line")


def shifts_between(school: Tenant, since: datetime, until: datetime) -> list[Shift]:
    """What counts of the school's shifts that touch ``[since, until)``."""
    return shifts_of(rows_between(since, until), school.time_zone)


def duty_at(school: Tenant, moment: datetime) -> Mapping[int, Shift]:
    """Layer → who is on duty at ``moment`` of the chain's clock."""
    return on_duty(shifts_between(school, moment, moment + timedelta(microseconds=1)), moment)


def shifts_around(school: Tenant, starts_at: datetime, ends_at: datetime) -> list[Shift]:
    """What counts near ``[starts_at, ends_at)``: as far as it can matter to the rest of whoever is on duty then."""
    near = LONGEST + REST
    return shifts_between(school, starts_at - near, ends_at + near)


def away_of(row: DutyAway, zone: str) -> Away:
    """The row's days as moments: from the first's midnight to the last's."""
    return Away(row.member_id, start_of_day(row.first_day, zone), end_of_day(row.last_day, zone), row.pk)


def away_between(school: Tenant, starts_at: datetime, ends_at: datetime) -> frozenset[UUID]:
    """Colleagues who have said that they are away on some day of the school that ``[starts_at, ends_at)`` touches."""
    first, last = school.day_of(starts_at), school.day_of(ends_at - timedelta(microseconds=1))
    rows = DutyAway.objects.filter(first_day__lte=last, last_day__gte=first)
    return frozenset(rows.values_list("member_id", flat=True))


def seats_on(day: date) -> QuerySet[Seat]:
    """The seats that are held on ``day`` of the school, with who holds them and who stands in."""
    held = Seat.objects.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)
    return held.prefetch_related("holder", "holder_line", "deputy", "deputy_line")
