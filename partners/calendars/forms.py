"""What an institution's office types of its hours. Reading only: writers decide."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField
from accounts.writer_form import WriterForm
from kernel.clock import SCHOOL_ZONE
from kernel.errors import DomainError
from kernel.fold import fold_text
from partners.calendars.opening import DAY_MINUTES, Hours
from ui.refusals import explain

_SPAN: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_DASHES: Final = str.maketrans(dict.fromkeys("–—―~〜～−至到", "-"))
_BETWEEN: Final = re.compile(r"[,;、；，/\s]+")


def read_hours(text: str) -> list[tuple[int, int]] | None:
    """``9:00–12:00，14:00-18:00`` as minutes after midnight, as people type it; None when it cannot be read.

    Signs of a Chinese keyboard, a full hour without minutes, and 24:00 are read.
    """
    tidy = re.sub(r"\s*-\s*", "-", fold_text(text).translate(_DASHES).replace("：", ":").replace("点", ":00"))
    spans = []
    for part in filter(None, _BETWEEN.split(tidy)):
        match = _SPAN.fullmatch(part)
        if match is None:
            return None
        first, last = (int(hour) * 60 + int(minute or 0) for hour, minute in (match.group(1, 2), match.group(3, 4)))
        if max(int(match[2] or 0), int(match[4] or 0)) > 59 or max(first, last) > DAY_MINUTES:
            return None
        spans.append((first, last))
    return spans


def clock_of(minute: int) -> str:
    """``570`` → ``9:30``; the end of the day is ``24:00``."""
    return f"{minute // 60}:{minute % 60:02d}"


def hours_text(rows: list[tuple[int, int]]) -> str:
    """As it is typed: ``9:00–12:00, 14:00–18:00``."""
    return ", ".join(f"{clock_of(opens)}–{clock_of(closes)}" for opens, closes in rows)


class OpeningForm(WriterForm):
    """With the titles of refusals."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal's title."""
        return explain(code, error.params).title


class WeekForm(OpeningForm):
    """Seven lines, one a weekday; an empty one is a closed day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday in range(7):
            self.fields[f"day_{weekday}"] = forms.CharField(
                label=WEEKDAYS[weekday],
                required=False,
                max_length=80,
                widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "placeholder": _("closed")}),
            )

    @staticmethod
    def initial_of(hours: tuple[Hours, ...]) -> dict[str, str]:
        """The week in force."""
        return {
            f"day_{weekday}": hours_text([(row.opens, row.closes) for row in hours if row.weekday == weekday])
            for weekday in range(7)
        }

    def clean(self) -> dict[str, Any]:
        """Each line read; one that cannot be is told at its day."""
        data = super().clean() or {}
        for weekday in range(7):
            name = f"day_{weekday}"
            if name in data and read_hours(data[name]) is None:
                self.add_error(name, _("Write it like this: 9:00–12:00, 14:00–18:00"))
        return data

    def week(self) -> dict[int, list[tuple[int, int]]]:
        """As ``save_hours`` takes it."""
        return {weekday: read_hours(self.cleaned_data[f"day_{weekday}"]) or [] for weekday in range(7)}


_DAY: Final = {"type": "date"}
_CLOCK: Final = {"type": "time"}


class ClosureForm(OpeningForm):
    """From a day to a day, both included; with hours, from that hour or until it."""

    names: ClassVar = {"starts_at": "first_day", "ends_at": "last_day"}
    first_day = DayField(label=_("First day closed"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    last_day = DayField(
        label=_("Last day closed"),
        required=False,
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        help_text=_("Leave it empty for one day."),
    )
    starts = forms.TimeField(
        label=_("Closed from"), required=False, widget=forms.TimeInput(attrs=_CLOCK, format="%H:%M"),
        help_text=_("Empty: from the beginning of the first day."),
    )  # fmt: skip
    ends = forms.TimeField(
        label=_("Open again at"), required=False, widget=forms.TimeInput(attrs=_CLOCK, format="%H:%M"),
        help_text=_("Empty: after the end of the last day."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=60,
        help_text=_("For yourselves alone. No school and no person reads it."),
    )

    def closure(self) -> dict[str, Any]:
        """As ``close`` takes it: moments of the schools' zone."""
        data = self.cleaned_data
        last: date = data["last_day"] or data["first_day"]
        ends = data["ends"]
        return {
            "starts_at": _moment(data["first_day"], data["starts"] or time()),
            "ends_at": _moment(last, ends) if ends else _moment(last + timedelta(days=1), time()),
            "reason": data["reason"],
        }


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(SCHOOL_ZONE))
