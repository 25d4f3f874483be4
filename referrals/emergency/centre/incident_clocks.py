"""Clocks that run on a page: a moment of the chain, which way it counts, and how what is counted is said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_ANY: Final = 7654321
"""A count that no clock shows: where it stands in a sentence, the script puts its own."""


def minutes(length: timedelta) -> int:
    """Whole minutes, never less than 0."""
    return max(int(length.total_seconds() // 60), 0)


def minutes_left(moment: datetime, now: datetime) -> int:
    """Whole minutes until ``moment``, rounded up: a minute that has begun is one."""
    return max(-int((now - moment).total_seconds() // 60), 0)


def long_text(count: int) -> str:
    """How long something has lasted or will: minutes up to two hours, then hours, then days."""
    if count < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", count) % {"n": count}
    if count < 48 * 60:
        return ngettext("%(n)d hour", "%(n)d hours", count // 60) % {"n": count // 60}
    return ngettext("%(n)d day", "%(n)d days", count // 1440) % {"n": count // 1440}


@dataclass(frozen=True, slots=True)
class Clock:
    """``text`` is how it reads at the page's moment, without script. ``one`` and ``many``: the sentence at a count of 1 and
    at any other, with ``{n}`` for the count, or ``{t}`` for it as a length of time; ``none``: at 0, where that is said otherwise.
    """

    at: datetime
    is_up: bool
    text: str
    one: str = ""
    many: str = "{t}"
    none: str = ""


def passed_text(count: int) -> str:
    """How long something has lasted. The first minute is no length: "0 minutes" in large figures reads as a fault."""
    return long_text(count) if count else _("just now")


def length(at: datetime, now: datetime, *, is_up: bool) -> Clock:
    """A length of time alone: "14 minutes"."""
    say = passed_text if is_up else long_text
    return Clock(at, is_up, say(_count(at, now, is_up=is_up)), none=say(0) if is_up else "")


def count(at: datetime, now: datetime, *, is_up: bool) -> Clock:
    """A number of minutes alone: "14"; of the first one that has passed only that it has begun."""
    begun = "<1" if is_up else ""
    number = _count(at, now, is_up=is_up)
    return Clock(at, is_up, str(number or begun or 0), many="{n}", none=begun)


def sentence(at: datetime, now: datetime, say: Callable[[int], str], *, is_up: bool) -> Clock:
    """A sentence about a number of minutes, in the plural that each number takes."""
    text = say(_count(at, now, is_up=is_up))
    return Clock(at, is_up, text, one=say(1), many=say(_ANY).replace(str(_ANY), "{n}"), none=say(0))


def left(at: datetime, now: datetime) -> Clock:
    """How long is left, in words."""
    return Clock(
        at,
        False,
        _("%(time)s left") % {"time": long_text(minutes_left(at, now))},
        many=_("%(time)s left") % {"time": "{t}"},
    )


def lengths() -> dict[str, str]:
    """How lengths of time are said, for the script: ``long_text`` with ``{n}`` for the number. Hours and days begin at two."""
    far = {"minutes": 1, "hours": 60, "days": 1440}
    return {"minute": long_text(1), **{name: long_text(47 * unit).replace("47", "{n}") for name, unit in far.items()}}


def _count(at: datetime, now: datetime, *, is_up: bool) -> int:
    return minutes(now - at) if is_up else minutes_left(at, now)
