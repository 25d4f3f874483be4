"""An exchange with somebody outside that never takes longer than it may, and what is known of it when it is lost.

Who waits leaves at the deadline, whatever the other side does. What matters then is whether a word of the message was said:
what was never said cannot have arrived, so another way is taken at once; what was said may have, though nobody answered.
"""

import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import Final

from urllib3.exceptions import NameResolutionError, NewConnectionError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswerInTime

_KEPT_THREADS: Final = 64
_BUSY: Final = "provider line"
_FREE: Final = "provider line, free"


class Loss(StrEnum):
    """How an exchange ended without an answer. What each means stands in ``ports``: the first five before a word of the
    message was said, the others afterwards.
    """

    NO_NAME = "no_name"
    """The name leads nowhere."""
    REFUSED = "refused"
    """Nobody takes a connection there, or the way there is closed."""
    NOT_PROVEN = "not_proven"
    """No encryption, or the other end could not prove who it is."""
    NOT_IN_TIME = "not_in_time"
    """No connection on which it could be said, before the time was over."""
    NO_TOKEN = "no_token"  # noqa: S105  how it ended, no secret
    """The provider was asked for leave to say it, and gave none."""
    CUT = "cut"
    """The connection ended after something was said."""
    LATE = "late"
    """It was said, and nothing was heard in time."""
    UNREADABLE = "unreadable"
    """What was heard is no answer."""


class LineFailed(Exception):
    """No answer that could be used. Holds neither address nor text."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.value)
        self.loss = loss


class Deadline:
    """So many seconds from now on, by the process's own steady clock, shared by all that one send has to do."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that remain, asked before something is said. LineFailed ``not_in_time`` when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise LineFailed(Loss.NOT_IN_TIME)
        return left

    @property
    def is_over(self) -> bool:
        """Whether none remain."""
        return time.monotonic() >= self._ends


class Hold:
    """What can be cut while another thread waits on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False
        self.is_said = False

    def take(self, handle: socket.socket) -> None:
        """Wait on ``handle`` from now on; it is cut at once when the time is over already."""
        with self._lock:
            self._handle = handle
            if self._is_cut:
                _shut(handle)

    def say(self) -> None:
        """From now on a word of the message may have left. LineFailed ``not_in_time`` when it is cut already."""
        with self._lock:
            if self._is_cut:
                raise LineFailed(Loss.NOT_IN_TIME)
            self.is_said = True

    def cut(self) -> bool:
        """End whatever is waited on, now or later. Whether a word had been said; if not, none ever will be."""
        with self._lock:
            self._is_cut = True
            if self._handle is not None:
                _shut(self._handle)
            return self.is_said


def _shut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:  # closed by the other side, or never open
        return


_mine = threading.local()


class _Threads:
    """Threads for exchanges. One that has ended its exchange waits for the next; one that hangs is missed by nobody, for
    where none waits another begins.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[queue.SimpleQueue[Callable[[], None]]] = []

        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A child has none of its parent's threads, and nobody who would give the lock back."""
        self._lock, self._free = threading.Lock(), []

    def run(self, work: Callable[[], None]) -> None:
        """In a thread of its own, now. ``work`` never raises."""
        with self._lock:
            mine = self._free.pop() if self._free else None
        if mine is None:
            threading.Thread(target=self._live, args=(work,), name=_BUSY, daemon=True).start()
        else:
            mine.put(work)

    def _live(self, work: Callable[[], None]) -> None:
        mine: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        thread = threading.current_thread()
        while True:
            work()
            thread.name = _FREE
            with self._lock:
                if len(self._free) >= _KEPT_THREADS:
                    return
                self._free.append(mine)
            work = mine.get()
            thread.name = _BUSY


_threads: Final = _Threads()


def within[T](deadline: Deadline, act: Callable[[], T]) -> T:
    """What ``act`` gives, if it does so before the deadline. Else LineFailed ``late``, or ``not_in_time`` where
    nothing was said by then, and what ``act`` waits on is cut.
    """
    left = deadline.left
    done: Future[T] = Future()
    hold = Hold()

    def run() -> None:
        _mine.hold = hold
        try:
            done.set_result(act())
        except Exception as error:  # noqa: BLE001  what the caller would have seen, whatever it is
            done.set_exception(error)

    _threads.run(run)
    try:
        return done.result(timeout=left)
    except TimeoutError:
        if done.done():
            raise
        raise LineFailed(Loss.LATE if hold.cut() else Loss.NOT_IN_TIME) from None


def hold_on(handle: socket.socket) -> None:
    """Let this thread's exchange be cut at ``handle``: a second handle of the socket, which survives its encryption."""
    hold: Hold | None = getattr(_mine, "hold", None)
    if hold is not None:
        hold.take(handle)


def say() -> None:
    """This thread's exchange says the first word of its message now."""
    hold: Hold | None = getattr(_mine, "hold", None)
    if hold is not None:
        hold.say()


def loss_of(error: Exception, deadline: Deadline) -> Loss:
    """How this thread's exchange was lost by ``error``. A socket's own clock may run out a moment before whoever waits looks."""
    hold: Hold | None = getattr(_mine, "hold", None)
    is_late = deadline.is_over or (
        isinstance(error, TimeoutError | NoAnswerInTime) and not isinstance(error, NewConnectionError)
    )
    if hold is not None and hold.is_said:
        return Loss.LATE if is_late else Loss.CUT
    while isinstance(error, ProxyError):
        error = error.original_error
    if isinstance(error, NameResolutionError | socket.gaierror):
        return Loss.NO_NAME
    if is_late:
        return Loss.NOT_IN_TIME
    return Loss.NOT_PROVEN if isinstance(error, SSLError | ssl.SSLError) else Loss.REFUSED
