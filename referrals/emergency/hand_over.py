"""What whoever begins a shift has to know: numbers, grades and how many tasks wait; never a name or a word of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from referrals.emergency.models import DutyHandOver, DutyShift, Incident, WatchTask
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade
from referrals.emergency.workflow.standing import hidden_rows
from tenancy.messages import together

MOST: Final = 50
SHOWN: Final = 5
_GRAVEST: Final = tuple(reversed(Grade))


@dataclass(frozen=True, slots=True)
class OpenOne:
    """One incident of the card; ``tasks``: how many of its tasks wait."""

    pk: UUID
    number: str
    grade: str
    state: str
    opened_at: datetime
    tasks: int


@dataclass(frozen=True, slots=True)
class HandOver:
    """The card of a shift that runs. ``read_at``: when its holder read it; None: they have not."""

    shift_id: UUID
    rows: list[OpenOne]
    read_at: datetime | None

    @property
    def shown(self) -> list[OpenOne]:
        """Those that stand on the card; the board has them all."""
        return self.rows[:SHOWN]

    @property
    def more(self) -> int:
        """How many only the board shows."""
        return max(0, len(self.rows) - SHOWN)


def open_numbers(member_id: UUID, *beside: QuerySet[Any]) -> list[OpenOne]:
    """Open incidents, drills left out, of which the colleague may know: the gravest first, of one grade the oldest.

    ``beside``: what else is asked in the same message.
    """
    live = Incident.objects.filter(state__in=sorted(incident_moves.LIVE), is_drill=False)
    rows = live.exclude(hidden_rows(member_id, incident="pk")).order_by("opened_at", "pk")
    waiting = WatchTask.objects.filter(incident=OuterRef("pk"), done_at=None).order_by().values("incident")
    rows = rows.annotate(waiting=Subquery(waiting.annotate(n=Count("pk")).values("n")))[:MOST]
    together(rows, *beside)
    found = [
        OpenOne(row.pk, row.number, row.grade or row.suggested, row.state, row.opened_at, row.waiting or 0)
        for row in rows
    ]
    return sorted(found, key=lambda one: _GRAVEST.index(Grade(one.grade)) if one.grade else -1)


def hand_over_of(member_id: UUID | None, held: Iterable[DutyShift], now: datetime) -> HandOver | None:
    """The card of the shift that the colleague has at ``now``, of those ``held``, in whichever layer; None where they have none
    or nothing is open.
    """
    running = [row for row in held if row.holder_id == member_id and row.starts_at <= now < row.ends_at]
    if member_id is None or not running:
        return None
    shift = min(running, key=lambda row: row.layer)
    done = DutyHandOver.objects.filter(shift=shift)
    rows = open_numbers(member_id, done)
    return HandOver(shift.pk, rows, next((row.at for row in done), None)) if rows else None
