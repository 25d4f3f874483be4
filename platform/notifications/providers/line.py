"""A kept-alive line to one provider that never takes longer than it may, whatever the other side does.

A timeout of a socket counts from byte to byte: a server that drips one a second holds its caller for ever, and looking up
a name is bounded by nothing. So each exchange runs in a thread of its own, its caller leaves at the deadline, and the
connection is cut, so that the thread ends too.
"""

import ipaddress
import json
import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import certifi
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import TimeoutError as NoAnswerInTime
from urllib3.util import parse_url

MOST_BYTES: Final = 65_536
"""More than any answer of a provider that says how one message went."""
_PART: Final = 8_192
_KEPT: Final = 64
"""Connections to one address: what all channels may have under way there at once, else each page beyond opens one anew."""
_KEPT_THREADS: Final = 64
_BUSY: Final = "provider line"
_FREE: Final = "provider line, free"


class Loss(StrEnum):
    """How an exchange ended without an answer."""

    DOWN = "down"
    LATE = "late"
    UNREADABLE = "unreadable"


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
        """Seconds that remain. LineFailed when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise LineFailed(Loss.LATE)
        return left

    @property
    def is_over(self) -> bool:
        """Whether none remain."""
        return time.monotonic() >= self._ends


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body, at most ``MOST_BYTES`` of it; a redirect is an answer like any other and is not followed."""

    status: int
    body: bytes = field(default=b"", repr=False)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. LineFailed ``unreadable`` when it is none."""
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):  # also of bytes that are no text
            raise LineFailed(Loss.UNREADABLE) from None
        if not isinstance(read, dict):
            raise LineFailed(Loss.UNREADABLE)
        return read


class Hold:
    """What can be cut while another thread waits on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False

    def take(self, handle: socket.socket) -> None:
        """Wait on ``handle`` from now on; it is cut at once when the time is over already."""
        with self._lock:
            self._handle = handle
            if self._is_cut:
                _shut(handle)

    def cut(self) -> None:
        """End whatever is waited on, now or later."""
        with self._lock:
            self._is_cut = True
            if self._handle is not None:
                _shut(self._handle)


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
    """What ``act`` gives, if it does so before the deadline. Else LineFailed ``late``, and what ``act`` waits on is cut."""
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
        hold.cut()
        raise LineFailed(Loss.LATE) from None


def hold_on(handle: socket.socket) -> None:
    """Let this thread's exchange be cut at ``handle``: a second handle of the socket, which survives its encryption."""
    hold: Hold | None = getattr(_mine, "hold", None)
    if hold is not None:
        hold.take(handle)


class _Watched:
    """A connection whose exchange can be cut: it keeps a second handle on its socket, which survives the encryption."""

    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._handle = opened.dup()
        hold_on(self._handle)
        return opened

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self._handle is not None:
            hold_on(self._handle)
        super().request(*args, **kwargs)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _Plain(_Watched, HTTPConnection):
    pass


