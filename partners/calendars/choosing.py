"""The control for choosing a time, as rows for ``partners/choose/*.html``: two weeks of days, starts of one day, six boxes.

It works without script: a day is a link or a button, a start is a radio or a box. Nothing here decides; writers ask the
rule of ``opening`` again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from kernel.clock import local_day
from partners.calendars.opening import (
    BOXES,
    DAYS_AHEAD,
    TIME_TO_ANSWER,
    Box,
    DayView,
    Kind,
    Opening,
    Part,
    Stretch,
    boxes_open,
    day_views,
    part_of,
    starts_of,
    windows_of,
)
from ui.templatetags.ui import school_clock, school_day, school_time
from workdays.clock import Mark, WorkCalendar

PART_NAMES: Final[Mapping[Part, Any]] = {
    Part.MORNING: _("Morning"),
    Part.AFTERNOON: _("Afternoon"),
    Part.EVENING: _("Evening"),
}
KIND_NAMES: Final[Mapping[Kind, Any]] = {Kind.WORKDAY: _("Workdays"), Kind.WEEKEND: _("Weekends, holidays")}
_MARKS: Final[Mapping[Mark, Any]] = {Mark.REST: _("holiday"), Mark.WORK: _("worked in exchange")}
STEP: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of the grid. ``day`` None is a gap before the first; ``note`` stands below the number, ``label`` is read out."""

    day: date | None = None
    mark: Mark = Mark.NONE
    is_open: bool = False
    is_chosen: bool = False
    note: str = ""
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One start: ``key`` is sent, ``clock`` shown, ``label`` read out; ``note`` says what speaks against it."""

    key: str
    clock: str
    label: str
    is_chosen: bool = False
    is_taken: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picker:
    """What the page draws: weekdays' heads, days, the starts of the chosen ``day`` by part, and those chosen on others."""

    heads: list[str]
    days: list[DayCell]
    day: date | None
    parts: list[tuple[Any, list[Slot]]]
    elsewhere: list[Slot]
    first: date
    last: date
    earlier: date | None
    later: date | None


def heads() -> list[str]:
    """Monday to Sunday, one sign each where the language has one."""
    return [str(WEEKDAYS_ABBR[weekday]).removeprefix("周").removeprefix("星期") for weekday in range(7)]


