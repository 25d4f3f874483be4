"""Who is on duty at *t*: one function for preview, page, readiness and report (chain §2). Pure; every range is half-open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil, floor
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

FIRST, SECOND = 1, 2
"""Layers: who is called first, and who next."""

LONGEST: Final = timedelta(hours=24)
"""Nobody is on duty longer in a row."""

REST: Final = timedelta(hours=11)
"""Hours that lie at least between two turns of one person."""

DAY_BEGINS: Final = time(8)
NIGHT_BEGINS: Final = time(20)
"""On the school's wall; where the cells of the rota begin."""

PREVIEW_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Shift:
    """``who`` is on duty during ``[starts_at, ends_at)``; ``is_person`` False: an outside line, which needs no rest."""

    layer: int
    who: UUID
    starts_at: datetime
    ends_at: datetime
    is_person: bool = True
    key: UUID | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in it; its end does not."""
        return self.starts_at <= moment < self.ends_at

    def within(self, since: datetime | None, until: datetime | None) -> "Shift | None":
        """The part of it inside ``[since, until)``; None when nothing is left. None as a bound is no bound."""
        starts_at = self.starts_at if since is None else max(self.starts_at, since)
        ends_at = self.ends_at if until is None else min(self.ends_at, until)
        return replace(self, starts_at=starts_at, ends_at=ends_at) if starts_at < ends_at else None


@dataclass(frozen=True, slots=True)
class Span:
    """``[starts_at, ends_at)``, of nobody or of ``who``."""

    starts_at: datetime
    ends_at: datetime
    who: UUID | None = None

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends_at - self.starts_at


def on_duty(shifts: Iterable[Shift], moment: datetime) -> Mapping[int, Shift]:
    """Layer → who is on duty at ``moment``. A layer without anybody is not there. No two shifts of a layer overlap."""
    return {shift.layer: shift for shift in shifts if shift.covers(moment)}


def gaps(shifts: Iterable[Shift], since: datetime, until: datetime, layer: int = FIRST) -> list[Span]:
    """The parts of ``[since, until)`` in which nobody is on duty in ``layer``, in order."""
    found: list[Span] = []
    covered = since
    parts = (shift.within(since, until) for shift in shifts if shift.layer == layer)
    for shift in sorted((part for part in parts if part), key=lambda part: part.starts_at):
        if shift.starts_at > covered:
            found.append(Span(covered, shift.starts_at))
        covered = max(covered, shift.ends_at)
    return [*found, Span(covered, until)] if covered < until else found


def gaps_ahead(shifts: Iterable[Shift], moment: datetime, zone: str) -> list[Span]:
    """The holes that are red, everywhere: nobody is called first between ``moment`` and the end of the preview."""
    return gaps(shifts, moment, preview_end(moment, zone))


def runs(shifts: Iterable[Shift]) -> list[Span]:
    """Every person's time on duty, in whatever layer, joined where one shift goes on into the next; by person and time."""
    found: list[Span] = []
    for shift in sorted((shift for shift in shifts if shift.is_person), key=lambda one: (one.who, one.starts_at)):
        last = found[-1] if found else None
        if last is not None and last.who == shift.who and shift.starts_at <= last.ends_at:
            found[-1] = replace(last, ends_at=max(last.ends_at, shift.ends_at))
        else:
            found.append(Span(shift.starts_at, shift.ends_at, shift.who))
    return found


def too_long(shifts: Iterable[Shift]) -> list[Span]:
    """Who is on duty for more than ``LONGEST`` in a row, and when."""
    return [run for run in runs(shifts) if run.length > LONGEST]


def short_rest(shifts: Iterable[Shift]) -> list[Span]:
    """Rests between two turns of one person that are shorter than ``REST``."""
    rests = (
        Span(one.ends_at, next_.starts_at, one.who) for one, next_ in pairwise(runs(shifts)) if one.who == next_.who
    )
    return [rest for rest in rests if rest.length < REST]


