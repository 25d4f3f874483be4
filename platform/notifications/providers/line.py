"""A kept-alive line to one provider that never takes longer than it may, whatever the other side does.

A timeout of a socket counts from byte to byte: a server that drips one a second holds its caller for ever, and looking up
a name is bounded by nothing. So each exchange runs in a thread of its own, its caller leaves at the deadline, and the
connection is cut, so that the thread ends too.
"""

import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

MOST_BYTES: Final = 65_536
"""More than any answer of a provider that says how one message went."""
_PART: Final = 8_192
_KEPT: Final = 16


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

    threading.Thread(target=run, name="provider line", daemon=True).start()
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


_POOLS: Final = {"http": _PlainPool, "https": _SealedPool}


class _Adapter(HTTPAdapter):
    """Connections that can be cut, straight and through a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


@cache
def authorities() -> str | bool:
    """Where this machine keeps whom it trusts, a school's own authority among them; else those of the package."""
    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and any(Path(paths.capath).iterdir()) else None
    return paths.cafile or folder or True


def is_loopback(address: str) -> bool:
    """Whether a web address leads to this very machine. False for one that cannot be read."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Line:
    """A session to one address, for any number of threads. No cookie, no redirect, no proxy but the one given, no ``netrc``."""

    def __init__(self, base: str, proxy: str = "") -> None:
        self.base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = authorities()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers = {"Accept-Encoding": "identity", "User-Agent": "xinqiao"}
        adapter = _Adapter(pool_maxsize=_KEPT, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}

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

    def _exchange(
        self, method: str, path: str, deadline: Deadline, headers: Mapping[str, str], body: bytes, most: int
    ) -> Answer:
        try:
            with self._session.request(
                method,
                self.base + path,
                headers=dict(headers),
                data=body,
                timeout=deadline.left,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return Answer(answer.status_code, self._read(answer, most))
        except (
            OSError,
            ValueError,
            HTTPError,
        ) as error:  # requests' errors are OSErrors, urllib3's are of their own kind
            # The socket's own clock may run out a moment before whoever waits for it looks.
            is_late = deadline.is_over or isinstance(error, requests.Timeout)
            raise LineFailed(Loss.LATE if is_late else Loss.DOWN) from None

    def _read(self, answer: requests.Response, most: int) -> bytes:
        """The body as it came. What is read to its end leaves the connection to the next message."""
        if not most:
            if answer.status_code == HTTPStatus.NO_CONTENT or answer.headers.get("Content-Length") == "0":
                answer.raw.read(_PART)
            return b""
        read = bytearray()
        while part := answer.raw.read(_PART, decode_content=False):
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
