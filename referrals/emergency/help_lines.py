"""What the static help page says when all else is stopped: each school's line by host, and when it is answered.

The running house writes it to disk, the page's own process reads it (``bin/lib/help_server.py``), which knows neither database
nor broker nor any of our code. Nothing stands in it that a public page does not say.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import override

from kernel.clock import start_of_day
from referrals.emergency.school_line import is_live, line_of
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from workdays.duty import read_duty
from workdays.selectors import calendar

AHEAD_DAYS: Final = 31
"""So far ahead the hours are written out; behind them the page says them in words alone."""


class Open(NamedTuple):
    """``[opens, closes)``: somebody answers."""

    opens: datetime
    closes: datetime


def lines_of_house(moment: datetime) -> dict[str, Any]:
    """All active schools' lines at ``moment``, as JSON; moments bear the school's own offset, so that no zone is looked up."""
    hosts = {}
    for school in Tenant.objects.filter(is_active=True).order_by("host"):
        if found := _line(school, moment):
            hosts[school.host] = found
    return {"as_of": moment.astimezone(UTC).isoformat(timespec="seconds"), "hosts": hosts}


def _line(school: Tenant, moment: datetime) -> dict[str, Any] | None:
    said = {}
    for lang, code in (("zh", "zh-hans"), ("en", "en")):
        with override(code):
            line = line_of(school)
            said[lang] = str(line.hours)
    if not line.phone:
        return None
    zone = ZoneInfo(school.time_zone)

    def wall(at: datetime) -> str:
        return at.astimezone(zone).isoformat(timespec="minutes")

    hours = None if is_live(school) else open_hours(school, moment)
    return {
        "name": school.name,
        "phone": line.phone,
        "hours": said["zh"],
        "hours_en": said["en"],
        "as_of": wall(moment),
        "always": is_live(school),
        "open": None if hours is None else [[wall(one.opens), wall(one.closes)] for one in hours],
        "known_until": wall(moment + timedelta(days=AHEAD_DAYS)),
    }


def open_hours(school: Tenant, moment: datetime) -> list[Open] | None:
    """When the school's line is answered from today on for ``AHEAD_DAYS``, by its written hours and its own calendar of workdays.

    None for hours that cannot be read: nothing is claimed then.
    """
    hours = read_duty(school.duty_hours)
    if hours is None:
        return None
    with use_tenant(school.pk):
        worked = calendar()
    first = school.day_of(moment)
    days = (first + timedelta(days=number) for number in range(AHEAD_DAYS + 1))
    return joined(
        Open(midnight + timedelta(minutes=hours.opens), midnight + timedelta(minutes=hours.closes))
        for day in days
        if hours.counts(day, worked)
        for midnight in [start_of_day(day, school.time_zone)]
    )


def joined(parts: Iterable[Open]) -> list[Open]:
    """Neighbours that touch are one: a line that closes at midnight and opens then is not shut."""
    found: list[Open] = []
    for part in parts:
        if found and part.opens <= found[-1].closes:
            found[-1] = Open(found[-1].opens, max(found[-1].closes, part.closes))
        else:
            found.append(part)
    return found


def write_lines(path: Path, moment: datetime) -> int:
    """Replace the file in one step, so that nobody reads half of it; returns how many schools stand in it."""
    told = lines_of_house(moment)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(told, stream, ensure_ascii=False)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return len(told["hosts"])
