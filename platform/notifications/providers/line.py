"""A kept-alive line to one provider that never takes longer than it may, whatever the other side does.

A timeout of a socket counts from byte to byte: a server that drips one a second holds its caller for ever, and looking up
a name is bounded by nothing. So each exchange runs in a thread of its own, its caller leaves at the deadline, and the
connection is cut, so that the thread ends too.
"""

import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
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
from urllib3.util import parse_url

from notifications.providers.exchanges import Deadline, LineFailed, Loss, hold_on, loss_of, say, within

MOST_BYTES: Final = 65_536
"""More than any answer of a provider that says how one message went."""
_PART: Final = 8_192
_KEPT: Final = 64
"""Connections to one address: what all channels may have under way there at once, else each page beyond opens one anew."""


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


class _Watched:
    """A connection whose exchange can be cut: it keeps a second handle on its socket, which survives the encryption."""

    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._handle = opened.dup()
        hold_on(self._handle)
        return opened

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Opened first: what goes wrong until then was said to nobody."""
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()  # type: ignore[attr-defined]
        if self._handle is not None:
            hold_on(self._handle)
        say()
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
                raise LineFailed(Loss.REFUSED)
            return opened
        except (OSError, ValueError, HTTPError) as error:
            raise LineFailed(loss_of(error, deadline)) from None
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
            raise LineFailed(loss_of(error, deadline)) from None

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
