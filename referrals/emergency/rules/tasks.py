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


DUE_IN: Final[Mapping[TaskKind, timedelta]] = {
    TaskKind.WATCH: timedelta(hours=24),
    TaskKind.TELL_BOTH: timedelta(hours=72),
    TaskKind.TELL: timedelta(hours=72),
    TaskKind.PLAN: timedelta(days=7),
}
"""How long there is for it, and how long it is put off by."""

ASKED_AGAIN: Final[Mapping[TaskKind, timedelta]] = {
    TaskKind.WATCH: timedelta(hours=2),
    TaskKind.TELL_BOTH: timedelta(hours=24),
    TaskKind.TELL: timedelta(hours=24),
    TaskKind.PLAN: timedelta(hours=24),
}
"""How long after a word about an overdue one the next word comes."""

PAGES: Final = frozenset({TaskKind.WATCH})
"""Overdue, these page like the incident's own clock; of the others the head of the centre gets a notice (chain §2)."""