def day_grid(
    first: date,
    notes: Mapping[date, str],
    calendar: WorkCalendar,
    *,
    chosen: date | None = None,
    url_of: Callable[[date], str] | None = None,
    shut: str = "",
    empty: Mapping[date, str] = MappingProxyType({}),
) -> list[DayCell]:
    """Two weeks from ``first`` under their weekdays; days with a note can be chosen, the others say ``empty`` or ``shut``."""
    cells = [DayCell() for _ in range(first.weekday())]
    for day in (first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
        note = notes.get(day)
        mark = calendar.mark(day)
        told = empty.get(day, shut) if note is None else note
        words = [school_day(day), str(_MARKS.get(mark, "")), told]
        cells.append(
            DayCell(
                day=day,
                mark=mark,
                is_open=note is not None,
                is_chosen=day == chosen,
                note=told,
                label=gettext(", ").join(filter(None, words)),
                url=url_of(day) if url_of and note is not None else "",
            )
        )
    return cells


def open_days(opening: Opening, calendar: WorkCalendar, minutes: int, now: datetime) -> list[DayCell]:
    """The next two weeks as a person sees them: on which days the agency is open for one session."""
    views: list[DayView] = day_views(opening, minutes, now)
    notes = {view.day: gettext("open") for view in views if view.is_open}
    return day_grid(views[0].day, notes, calendar, shut=gettext("shut"), empty=_over(opening, views[0].day))


def _over(opening: Opening, today: date) -> dict[date, str]:
    """What today says when it was open and nothing of it is left: it is not shut."""
    return {today: pgettext("day", "over")} if opening.stretches(today, 1) else {}


def starts_in(opening: Opening, minutes: int, now: datetime, wishes: Iterable[Stretch], *, least: int) -> list[Stretch]:
    """Every start within the times that suit the person, in order: a wish's own beginning, then each half hour after it.

    None that passes while the page is read (``TIME_TO_ANSWER``). It lasts ``minutes``, or as long as a shorter wish, never less than ``least``, and lies within the agency's hours.
    """
    found = {}
    for wish in wishes:
        begins, needed = wish.starts_at, min(timedelta(minutes=minutes), wish.ends_at - wish.starts_at)
        while begins + needed <= wish.ends_at:
            if begins >= now + TIME_TO_ANSWER and opening.fault(begins, begins + needed, least, is_exact=True) is None:
                found[begins] = Stretch(begins, begins + needed)
            begins += STEP
    return [found[begins] for begins in sorted(found)]


def picker(
    opening: Opening,
    calendar: WorkCalendar,
    minutes: int,
    now: datetime,
    *,
    day: date | None = None,
    first: date | None = None,
    chosen: Collection[datetime] = (),
    taken: Sequence[Stretch] = (),
    within: Sequence[Stretch] | None = None,
    url_of: Callable[[date], str] | None = None,
    last_day: date | None = None,
    empty: Mapping[date, str] | None = None,
) -> Picker:
    """The control for whoever knows exact times. ``within``: these starts and no others; ``taken``: shown, not to be chosen.
    ``empty``: what the days say on which nothing can be chosen; without it they are shut, or say nothing.

    The view begins today, or at ``first``; the day shown is ``day`` when it is open, else the first open one of the view.
    """
    today = local_day(now, opening.zone)
    start = max(first or today, today)
    starts = {
        at: rows
        for at in (start + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
        if (last_day is None or at <= last_day) and (rows := _on(opening, at, minutes, now, within))
    }
    # Of given times a day that has none says nothing: it is not over, it was never asked for.
    told = {**(_over(opening, today) if within is None else {}), **(empty or {})}
    free = {at: sum(not _is_taken(row, taken) for row in rows) for at, rows in starts.items()}
    notes = {at: ngettext("%(n)d free", "%(n)d free", n) % {"n": n} for at, n in free.items()}
    shown = day if day in starts else next((at for at, n in free.items() if n), next(iter(starts), None))
    wanted = {moment.astimezone(UTC) for moment in chosen}
    slots = [_slot(row, wanted, taken) for row in starts.get(shown, [])] if shown else []
    on_day = {slot.key for slot in slots}
    later = start + timedelta(days=DAYS_AHEAD)
    return Picker(
        heads=heads(),
        days=day_grid(
            start,
            notes,
            calendar,
            chosen=shown,
            url_of=url_of,
            shut=gettext("shut") if within is None or empty is not None else "",
            empty=told,
        ),
        day=shown,
        parts=_by_part(slots),
        elsewhere=[slot for at in sorted(wanted) if (slot := _chosen(at, minutes)).key not in on_day],
        first=start,
        last=later - timedelta(days=1),
        earlier=max(today, start - timedelta(days=DAYS_AHEAD)) if start > today else None,
        later=later if last_day is None or later <= last_day else None,
    )


def _on(opening: Opening, day: date, minutes: int, now: datetime, within: Sequence[Stretch] | None) -> list[Stretch]:
    if within is None:
        return starts_of(opening, day, minutes, now)
    return [row for row in within if local_day(row.starts_at, opening.zone) == day]


def _slot(row: Stretch, wanted: Collection[datetime], taken: Sequence[Stretch]) -> Slot:
    begins = row.starts_at.astimezone(UTC)
    is_taken = _is_taken(row, taken)
    return Slot(
        key=begins.isoformat(),
        clock=school_clock(begins),
        label=f"{school_time(begins)}–{school_clock(row.ends_at)}",
        is_chosen=begins in wanted and not is_taken,
        is_taken=is_taken,
        note=gettext("taken") if is_taken else "",
    )


def _chosen(begins: datetime, minutes: int) -> Slot:
    end = begins + timedelta(minutes=minutes)
    label = f"{school_time(begins)}–{school_clock(end)}"
    return Slot(begins.isoformat(), school_clock(begins), label, is_chosen=True)


def _is_taken(row: Stretch, taken: Sequence[Stretch]) -> bool:
    return any(other.starts_at < row.ends_at and row.starts_at < other.ends_at for other in taken)


def _by_part(slots: Sequence[Slot]) -> list[tuple[Any, list[Slot]]]:
    rows: dict[Part, list[Slot]] = {}
    for slot in slots:
        rows.setdefault(part_of(datetime.fromisoformat(slot.key)), []).append(slot)
    return [(PART_NAMES[part], rows[part]) for part in Part if part in rows]


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box as drawn: what it sends, shows and reads out."""

    key: str
    part: Any
    label: str
    is_offered: bool
    is_ticked: bool


BOX_NAMES: Final = tuple(box.key for box in BOXES)


class BoxesForm(forms.Form):
    """When it would suit a person: six boxes in the view of the next two weeks. ``windows`` is what a writer takes.

    Each box has a name of its own, so that a draft keeps it as it keeps any other field. Only those in which the agency
    is open for one session can be ticked, and one must be unless ``needs_box`` is taken back.
    """

    needs_box: bool = True

    def __init__(
        self, *args: Any, opening: Opening, calendar: WorkCalendar, minutes: int, moment: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.opening, self.calendar, self.minutes, self.moment = opening, calendar, minutes, moment
        self.offered = boxes_open(opening, calendar, minutes, moment)
        for box in BOXES:
            label = f"{KIND_NAMES[box.kind]} {PART_NAMES[box.part]}"
            self.fields[box.key] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        """One box at least, and none in which the agency is shut."""
        data = super().clean() or {}
        ticked = [box for box in BOXES if data.get(box.key)] if self.needs_box else []
        for box in ticked:
            if box not in self.offered:
                self.add_error(box.key, _("The agency is not open then."))
        if self.needs_box and not ticked:
            self.add_error(None, _("Choose at least one box."))
        return data

    def rows(self) -> list[tuple[Any, list[BoxRow]]]:
        """For each kind of day its three boxes."""
        return [(name, [self._row(Box(kind, part)) for part in Part]) for kind, name in KIND_NAMES.items()]

    def _row(self, box: Box) -> BoxRow:
        bound = self[box.key]
        return BoxRow(box.key, PART_NAMES[box.part], str(bound.label), box in self.offered, bool(bound.value()))

    def days(self) -> list[DayCell]:
        """The two weeks above the boxes."""
        return open_days(self.opening, self.calendar, self.minutes, self.moment)

    def heads(self) -> list[str]:
        """The weekdays above the days."""
        return heads()

    def times(self) -> list[Stretch]:
        """The times that the ticked boxes stand for, UTC, in order. The form is valid."""
        chosen = [box for box in BOXES if self.cleaned_data[box.key]]
        return windows_of(chosen, self.opening, self.calendar, self.minutes, self.moment)
