"""The circuits of provider accounts in this process: who hangs or fails is left alone for a while (chain §5).

Each process keeps its own. A sender that has to ask a table whether it may ask a provider has one thing more that can hang;
and what one process learns within seconds costs the others the same few seconds, once. For people to see, each writes
what stands open into its sign of life (``EngineProcess.circuits``).
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from notifications.providers.circuit import Circuit, CircuitState, Limits


class Circuits:
    """By account. ``count`` is a steady clock in seconds, handed in by tests."""

    def __init__(self, count: Callable[[], float] = time.monotonic, limits: Limits | None = None) -> None:
        self.count = count
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._kept: dict[str, Circuit] = {}

    def _of(self, key: str) -> Circuit:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = Circuit(self.limits)
            return found

    def may(self, key: str) -> bool:
        """Whether the account may be asked now; a yes may be the one trial, so say how it went."""
        return self._of(key).may(self.count())

    def is_open(self, key: str) -> bool:
        """Whether it is left alone now."""
        return self._of(key).state(self.count()) is CircuitState.OPEN

    def tell(self, key: str, *, is_well: bool) -> None:
        """How a call went, as far as it speaks of the provider."""
        circuit = self._of(key)
        (circuit.succeeded if is_well else circuit.failed)(self.count())

    def standing(self) -> Mapping[str, str]:
        """The accounts that are not simply closed: key → state."""
        with self._lock:
            kept = dict(self._kept)
        states = {key: circuit.state(self.count()) for key, circuit in kept.items()}
        return {key: state.value for key, state in states.items() if state is not CircuitState.CLOSED}

    def forget(self) -> None:
        """All are closed again: for tests."""
        with self._lock:
            self._kept.clear()


circuits: Final = Circuits()
"""Those of this process."""
