"""The only writers of a school's calendar."""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid, NotFound
from workdays.models import CalendarChange
from workdays.selectors import forget

MANAGE: Final = "workday.manage"
MOST_DAYS: Final = 92
"""Days of one entry: a summer without school."""
_YEARS_AHEAD: Final = 2


@transaction.atomic
def add_change(*, actor: Actor, first_day: date, last_day: date, is_workday: bool) -> CalendarChange:
    """The school works, or rests, on the days ``[first_day, last_day]``. Clocks that start from now on count them so.

    Needs ``workday.manage``. Invalid ``days_reversed``, ``days_too_many``, ``days_too_far``; Conflict ``days_overlap``.
    """
    require(actor, MANAGE)
    year = local_day(now()).year
    if last_day < first_day:
        raise Invalid("days_reversed", fields=(("last_day", "days_reversed", ""),))
    if (last_day - first_day).days >= MOST_DAYS:
        raise Invalid("days_too_many", fields=(("last_day", "days_too_many", str(MOST_DAYS)),))
    if first_day.year < year or last_day.year > year + _YEARS_AHEAD:
        raise Invalid("days_too_far", fields=(("first_day", "days_too_far", ""),))
    change = CalendarChange(first_day=first_day, last_day=last_day, is_workday=is_workday)
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("days_overlap", fields=(("first_day", "days_overlap", ""),)) from error
    record(actor=actor, action="workday.add", obj=change, facts=_facts(change))
    transaction.on_commit(forget)
    return change


@transaction.atomic
def remove_change(*, actor: Actor, change_id: UUID) -> None:
    """The state's table holds again. Deadlines that were given stay. Needs ``workday.manage``; NotFound."""
    require(actor, MANAGE)
    change = CalendarChange.objects.select_for_update(no_key=True).filter(pk=change_id).first()
    if change is None:
        raise NotFound
    record(actor=actor, action="workday.remove", obj=change, facts=_facts(change))
    change.delete()
    transaction.on_commit(forget)


def _facts(change: CalendarChange) -> dict[str, object]:
    return {"first_day": change.first_day, "last_day": change.last_day, "is_workday": change.is_workday}
