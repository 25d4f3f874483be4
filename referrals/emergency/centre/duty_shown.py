"""Who is on duty now and next, by what they are reached, and the gaps of fourteen days: as the rota's page and the board say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.told_apart import told_apart
from referrals.emergency.centre.shown import Column, Hole, between, drawn, holes
from referrals.emergency.models import DutyShift
from referrals.emergency.plan_facts import school_channels, ways_of_line, ways_of_member
from referrals.emergency.rota import rows_between, shifts_of
from referrals.emergency.rules.on_duty import FIRST, PREVIEW_DAYS, SECOND, Cell, Shift, grid, on_duty, rota_day
from referrals.emergency.rules.plan_steps import QUIET
from referrals.emergency.texts import CHANNEL_TEXTS
from tenancy.models import Tenant
from ui.whole import kept

SHOWN_HOLES: Final = 5
ON_BOARD: Final = 2
"""Gaps that are told in words, on the rota's page and on the board; the rest stand in the table."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody on duty, in words. ``ways``: by what they are reached, no number; ``rings``: by something that is heard."""

    name: str
    letter: str
    until: datetime
    since: datetime
    key: UUID | None
    is_me: bool = False
    ways: str = ""
    rings: bool = True


@dataclass(frozen=True, slots=True)
class Duty:
    """The rota around ``now`` of the chain's clock, read once. ``names``: how colleagues and lines are called, by key."""

    now: datetime
    rows: Sequence[DutyShift]
    shifts: Sequence[Shift]
    cells: Sequence[Cell]
    names: Mapping[UUID | None, str]
    first: Said | None
    second: Said | None
    next: Said | None
    holes: Sequence[Hole]

    @property
    def shown_holes(self) -> Sequence[Hole]:
        """Those that are told in words."""
        return self.holes[:SHOWN_HOLES]

    @property
    def more_holes(self) -> int:
        """How many stand in the table alone."""
        return max(0, len(self.holes) - SHOWN_HOLES)

    @property
    def next_holes(self) -> Sequence[Hole]:
        """Those that the board tells in words."""
        return self.holes[:ON_BOARD]

    @property
    def later_holes(self) -> int:
        """How many it leaves to the table."""
        return max(0, len(self.holes) - ON_BOARD)

    @property
    def weeks(self) -> list[list[Column]]:
        """Fourteen days of who is called first."""
        return drawn(self.cells, self.names, self.now)

    @property
    def letters(self) -> str:
        """What the letter of an outside line stands for; empty where none is on the rota."""
        lines = dict.fromkeys(self.names.get(shift.who, "") for shift in self.shifts if not shift.is_person)
        return _("L stands for an outside line: %(lines)s.") % {"lines": ", ".join(lines)} if lines else ""

    @property
    def has_marked_days(self) -> bool:
        """Whether a day of the fourteen bears 休 or 班."""
        return any(column.mark for week in self.weeks for column in week)


def duty_of(actor: Actor, school: Tenant, now: datetime) -> Duty:
    """The school's rota at ``now``, for ``actor``: who is there, who comes, and what is missing."""
    around = rows_between(now - timedelta(days=1), now + timedelta(days=PREVIEW_DAYS + 1))
    rows = list(around.prefetch_related(None).select_related("holder", "line"))  # one question: the board asks many
    shifts = shifts_of(rows, school.time_zone)
    names = _names(rows, shifts)
    cells = grid(shifts, rota_day(now, school.time_zone), school.time_zone, since=now)
    holding = on_duty(shifts, now)
    later = (one for one in shifts if one.layer == FIRST and one.starts_at > now)
    coming = min(later, key=lambda one: one.starts_at, default=None)
    ways = _ways(rows, [shift for shift in (*holding.values(), coming) if shift is not None])
    me = actor.membership_id

    def said(shift: Shift | None) -> Said | None:
        if shift is None:
            return None
        name = names.get(shift.who, "")
        found = ways.get(shift.who, ())
        words = SafeString(between().join(kept(CHANNEL_TEXTS[way]) for way in found))
        mine, rings = shift.who == me, any(way not in QUIET for way in found)
        return Said(name, name[:1], shift.ends_at, shift.starts_at, shift.key, mine, words, rings)

    gaps = [part for cell in cells for part in cell.gaps]
    return Duty(
        now=now,
        rows=rows,
        shifts=shifts,
        cells=cells,
        names=names,
        first=said(holding.get(FIRST)),
        second=said(holding.get(SECOND)),
        next=said(coming),
        holes=holes(gaps, cells, shifts, me if actor.may("duty.take") else None),
    )


def _names(rows: Sequence[DutyShift], shifts: Iterable[Shift]) -> dict[UUID | None, str]:
    """Of those who count, from the rows that are read already."""
    counted = {shift.who for shift in shifts}
    lines = {row.line.pk: row.line.name for row in rows if row.line is not None}
    people = told_apart({row.holder.pk: row.holder for row in rows if row.holder is not None}.values())
    return {pk: name for pk, name in {**people, **lines}.items() if pk in counted}


def _ways(rows: Iterable[DutyShift], shifts: Sequence[Shift]) -> Mapping[UUID, Sequence[str]]:
    """By which of the school's channels each is reached, in the order in which the choices name them. WeCom is named where it
    has found them: who has a number is no member there for that.
    """
    if not shifts:
        return {}
    wanted = {shift.who for shift in shifts}
    has, wecom = school_channels(wanted)
    found: dict[UUID, Sequence[str]] = {}
    for row in rows:
        if row.holder is not None and row.holder.pk in wanted:
            found[row.holder.pk] = [
                way
                for way in CHANNEL_TEXTS
                if way in has & ways_of_member(row.holder, in_wecom=wecom.get(row.holder.pk, False))
            ]
        elif row.line is not None and row.line.pk in wanted:
            found[row.line.pk] = [way for way in CHANNEL_TEXTS if way in has & ways_of_line(row.line)]
    return found
