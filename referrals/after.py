"""After the last session of a request: was it solved, how was the agency, what may follow (rules §2). Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from kernel.clock import local_day

ASKED_FROM: Final = time(12)
"""The question comes at noon of the day after, in the school's zone: never at night, and not in the door of the session."""
ASKED_FOR: Final = timedelta(days=14)
"""So long it may be answered; then the request closes by itself."""
GOES_ON_FOR: Final = timedelta(days=90)
"""So long after its last appointment a request may be gone on with in one tap, and its agency be rated."""


class Answer(StrEnum):
    """What the person says to "was it solved?"."""

    SOLVED = "solved"
    NOT_YET = "not_yet"
    OTHER_HELP = "other_help"


class Question(StrEnum):
    """What is asked about an agency; the list is fixed, and nobody writes words."""

    ON_TIME = "on_time"
    RESPECTED = "respected"
    AGAIN = "again"


class Mark(StrEnum):
    """An answer about an agency."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Band(StrEnum):
    """How the answers to a question fall together. Bands, not counts: no cell is so small that it names anybody."""

    NEARLY_ALL = "nearly_all"
    MOSTLY = "mostly"
    MIXED = "mixed"
    RATHER_NOT = "rather_not"


type Marks = Mapping[str, Mapping[str, int]]
"""Question → mark → how many gave it."""

_WORTH: Final = {Mark.YES: 2, Mark.PARTLY: 1, Mark.NO: 0}


def closes_at(over: datetime, zone: str) -> datetime:
    """Until when (UTC) a request that was over at ``over`` waits for the answer."""
    day = local_day(over, zone) + timedelta(days=1)
    return datetime.combine(day, ASKED_FROM, tzinfo=ZoneInfo(zone)).astimezone(over.tzinfo) + ASKED_FOR


def added(*all_marks: Marks) -> dict[str, dict[str, int]]:
    """The sums, with every question and mark."""
    return {
        question.value: {mark.value: sum(marks.get(question, {}).get(mark, 0) for marks in all_marks) for mark in Mark}
        for question in Question
    }


def band_of(counts: Mapping[str, int]) -> Band:
    """The band of one question; ValueError where nobody answered."""
    people = sum(counts.values())
    if not people:
        raise ValueError("nobody has answered")
    share_bp = sum(_WORTH[Mark(mark)] * n for mark, n in counts.items()) * 10_000 // (2 * people)
    if share_bp >= 8_000:
        return Band.NEARLY_ALL
    if share_bp >= 6_000:
        return Band.MOSTLY
    return Band.MIXED if share_bp >= 4_000 else Band.RATHER_NOT


def weeks_on(
    starts_at: datetime, ends_at: datetime, after: datetime, zone: str, many: int
) -> Iterable[tuple[datetime, datetime]]:
    """The same weekday and clock time, ``many`` weeks on end, the first that begins after ``after``."""
    here, length = starts_at.astimezone(ZoneInfo(zone)), ends_at - starts_at
    passed = max(0, (after - starts_at).days // 7)
    begins = [(here + timedelta(weeks=week)).astimezone(starts_at.tzinfo) for week in range(passed, passed + many + 2)]
    return [(start, start + length) for start in begins if start > max(after, starts_at)][:many]