class _Sealed(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SealedPool(HTTPSConnectionPool):
    ConnectionCls = _Sealed


_PROVEN: Final[dict[str, Any]] = {"cert_reqs": "CERT_REQUIRED"}
_PORTS: Final = {"http": 80, "https": 443}
_POOLS: Final = {"http": _PlainPool, "https": _SealedPool}


@cache
def authorities() -> Mapping[str, str]:
    """Where this machine keeps whom it trusts, a school's own authority among them; else those of the package."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return {"ca_certs": paths.cafile}
    if paths.capath and any(Path(paths.capath).iterdir()):
        return {"ca_cert_dir": paths.capath}
    return {"ca_certs": certifi.where()}


@cache
def is_loopback(address: str) -> bool:
    """Whether a web address leads to this very machine. False for one that cannot be read."""
    with suppress(ValueError):
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False


def _auth_in(address: str) -> str:
    """Name and password in an address; ``""`` for none, and for what is no address: whoever asks there hears that it is down."""
    try:
        return unquote(parse_url(address).auth or "")
    except LocationParseError:
        return ""


class Line:
    """Kept connections to one address, for any number of threads. No cookie, no redirect, no proxy but the one given, no
    ``netrc``. What stands before an ``@`` in either address is sent as its name and password.
    """

    def __init__(self, base: str, proxy: str = "") -> None:
        self.base = base
        own = _auth_in(base)
        self._headers = {
            "Accept-Encoding": "identity",
            "User-Agent": "xinqiao",
            **(make_headers(basic_auth=own) if own else {}),
        }
        kept: dict[str, Any] = {"maxsize": _KEPT, **_PROVEN, **authorities()}
        if proxy:
            whose = _auth_in(proxy)
            asked = make_headers(proxy_basic_auth=whose) if whose else None
            self._pools: PoolManager = ProxyManager(proxy, proxy_headers=asked, **kept)
        else:
            self._pools = PoolManager(**kept)
        self._pools.pool_classes_by_scheme = _POOLS

    def call(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        most: int = MOST_BYTES,
    ) -> Answer:
        """One exchange. ``path`` is put behind the base as it is. LineFailed when there is no answer in time, or a longer
        one than ``most``; with ``most`` 0 nothing but the status is read.
        """
        return within(deadline, lambda: self._exchange(method, path, deadline, headers, body, most))

    @cached_property
    def head(self) -> bytes:
        """How each message to the very address begins that is said on a connection of ``open``; its own headers follow."""
        place = parse_url(self.base)
        port = f":{place.port}" if place.port and place.port != _PORTS.get(place.scheme or "") else ""
        lines = {"Host": f"{place.host}{port}", **self._headers}
        return f"POST {place.request_uri} HTTP/1.1\r\n{''.join(f'{n}: {v}\r\n' for n, v in lines.items())}".encode()

    def open(self, deadline: Deadline) -> socket.socket:
        """A connection of the caller's own, encrypted and its other end proven where the address says so. LineFailed when
        there is none in time. By no proxy.
        """
        return within(deadline, lambda: self._opened(deadline))

    def _opened(self, deadline: Deadline) -> socket.socket:
        connection: _Plain | _Sealed | None = None
        try:
            place, left = parse_url(self.base), deadline.left
            kind, trust = (_Sealed, {**_PROVEN, **authorities()}) if place.scheme == "https" else (_Plain, {})
            connection = kind((place.host or "").strip("[]"), place.port, timeout=left, **trust)
            connection.connect()
            opened, connection.sock = connection.sock, None
            if opened is None:
                raise LineFailed(Loss.DOWN)
            return opened
        except (OSError, ValueError, HTTPError) as error:
            is_late = deadline.is_over or isinstance(error, NoAnswerInTime)
            raise LineFailed(Loss.LATE if is_late else Loss.DOWN) from None
        finally:
            if connection is not None:
                connection.close()

    def _exchange(
        self, method: str, path: str, deadline: Deadline, headers: Mapping[str, str], body: bytes, most: int
    ) -> Answer:
        try:
            left = deadline.left
            answer = self._pools.request(
                method,
                self.base + path,
                headers={**self._headers, **headers},
                body=body or None,
                timeout=Timeout(connect=left, read=left),
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                return Answer(answer.status, self._read(answer, most))
            finally:
                answer.close()  # of one that was read to its end the connection has gone back already
        except (OSError, ValueError, HTTPError) as error:
            # The socket's own clock may run out a moment before whoever waits for it looks.
            is_late = deadline.is_over or isinstance(error, NoAnswerInTime)
            raise LineFailed(Loss.LATE if is_late else Loss.DOWN) from None

    def _read(self, answer: BaseHTTPResponse, most: int) -> bytes:
        """The body as it came. What is read to its end leaves the connection to the next message."""
        if not most:
            if answer.status == HTTPStatus.NO_CONTENT or answer.headers.get("Content-Length") == "0":
                answer.read(_PART)
            return b""
        read = bytearray()
        while part := answer.read(_PART, decode_content=False):
            read += part
            if len(read) > most:
                raise LineFailed(Loss.UNREADABLE)
        return bytes(read)


@cache
def line_to(base: str, proxy: str = "") -> Line:
    """The one line of this process to ``base``."""
    return Line(base, proxy)


def provider_line(service: str) -> Line:
    """The line to a service of ``PROVIDER_ADDRESSES``. ImproperlyConfigured unless it is sealed (https), or loopback where
    ``LOOPBACK_IS_OURS``: keys and numbers are never sent in clear.
    """
    base: str = settings.PROVIDER_ADDRESSES[service]
    if not base.startswith("https://") and not (settings.LOOPBACK_IS_OURS and is_loopback(base)):
        raise ImproperlyConfigured(f"PROVIDER_ADDRESSES[{service!r}] must begin with https://")
    return line_to(base.rstrip("/"))
