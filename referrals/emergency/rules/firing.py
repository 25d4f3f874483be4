"""Which step is next, when one turns out to be empty, and when nobody is left (chain §3, §9). Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from referrals.emergency.rules.grades import ROUNDS, Grade

OWN_AGAIN_FIRST: Final = 6
OWN_AGAIN_EVERY: Final = 12
"""Ticks of five minutes: an exhausted leg calls its own people again after 30 minutes, then every hour."""

DIALS_AGAIN: Final = timedelta(minutes=4)
"""After so long without an answer somebody is asked again to dial, where a life is in danger (chain §2)."""


class Step(Protocol):
    """What the order of steps looks at."""

    @property
    def position(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Fired[S: Step, T]:
    """What a due step leads to: ``step`` with whom it reaches, or nobody any more. ``empty`` were passed over."""

    round: int
    step: S | None
    targets: Sequence[T] = ()
    empty: Sequence[S] = field(default=())

    @property
    def is_spent(self) -> bool:
        """Nobody is left to be called: the leg is exhausted."""
        return self.step is None


def upcoming[S: Step](steps: Sequence[S], round: int, position: int) -> Iterator[tuple[int, S]]:
    """The steps after ``position`` of ``round``, then those of the rounds that are left, in order."""
    ordered = sorted(steps, key=lambda step: step.position)
    for step in ordered:
        if step.position > position:
            yield round, step
    for later in range(round + 1, ROUNDS + 1):
        for step in ordered:
            yield later, step


def fire[S: Step, T](steps: Sequence[S], round: int, position: int, resolve: Callable[[S], Sequence[T]]) -> Fired[S, T]:
    """The next step that reaches somebody. An empty one passes at once and is reported; a pass over all of them that
    reaches nobody ends it, so that empty steps are never gone round for ever.
    """
    empty: list[S] = []
    for number, step in upcoming(steps, max(round, 1), position):
        if targets := resolve(step):
            return Fired(number, step, targets, tuple(empty))
        empty.append(step)
        if len(empty) >= len(steps):
            break
    return Fired(max(round, 1), None, (), tuple(empty[: len(steps)]))


def beside[S: Step, T](
    steps: Sequence[S], round: int, position: int, resolve: Callable[[S], Sequence[T]]
) -> Fired[S, T] | None:
    """Who is called in the same moment as the step by hand at ``position``: the next step of this round that reaches somebody.

    What a person dials holds nobody up. None where nobody is left in the round: then the step by hand has its wait.
    """
    empty: list[S] = []
    for number, step in upcoming(steps, round, position):
        if number != round:
            break
        if targets := resolve(step):
            return Fired(number, step, targets, tuple(empty))
        empty.append(step)
    return None


def dials_again(grade: Grade, asked_at: datetime, moment: datetime) -> bool:
    """Whether somebody is asked once more to dial by hand: in an extreme incident, four minutes after the last time."""
    return grade is Grade.EXTREME and moment - asked_at >= DIALS_AGAIN


def calls_own_again(ticks: int) -> bool:
    """Whether an exhausted leg calls its own people once more at this tick (the first is 1)."""
    return ticks >= OWN_AGAIN_FIRST and (ticks - OWN_AGAIN_FIRST) % OWN_AGAIN_EVERY == 0