@dataclass(frozen=True, slots=True)
class Strain:
    """A turn that is too long, or (``is_rest``) a rest that is too short: ``span`` is its time, of whom it says too."""

    span: Span
    is_rest: bool

    @property
    def hours(self) -> int:
        """Whole hours, rounded so that what is too long or too short never reads as if it were neither."""
        hours = self.span.length / timedelta(hours=1)
        return floor(hours) if self.is_rest else ceil(hours)


def strain_of(shifts: Iterable[Shift], who: UUID, starts_at: datetime, ends_at: datetime) -> list[Strain]:
    """What being on duty during ``[starts_at, ends_at)`` asks of ``who`` beyond ``LONGEST`` and ``REST``, by time.

    ``shifts`` hold that time as theirs already. It is said to whoever writes, takes or swaps a shift; it stops nobody.
    """
    own = [shift for shift in shifts if shift.who == who]
    turns = [run for run in runs(own) if run.starts_at < ends_at and starts_at < run.ends_at]
    edges = {edge for run in turns for edge in (run.starts_at, run.ends_at)}
    found = [Strain(run, is_rest=False) for run in turns if run.length > LONGEST]
    found += [Strain(rest, is_rest=True) for rest in short_rest(own) if {rest.starts_at, rest.ends_at} & edges]
    return sorted(found, key=lambda one: one.span.starts_at)


def strain_if_taken(shifts: Iterable[Shift], taken: Shift) -> list[Strain]:
    """The same of a shift that would be ``taken.who``'s; of ``shifts`` the one with its key, somebody else's yet, makes room."""
    others = [shift for shift in shifts if shift.key is None or shift.key != taken.key]
    return strain_of([*others, taken], taken.who, taken.starts_at, taken.ends_at)


class Part(StrEnum):
    """The two cells of a day."""

    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the rota: ``day`` is the day on whose wall it begins; the night reaches into the next morning."""

    day: date
    part: Part
    starts_at: datetime
    ends_at: datetime
    shifts: Sequence[Shift] = ()
    gaps: Sequence[Span] = ()

    def covers(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in it."""
        return self.starts_at <= moment < self.ends_at


def at_wall(day: date, clock: time, zone: str) -> datetime:
    """The moment, UTC, at which the school's wall shows ``clock`` on ``day``."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def rota_day(moment: datetime, zone: str) -> date:
    """The day whose cells ``moment`` lies in: before eight in the morning it is still last night's."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= DAY_BEGINS else local.date() - timedelta(days=1)


def cell_times(day: date, part: Part, zone: str) -> tuple[datetime, datetime]:
    """Beginning and end, UTC."""
    middle = at_wall(day, NIGHT_BEGINS, zone)
    if part is Part.DAY:
        return at_wall(day, DAY_BEGINS, zone), middle
    return middle, at_wall(day + timedelta(days=1), DAY_BEGINS, zone)


def cells(first_day: date, days: int, zone: str) -> Iterator[Cell]:
    """Empty cells of ``days`` days, day and night in turn; they follow each other without a hole."""
    for number in range(days):
        day = first_day + timedelta(days=number)
        for part in Part:
            yield Cell(day, part, *cell_times(day, part, zone))


def preview_end(moment: datetime, zone: str) -> datetime:
    """Where the preview that begins at ``moment`` ends: what is asked for fourteen days is asked until then, everywhere."""
    return cell_times(rota_day(moment, zone) + timedelta(days=PREVIEW_DAYS - 1), Part.NIGHT, zone)[1]


def grid(
    shifts: Sequence[Shift],
    first_day: date,
    zone: str,
    *,
    since: datetime,
    days: int = PREVIEW_DAYS,
    layer: int = FIRST,
) -> list[Cell]:
    """The preview: in every cell who is on duty in ``layer`` and what is left open of it. Before ``since`` nothing is open."""
    of_layer = sorted((shift for shift in shifts if shift.layer == layer), key=lambda shift: shift.starts_at)
    return [
        replace(
            cell,
            shifts=tuple(shift for shift in of_layer if shift.within(cell.starts_at, cell.ends_at)),
            gaps=tuple(gaps(of_layer, max(cell.starts_at, since), cell.ends_at, layer)) if cell.ends_at > since else (),
        )
        for cell in cells(first_day, days, zone)
    ]
