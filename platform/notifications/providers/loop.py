"""Many exchanges on kept connections at once, in one thread that waits for none of them (ADR 0045).

A thread for each exchange is handed over to and back for every message, and that costs more than the message. Here one thread
writes what it has to say and reads whatever has come, on however many connections. What can take its time before a word is
said (a name, a connection, its encryption) is done in threads, once for each connection.

The status of an answer is all that is waited for. What is still to come of it is read beside, and the connection is kept for
the next message as soon as its answer has come whole (``answer_ends``): many servers write head and body in two packets.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from ssl import SSLError, SSLWantReadError, SSLWantWriteError
from typing import Final

from notifications.providers.answer_ends import Ending, NoAnswer
from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import MOST_BYTES, Answer, Line

_PART: Final = 8_192
_REST_SECONDS: Final = 50.0
"""A connection that nobody used for so long is opened anew: what stands between two machines forgets it without a word."""
_NOT_YET: Final = (BlockingIOError, SSLWantReadError, SSLWantWriteError)

Heard = Callable[[Answer | LineFailed], None]


@dataclass(frozen=True, slots=True)
class Post:
    """One message as it is said on a connection of ``line``: all its bytes."""

    line: Line
    text: bytes = field(repr=False)


def post_to(line: Line, headers: Mapping[str, str], body: bytes) -> Post:
    """What is said to the very address of ``line``. ValueError for a header that would be more than one."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("a header holds one line")
    head = line.head + lines.encode("latin-1")
    return Post(line, b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))


class _Exchange:
    """One message, until when its answer is waited for, and who hears it."""

    __slots__ = ("ends", "heard", "is_said", "line", "rest")

    def __init__(self, post: Post, seconds: float, heard: Heard) -> None:
        self.line, self.rest, self.heard = post.line, post.text, heard
        self.ends = time.monotonic() + seconds
        self.is_said = False

    @property
    def late(self) -> LineFailed:
        """How it is lost when its time is over."""
        return LineFailed(Loss.LATE if self.is_said else Loss.NOT_IN_TIME)


class _Kept:
    """An open connection and what goes on there; nothing since ``since``. ``ending``: the answer of which more is to come, of
    which ``came`` bytes are here, and which is waited for until ``ends``.
    """

    __slots__ = ("came", "ending", "ends", "exchange", "is_writing", "line", "since", "socket")

    def __init__(self, line: Line, opened: socket.socket) -> None:
        self.line, self.socket = line, opened
        self.exchange: _Exchange | None = None
        self.is_writing = False
        self.since = time.monotonic()
        self.ending, self.came, self.ends = Ending(), 0, 0.0

    def read(self) -> bool:
        """Whether something new has come of the answer. OSError, NoAnswer; EOFError when the other side has closed."""
        try:
            part = self.socket.recv(_PART)
        except _NOT_YET:
            return False
        if not part:
            raise EOFError
        self.came += len(part)
        self.ending.feed(part)
        return True

    @property
    def is_alive(self) -> bool:
        """Whether it can be used again: neither left for long, nor closed, nor with a word on it that nobody asked for."""
        if time.monotonic() - self.since > _REST_SECONDS:
            return False
        try:
            self.socket.recv(1)
        except _NOT_YET:
            return True
        except OSError:
            return False
        return False


