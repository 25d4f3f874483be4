"""Processes that are kept alive: started in order, started again when they die, stopped in reverse."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from places import ROOT

#: Seconds before the next start of a process that keeps dying: doubled each time up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: Seconds alive after which a process counts as well again.
SETTLED = 60.0

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Process:
    """One program with its log; in a session of its own, so that Ctrl-C reaches only the launcher.

    It is told to stop when the launcher dies without a word (kill -9), so nothing is left behind.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path = ROOT
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 25.0  # seconds to stop by itself before it is killed
    options: Mapping[str, object] = field(default_factory=dict)
    #: Others stand on it (database, broker): it stops after all of them.
    foundation: bool = False
    #: Waits after a death before the next start; asked for by the keeper.
    pause: float = FIRST_PAUSE
    started_at: float = 0.0
    due_at: float = 0.0
    _child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid if self._child and self.running() else None

    def start(self) -> None:
        """Start it; its output is added to the log."""
        stop_signal, parent = int(self.stop_signal), os.getpid()

        def follow_parent() -> None:
            _libc.prctl(_PR_SET_PDEATHSIG, stop_signal)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

        with self.log.open("ab") as log:
            self._child = subprocess.Popen(  # type: ignore[call-overload]
                list(self.command),
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=follow_parent,
                **self.options,
            )
        self.started_at = time.monotonic()

    def running(self) -> bool:
        """Whether it is alive."""
        return self._child is not None and self._child.poll() is None

    def exit_status(self) -> int | None:
        """How the last run ended."""
        return self._child.poll() if self._child else None

    def ask_to_stop(self) -> None:
        """Send the stop signal and return."""
        if self._child and self.running():
            self._child.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Stop it and what it started; kill after `patience` seconds."""
        if self._child is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(self.patience)
        # Its session ends with it: a worker's children that outlived the worker go too.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()


class Keeper:
    """Keeps a list of processes alive; `changed` is called whenever a process id is new."""

    def __init__(self, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.processes: list[Process] = []
        self._changed = changed
        self._say = say

    def adopt(self, process: Process) -> None:
        """Look after a process, starting it if it does not run yet."""
        self.processes.append(process)
        if not process.running():
            process.start()
        self._changed()

    def pids(self) -> dict[str, int]:
        """Name → process id of all that run now."""
        return {process.name: process.pid for process in self.processes if process.pid is not None}

    def tend(self) -> None:
        """One look at everything: start again what has died and whose pause is over."""
        now = time.monotonic()
        for process in self.processes:
            if process.running():
                if now - process.started_at > SETTLED:
                    process.pause = FIRST_PAUSE
                continue
            if not process.due_at:
                process.due_at = now + process.pause
                process.pause = min(process.pause * 2, LONGEST_PAUSE)
                self._say(
                    f"{process.name} 已停止(状态 {process.exit_status()}),即将重新启动;日志 {process.log} / "
                    f"{process.name} ended, starting it again; log {process.log}"
                )
                self._changed()
            elif now >= process.due_at:
                process.due_at = 0.0
                process.start()
                self._changed()

    def stop(self) -> None:
        """Stop everything: first all that stand on the foundations, side by side, then those, last started first."""
        above = [process for process in reversed(self.processes) if not process.foundation]
        for process in above:
            process.ask_to_stop()
        for process in [*above, *(p for p in reversed(self.processes) if p.foundation)]:
            process.stop()
