"""Changes of duties as people read them: which duties, which days, how far it is. Nothing of an incident."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from referrals.emergency.duties import is_arranged, is_received, state_of
from referrals.emergency.incident_texts import duties_text
from referrals.emergency.models import DutyChange
from referrals.emergency.rules.duties import DutyState
from ui.states import Sign, sign_of


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One change. ``is_received`` and ``is_arranged``: which of the two buttons is still to be pressed."""

    change: DutyChange
    name: str
    duties: str
    sign: Sign
    is_received: bool
    is_arranged: bool
    is_running: bool
    is_ended_early: bool


def shown_changes(rows: Iterable[DutyChange], day: date) -> list[ShownChange]:
    """On ``day`` of the school. The person's name is theirs who may read it: the caller chose the rows."""
    return [_shown(row, day) for row in rows]


def _shown(row: DutyChange, day: date) -> ShownChange:
    state = state_of(row, day)
    return ShownChange(
        row,
        row.person.name,
        duties_text(row.duties, row.share),
        sign_of(state, "duties"),
        is_received(row),
        is_arranged(row),
        state is not DutyState.OVER,
        row.ended_at is not None,
    )