class Loop:
    """For one thread. ``pool`` opens connections; without one they are opened by the caller, who waits for each."""

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool
        self._idle: dict[Line, list[_Kept]] = {}
        self._ending: list[_Kept] = []
        self._under_way: dict[_Exchange, _Kept | None] = {}
        self._opened: deque[tuple[_Exchange, socket.socket | LineFailed]] = deque()
        self._selector: selectors.BaseSelector | None = None
        self._bell: tuple[socket.socket, socket.socket] | None = None

    def __len__(self) -> int:
        return len(self._under_way)

    def ask(self, post: Post, seconds: float, heard: Heard) -> None:
        """Say ``post``; within ``seconds`` and a turn ``heard`` is told the status, or how it was lost. Waits for nothing."""
        exchange = _Exchange(post, seconds, heard)
        self._under_way[exchange] = None
        self._read_rests()
        idle = self._idle.get(post.line, [])
        while idle:
            kept = idle.pop()
            if kept.is_alive:
                self._say(kept, exchange)
                return
            self._drop(kept)
        if self._pool is None:
            self._opened.append((exchange, _open(post.line, seconds)))
        else:
            self.watch()  # before another thread rings
            self._pool.submit(self._open, exchange, seconds)

    def turn(self, seconds: float) -> None:
        """Go on with whatever can go on; ``seconds`` are waited for that, no more. What has come is read before it is late."""
        ends = [exchange.ends for exchange in self._under_way]
        wait = 0.0 if self._opened else max(0.0, min([seconds, *(end - time.monotonic() for end in ends)]))
        for key, _mask in self._watching().select(wait):
            kept: _Kept | None = key.data
            if kept is None:
                self._hear_the_bell()
            elif kept.socket.fileno() < 0:
                continue  # given back while others of this turn were heard
            elif kept in self._ending:
                self._read_rest(kept)
            elif kept.exchange is None:
                self._idle[kept.line].remove(kept)
                self._drop(kept)
            else:
                self._go_on(kept, kept.exchange)
        while self._opened:
            self._begin(*self._opened.popleft())
        now = time.monotonic()
        for exchange in [one for one in self._under_way if one.ends <= now]:
            self._end(exchange, exchange.late)
        self._give_up(now)

    def ring(self) -> None:
        """From any thread: the turn that waits ends now."""
        bell = self._bell
        if bell is not None:
            with suppress(OSError):  # rung so often already that it is heard, or nobody listens any more
                bell[1].send(b"\0")

    def close(self) -> None:
        """Give every connection back. What is under way is lost, without a word to anybody."""
        resting = [*self._ending, *(kept for idle in self._idle.values() for kept in idle)]
        for kept in [*self._under_way.values(), *resting]:
            if kept is not None:
                self._drop(kept)
        self._under_way.clear()
        self._idle.clear()
        self._ending.clear()
        if self._selector is not None:
            self._selector.close()
            self._selector = None
        for end in self._bell or ():
            end.close()
        self._bell = None

    def watch(self) -> None:
        """From now on it hears when another thread rings."""
        self._watching()

    def _watching(self) -> selectors.BaseSelector:
        """Made when it is first needed: by the process that uses it."""
        if self._selector is None:
            self._selector, self._bell = selectors.DefaultSelector(), socket.socketpair()
            for end in self._bell:
                end.setblocking(False)
            self._selector.register(self._bell[0], selectors.EVENT_READ, None)
        return self._selector

    def _hear_the_bell(self) -> None:
        if self._bell is not None:
            with suppress(BlockingIOError):
                while self._bell[0].recv(_PART):
                    pass

    def _open(self, exchange: _Exchange, seconds: float) -> None:
        self._opened.append((exchange, _open(exchange.line, min(seconds, exchange.ends - time.monotonic()))))
        self.ring()

    def _begin(self, exchange: _Exchange, opened: socket.socket | LineFailed) -> None:
        """On a new connection. One that came after its message was given up waits for the next."""
        is_awaited = exchange in self._under_way
        if isinstance(opened, LineFailed):
            if is_awaited:
                self._end(exchange, opened)
            return
        opened.setblocking(False)
        kept = _Kept(exchange.line, opened)
        self._watching().register(opened, selectors.EVENT_READ, kept)
        if is_awaited:
            self._say(kept, exchange)
        else:
            self._idle.setdefault(kept.line, []).append(kept)

    def _say(self, kept: _Kept, exchange: _Exchange) -> None:
        kept.exchange, self._under_way[exchange] = exchange, kept
        kept.ending, kept.came, kept.ends = Ending(), 0, exchange.ends
        self._go_on(kept, exchange)

    def _go_on(self, kept: _Kept, exchange: _Exchange) -> None:
        try:
            if exchange.rest:
                self._write(kept, exchange)
            status = self._read(kept)
        except LineFailed as failed:
            self._end(exchange, failed)
        except NoAnswer:
            self._end(exchange, LineFailed(Loss.UNREADABLE))
        except (OSError, SSLError, EOFError):
            self._end(exchange, LineFailed(Loss.CUT))
        else:
            if status is not None:
                self._end(exchange, Answer(status))

    def _write(self, kept: _Kept, exchange: _Exchange) -> None:
        """Nothing more is said once it is late: whoever hears half of it takes nothing."""
        if exchange.ends <= time.monotonic():
            raise exchange.late
        exchange.is_said = True
        with suppress(*_NOT_YET):
            while exchange.rest:
                exchange.rest = exchange.rest[kept.socket.send(exchange.rest) :]
        if kept.is_writing is not bool(exchange.rest):
            kept.is_writing = not kept.is_writing
            wanted = selectors.EVENT_READ | selectors.EVENT_WRITE if kept.is_writing else selectors.EVENT_READ
            self._watching().modify(kept.socket, wanted, kept)

    @staticmethod
    def _read(kept: _Kept) -> int | None:
        """The status, once its head is whole. NoAnswer for what is none; EOFError for an end before it."""
        while kept.ending.status is None:
            if not kept.read():
                return None
            if kept.came > MOST_BYTES:
                raise NoAnswer
        return kept.ending.status

    def _end(self, exchange: _Exchange, how: Answer | LineFailed) -> None:
        kept = self._under_way.pop(exchange)
        if kept is not None:
            kept.exchange = None
            if isinstance(how, Answer) and not exchange.rest:
                self._ending.append(kept)
                self._read_rest(kept)
            else:
                self._drop(kept)
        exchange.heard(how)

    def _read_rests(self) -> None:
        """Of what is still to come everywhere, whatever has come; one of which nothing comes is not waited for for ever."""
        for kept in list(self._ending):
            self._read_rest(kept)
        self._give_up(time.monotonic())

    def _read_rest(self, kept: _Kept) -> None:
        """Of an answer whose status was heard already. Whole: its connection waits for the next message."""
        try:
            while kept.ending.is_kept and not kept.ending.is_whole and kept.came <= MOST_BYTES:
                if not kept.read():
                    return
        except (OSError, SSLError, EOFError):
            kept.ending.is_kept = False
        self._ending.remove(kept)
        if kept.ending.is_kept and kept.ending.is_whole:
            kept.since = time.monotonic()
            self._idle.setdefault(kept.line, []).append(kept)
        else:
            self._drop(kept)

    def _give_up(self, now: float) -> None:
        for kept in [one for one in self._ending if one.ends <= now]:
            self._ending.remove(kept)
            self._drop(kept)

    def _drop(self, kept: _Kept) -> None:
        with suppress(KeyError):
            self._watching().unregister(kept.socket)
        kept.socket.close()


def _open(line: Line, seconds: float) -> socket.socket | LineFailed:
    try:
        return line.open(Deadline(seconds))
    except LineFailed as failed:
        return failed
