"""How long each party of an incident waited until somebody had it, read from what happened (requirement 14.11). Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

_CALLED: Final = frozenset({"leg.step_due", "leg.start", "leg.start_due"})
_TAKEN: Final = frozenset({"leg.acknowledge", "leg.take", "leg.engage"})


class Wait(NamedTuple):
    """From the first call to the first answer, in whole minutes; None: called, and nobody ever had it."""

    kind: str
    minutes: int | None


def waits(happened: Iterable[tuple[str, str, datetime]]) -> list[Wait]:
    """Of ``(kind of the leg, code, when)``, the earliest first; by the order in which legs were called."""
    called: dict[str, datetime] = {}
    taken: dict[str, datetime] = {}
    for kind, code, at in happened:
        if code in _CALLED:
            called.setdefault(kind, at)
        elif code in _TAKEN and kind in called:
            taken.setdefault(kind, at)
    return [Wait(kind, _minutes(at, taken, kind)) for kind, at in called.items()]


def _minutes(at: datetime, taken: Mapping[str, datetime], kind: str) -> int | None:
    return None if kind not in taken else int((taken[kind] - at).total_seconds() // 60)
