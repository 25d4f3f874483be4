"""Pictures of an open day after somebody took a yes back (books §6): until when they may be shown unless they are looked through."""

from collections.abc import Sequence
from datetime import datetime

from content.opendays.models.days import OpenDay
from content.opendays.models.parties import Guest
from content.opendays.rules import TAKEN_DOWN_IN_WORKDAYS
from content.shot_dates import NEVER_SHOWN
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from workdays.clock import add_workdays
from workdays.selectors import calendar


def taken_back(day: OpenDay) -> Sequence[datetime]:
    """When a yes was taken back since pictures were taken or last looked through; the first one first. One query."""
    since = max(day.starts_at, day.pictures_seen_at or day.starts_at)
    ended = Guest.objects.filter(party__open_day=day, photo_ended_at__gte=since, may_photograph=False)
    return list(ended.order_by("photo_ended_at").values_list("photo_ended_at", flat=True))


def take_down_by(moments: Sequence[datetime], school: Tenant) -> list[datetime]:
    """Three working days after each."""
    days = calendar() if moments else None
    return [add_workdays(moment, TAKEN_DOWN_IN_WORKDAYS, days, school.time_zone) for moment in moments] if days else []


def pictures_until(page_id: int) -> datetime | None:
    """From when the report shows no picture; None while nobody has taken a yes back (``PICTURES_UNTIL``).

    A page that is no day's own report is a copy of one: no word that is taken back would reach it.
    """
    day = OpenDay.objects.filter(report=page_id).first()
    if day is None:
        return NEVER_SHOWN
    ended = taken_back(day)
    return take_down_by(ended[:1], Tenant.objects.get(pk=current_tenant_id()))[0] if ended else None
