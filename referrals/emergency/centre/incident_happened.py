"""What happened, as the centre reads it: the rows of the timeline, those that tell one thing in one line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.utils.translation import gettext as _

from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.incident_texts import (
    LEG_TEXTS,
    happened_details,
    happened_text,
    role_text,
    said_with,
)
from referrals.emergency.models import Timeline
from referrals.emergency.rules.grades import LegKind
from ui.templatetags.ui import school_time
from vault import own_key

_FOLDED: Final = "delivery.folded"

_BAD: Final = frozenset(
    {
        "leg.overdue",
        "leg.spent",
        "leg.poisoned",
        "leg.step_unknown",
        "leg.tick",
        "leg.engage_due",
        "leg.life_unanswered",
        "leg.bounced",
        "leg.passed_due",
        "delivery.failed",
        "companion.absent",
        "companion.must_go",
        "companion.not_relieved",
    }
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline."""

    at: datetime
    tone: str
    title: str
    note: str
    words: str


@dataclass(slots=True)
class _Line:
    """Rows that are told in one line: one act that moved several legs, or what one leg told with other messages at once."""

    rows: list[Timeline]
    said: str
    note: str
    words: str
    legs: list[str] = field(default_factory=list)

    def takes(self, other: "_Line") -> bool:
        """Whether ``other``, the one beside it, tells the same of another leg, or of the same what went with another message."""
        mine, theirs = self.rows[0], other.rows[0]
        if mine.code != theirs.code or is_bad(mine.code) or self.words or other.words or self.note != other.note:
            return False
        if not (self.legs and other.legs) or school_time(mine.at) != school_time(theirs.at):
            return False
        if mine.code == _FOLDED:
            return self.legs == other.legs
        return self.said == other.said and not set(self.legs) & set(other.legs)

    def take(self, other: "_Line") -> None:
        self.rows += other.rows
        self.legs += [name for name in other.legs if name not in self.legs]

    def told(self) -> Happened:
        row = self.rows[0]
        said = _folded(self.rows) if row.code == _FOLDED else self.said
        title = f"{_(', ').join(reversed(self.legs))} · {said}" if self.legs else said
        return Happened(row.at, "bad" if is_bad(row.code) else "done", title, self.note, self.words)


def happened(found: Read, rows: Sequence[Timeline]) -> list[Happened]:
    """``rows``, the newest first, in lines. Nothing is left out: whom a line names is all that its rows name."""
    lines: list[_Line] = []
    for line in _lines(found, rows):
        if lines and lines[-1].takes(line):
            lines[-1].take(line)
        else:
            lines.append(line)
    return [line.told() for line in lines]


def _lines(found: Read, rows: Sequence[Timeline]) -> Iterable[_Line]:
    one = found.incident
    kinds = {leg.pk: str(LEG_TEXTS[LegKind(leg.kind)]) for leg in found.legs.values()}
    key = one.key if any(row.words_sealed for row in rows) else None
    for row in rows:
        who = row.by_name or ""  # type: ignore[attr-defined]
        if not who and row.who and row.who != "engine":
            who = role_text(row.who)
        words = (
            own_key.read_words(
                key, cast(UUID, one.tenant_id), Timeline._meta.db_table, row.pk, "words_sealed", row.words_sealed
            )
            if row.words_sealed
            else ""
        )
        note = _(", ").join(part for part in (who, empty_text(row.facts)) if part)
        legs = [kinds[row.leg_id]] if row.leg_id in kinds else []
        yield _Line([row], happened_text(row.code, row.facts), note, words, legs)


def _folded(rows: Sequence[Timeline]) -> str:
    """By which channels, and whom, each once, the oldest first."""
    ways, people = zip(*(happened_details(row.code, row.facts) for row in reversed(rows)), strict=True)
    return said_with(rows[0].code, [*dict.fromkeys(ways), *dict.fromkeys(people)])


def empty_text(facts: Mapping[str, Any]) -> str:
    """Which steps reached nobody; ``""`` where none was passed over."""
    roles = [role_text(str(role)) for role in facts.get("empty", ())]
    return _("Reached nobody, passed over: %(roles)s") % {"roles": _(", ").join(roles)} if roles else ""


def is_bad(code: str) -> bool:
    """Whether a row of the timeline tells that nobody came."""
    return code in _BAD
