"""What pages show of open days. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum

from content.opendays.models.days import OpenDay, Session
from content.opendays.models.parties import Claim
from content.opendays.states import DayState
from content.opendays.survey_questions import OPEN_DAY
from kernel.clock import now
from surveys.models import Survey


@dataclass(frozen=True, slots=True)
class Room:
    """A session with its places: ``free`` None where nobody is counted."""

    session: Session
    free: int | None

    @property
    def taken(self) -> int:
        """How many places are taken or kept."""
        return (self.session.capacity or 0) - (self.free or 0)

    @property
    def is_scarce(self) -> bool:
        """Few are left."""
        return self.free is not None and self.free <= 4


@dataclass(frozen=True, slots=True)
class Shown:
    """An open day with its programme as it is read."""

    day: OpenDay
    entry: Session
    sessions: list[Session]

    @property
    def rooms(self) -> list[Room]:
        """The programme without counting: what a page that is kept for a minute may say."""
        return [Room(each, None) for each in self.sessions]

    @property
    def is_over(self) -> bool:
        """Whether everybody has gone home."""
        return bool(now() >= self.day.ends_at)


def days_of_pages(pages: Sequence[int]) -> list[OpenDay]:
    """The days that stand on these pages, by time. One query."""
    return list(OpenDay.objects.filter(page__in=pages).order_by("starts_at"))


def to_come(day: OpenDay) -> bool:
    """Whether somebody could still go there."""
    return day.state == DayState.OPEN and now() < day.ends_at


def shown_day(page: Any) -> Shown | None:
    """The day of a page with its programme; None when its rows are gone. Two queries."""
    day = OpenDay.objects.filter(page=page.pk).first()
    return None if day is None else shown(day)


def shown(day: OpenDay) -> Shown:
    """``day`` with its programme. One query."""
    sessions = list(day.sessions.order_by("starts_at", "pk"))
    return Shown(day, next(each for each in sessions if each.is_entry), sessions)


def next_day() -> OpenDay | None:
    """The school's next open day with a page, or None. One query."""
    days = OpenDay.objects.filter(state=DayState.OPEN, ends_at__gt=now(), page__live=True)
    return days.select_related("page__opendaypage").order_by("starts_at").first()


def open_questions(day: OpenDay, moment: datetime) -> Survey | None:
    """What families are asked about ``day``, while answers are taken. One query once it has begun."""
    if moment < day.starts_at:
        return None
    asked = Survey.objects.filter(questionnaire=OPEN_DAY, subject=day.pk, closed_at__isnull=True)
    return asked.filter(opens_at__lte=moment, closes_at__gt=moment).first()


def taken_in(sessions: Sequence[UUID], moment: datetime) -> dict[UUID, int]:
    """People with a seat, or a seat kept for them, by session. One query."""
    rows = Claim.objects.filter(session__in=sessions)
    found: dict[UUID, int] = dict(rows.values_list("session").annotate(total=Sum("seats")).order_by())
    kept = rows.filter(offer_until__gt=moment).values_list("session").annotate(total=Sum("offered")).order_by()
    for session, total in kept:
        found[session] = found.get(session, 0) + total
    return found


def rooms(sessions: Sequence[Session]) -> list[Room]:
    """Each session with what is free there now. Two queries."""
    taken = taken_in([each.pk for each in sessions if each.capacity is not None], now())
    return [
        Room(each, None if each.capacity is None else max(0, each.capacity - taken.get(each.pk, 0)))
        for each in sessions
    ]
