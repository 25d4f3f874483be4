"""Rules of open days (books §6). Pure: sizes, ages, photographs, what the gate shows, how long anything is kept."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final


class Band(StrEnum):
    """How old somebody is, and no more: a grown-up, or a child of so many years. No name is kept of anybody but the first."""

    ADULT = "adult"
    TEEN = "teen"
    CHILD = "child"
    SMALL = "small"


AGES: Final[Mapping[Band, tuple[int, int]]] = {
    Band.ADULT: (18, 200),
    Band.TEEN: (14, 17),
    Band.CHILD: (6, 13),
    Band.SMALL: (0, 5),
}
"""Years of age, both ends included."""
UNDER_14: Final = frozenset({Band.CHILD, Band.SMALL})
"""For them only a registered guardian says yes to a photograph (rules §5)."""

MOST_PEOPLE: Final = 12
"""In one answer."""
MOST_PARTIES: Final = 4
"""Answers by one invitation: a link that is passed on fills no hall."""
MOST_ANSWERS_A_DAY: Final = 8
"""Answers by one invitation on one day of the school, also of those that were called off since: each of the four may be called
off and given anew once. Each is a row, and a message to the colleague who invited.
"""
MOST_CHANGES_A_DAY: Final = 12
"""Changes of one answer on one day of the school: each writes the record and may move the waiting list of every session."""
PLATES_KEPT_TO_HOUR: Final = 12
"""Number plates are gone at this hour of the day after."""
MARKS_TAKEN_TO_HOUR: Final = 12
"""Marks that a gate without network kept are taken up to this hour of the day after; those of that day alone."""
TAKEN_DOWN_IN_WORKDAYS: Final = 3
"""So many working days a school has to take a picture down after a no (books §6)."""
REMIND_BEFORE: Final = timedelta(days=3)
REMIND_HOURS: Final = (7, 21)
"""From the first of these hours of the school up to the second: nobody is reminded at night."""


def band_of(born: date, day: date) -> Band:
    """The band on ``day`` of whoever was ``born`` then."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next(band for band, (least, most) in AGES.items() if least <= years <= most)


def gate_code(token: str) -> str:
    """What the QR of an answer says: it opens the gate and nothing else, and the answer's own link cannot be read off it."""
    return hashlib.sha256(b"gate|" + token.encode()).hexdigest()[:32]


def gate_hash(code: str) -> str:
    """By what a telephone at the gate knows the code again, without holding it."""
    return hashlib.sha256(code.encode()).hexdigest()[:32]


def gate_digits(code: str) -> str:
    """Six digits below the QR, for a gate whose telephone reads none: said aloud and typed. They tell families apart and prove
    nothing; the gate makes the same of the hash it holds, and shows all whom they fit.
    """
    return f"{int(gate_hash(code)[:10], 16) % 1_000_000:06d}"


def shown_and_over(counted: int, size: int) -> tuple[int, int]:
    """What is shown of ``counted`` people of a family of ``size``, and how many the marks say beyond it. Nobody is sent out."""
    shown = min(counted, size)
    return shown, counted - shown


def plates_end(starts_at: datetime, noon_after: datetime, next_opening: datetime | None) -> datetime:
    """When number plates go: at noon of the day after, or at the next opening if that is sooner."""
    return min(noon_after, next_opening) if next_opening is not None and next_opening > starts_at else noon_after


def may_remind(starts_at: datetime, local: datetime) -> bool:
    """Whether ``local`` (the school's clock) is a time to remind of what begins at ``starts_at``."""
    first, last = REMIND_HOURS
    return first <= local.hour < last and timedelta() < starts_at - local <= REMIND_BEFORE
