"""What somebody still has to do about an incident, each with a clock of its own (chain §2, §9). Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class TaskKind(StrEnum):
    """Why there is something to do. The closed list."""

    WATCH = "watch"
    """The person said no to a line: somebody looks again how they are, whatever else the incident's own clock asks."""
    TELL_BOTH = "tell_both"
    """A contact who had not agreed was called by hand: the person is told so, and the contact why."""

    TELL = "tell"
    """It has ended: a psychologist tells the person who was told what."""
    PLAN = "plan"
    """It was closed without an agreed plan."""
    REVIEW = "review"
    """What went well, where was waited, what is changed: written after each case."""
    COLLEAGUES = "colleagues"
    """Somebody has died: those who were close to it are offered help."""


DUE_IN: Final[Mapping[TaskKind, timedelta]] = {
    TaskKind.WATCH: timedelta(hours=24),
    TaskKind.TELL_BOTH: timedelta(hours=72),
    TaskKind.TELL: timedelta(hours=72),
    TaskKind.PLAN: timedelta(days=7),
    TaskKind.REVIEW: timedelta(days=14),
    TaskKind.COLLEAGUES: timedelta(hours=72),
}
"""How long there is for it, and how long it is put off by."""

ASKED_AGAIN: Final[Mapping[TaskKind, timedelta]] = {
    TaskKind.WATCH: timedelta(hours=2),
    TaskKind.TELL_BOTH: timedelta(hours=24),
    TaskKind.TELL: timedelta(hours=24),
    TaskKind.PLAN: timedelta(hours=24),
    TaskKind.REVIEW: timedelta(hours=24),
    TaskKind.COLLEAGUES: timedelta(hours=24),
}
"""How long after a word about an overdue one the next word comes."""

PAGES: Final = frozenset({TaskKind.WATCH})
"""Overdue, these page like the incident's own clock; of the others the head of the centre gets a notice (chain §2)."""

BY_WRITING: Final[Mapping[TaskKind, str]] = {TaskKind.PLAN: "plan_missing", TaskKind.REVIEW: "review_missing"}
"""Done by writing what they ask for, never by a press; the refusal of who presses."""

NOT_PUT_OFF: Final = frozenset({TaskKind.WATCH, TaskKind.REVIEW, TaskKind.COLLEAGUES})
"""Nobody is hurt by these being done in time: only a telling, and a plan that somebody is not ready for, may wait."""
