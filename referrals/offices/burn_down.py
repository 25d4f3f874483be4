"""How a pool's money goes: month by month what is left, a forecast, and a picture of both made here (books §1). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH, _HEIGHT, _EDGE = 640, 220, 10
LOOKED_BACK: Final = 3
"""Whole months from which the forecast is made."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month's end: what was granted net of returns, and what of it is not spent or reserved, fen.

    ``is_forecast``: it has not come yet; the money goes on going as in the last ``LOOKED_BACK`` months.
    """

    number: int
    granted_fen: int
    left_fen: int
    is_forecast: bool = False


def months_of(granted: Mapping[int, int], used: Mapping[int, int], last: int) -> list[Month]:
    """The twelve months of a year. ``granted`` and ``used``: month → what was added, net, in fen; ``last``: the running month.

    What is left is never forecast below zero. ValueError for a month outside 1–12.
    """
    if not 1 <= last <= 12:
        raise ValueError("a month is 1 to 12")
    found, total, gone = [], 0, 0
    for month in range(1, last + 1):
        total += granted.get(month, 0)
        gone += used.get(month, 0)
        found.append(Month(month, total, total - gone))
    looked = [used.get(month, 0) for month in range(max(1, last - LOOKED_BACK + 1), last + 1)]
    pace = max(sum(looked), 0) // len(looked)
    left = found[-1].left_fen
    for month in range(last + 1, 13):
        left = max(left - pace, 0)
        found.append(Month(month, total, left, is_forecast=True))
    return found


def runs_out(months: Sequence[Month]) -> int | None:
    """The first month to come at whose end nothing is left, if the money goes on so; None when it lasts."""
    return next((month.number for month in months if month.is_forecast and month.left_fen == 0), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """Points of two lines (``x,y x,y``) in a box of ``width`` × ``height``: what was left, and from there the forecast."""

    width: int
    height: int
    known: str
    forecast: str


def picture_of(months: Sequence[Month]) -> Picture:
    """The lines of the picture; the top is the most that ever stood there."""
    most = max([1, *(month.left_fen for month in months), *(month.granted_fen for month in months)])

    def point(month: Month) -> str:
        across = _EDGE + (_WIDTH - 2 * _EDGE) * (month.number - 1) // 11
        down = _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * max(month.left_fen, 0) // most
        return f"{across},{down}"

    known = [month for month in months if not month.is_forecast]
    ahead = [month for month in months if month.is_forecast]
    return Picture(
        _WIDTH, _HEIGHT, " ".join(map(point, known)), " ".join(map(point, [*known[-1:], *ahead])) if ahead else ""
    )
