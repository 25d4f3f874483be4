"""When a provider account is left alone for a while: pure, the clock is handed in.

``closed`` → ``open`` after so many failures within a window → ``half_open`` after a rest: one trial → ``closed`` or ``open``.
A trial of which nothing is heard counts for nothing after its own time, so that a lost thread never keeps a provider shut.
Each process keeps its own; nobody else has to know (chain §5: an open circuit means the next channel at once).
"""

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class CircuitState(StrEnum):
    """``half_open``: the next call is the trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Limits:
    """``failures`` within ``window`` seconds open it for ``rest`` seconds; a trial is given up after ``trial`` seconds."""

    failures: int = 5
    window: float = 60.0
    rest: float = 30.0
    trial: float = 15.0


class Circuit:
    """Of one provider account. ``at`` is seconds of one steady clock; it never goes back. For any number of threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._failures: deque[float] = deque()
        self._opened: float | None = None
        self._trial: float | None = None

    def state(self, at: float) -> CircuitState:
        """How it stands."""
        with self._lock:
            return self._state(at)

    def may(self, at: float) -> bool:
        """Whether a call may be made now. Yes in ``half_open`` makes this call the trial: say how it went."""
        with self._lock:
            state = self._state(at)
            if state is CircuitState.CLOSED:
                return True
            if state is CircuitState.OPEN or self._is_tried(at):
                return False
            self._trial = at
            return True

    def succeeded(self, at: float) -> None:
        """A call was answered as it should be: also by one that began before it opened."""
        with self._lock:
            if self._state(at) is CircuitState.OPEN:
                return  # a late good word of a call made before does not shorten the rest
            self._failures.clear()
            self._opened = self._trial = None

    def failed(self, at: float) -> None:
        """A call failed in a way that speaks of the provider (``Failed.is_of_provider``)."""
        with self._lock:
            state = self._state(at)
            if state is CircuitState.OPEN:
                return
            if state is CircuitState.HALF_OPEN:
                self._open(at)
                return
            self._failures.append(at)
            while self._failures and at - self._failures[0] > self._limits.window:
                self._failures.popleft()
            if len(self._failures) >= self._limits.failures:
                self._open(at)

    def _open(self, at: float) -> None:
        self._opened, self._trial = at, None
        self._failures.clear()

    def _is_tried(self, at: float) -> bool:
        return self._trial is not None and at - self._trial < self._limits.trial

    def _state(self, at: float) -> CircuitState:
        if self._opened is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if at - self._opened < self._limits.rest else CircuitState.HALF_OPEN
