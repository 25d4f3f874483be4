"""A real HTTP server on loopback that a stand-in of a provider is built on: it can hang, drip, fall over, and never deliver."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    address: SplitResult
    headers: Mapping[str, str]
    body: bytes
    line: tuple[str, int]
    """The connection it came by."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answering = Callable[[Call], tuple[int, Any]]


@dataclass
class StandIn:
    """``answering`` gives status and body (bytes as they are, anything else as JSON). ``fault``: hang, drip, drip_headers,
    500, html, empty, long, close; ``calls`` is what came in.
    """

    answering: Answering
    fault: str = ""
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> set[tuple[str, int]]:
        """By which connections calls came."""
        return {call.line for call in self.calls}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(
            self.command,
            urlsplit(self.path),
            {k.lower(): v for k, v in self.headers.items()},
            body,
            self.client_address,
        )
        self.stand_in.calls.append(call)
        with suppress(OSError):
            getattr(self, f"_{self.stand_in.fault or 'well'}")(call)

    do_GET = do_POST = _answer

    def _well(self, call: Call) -> None:
        status, body = self.stand_in.answering(call)
        self._say(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "session=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang(self, call: Call) -> None:
        self.stand_in.released.wait(20)
        self.close_connection = True

    def _drip(self, call: Call) -> None:
        """A byte each tenth of a second: no timeout between two bytes ever ends it."""
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b" ")
            self.wfile.flush()
            if self.stand_in.released.wait(0.1):
                break
        self.close_connection = True

    def _drip_headers(self, call: Call) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            if self.stand_in.released.wait(0.1):
                break
        self.close_connection = True

    def _500(self, call: Call) -> None:
        self._say(500, b"<html>Internal Server Error</html>")

    def _html(self, call: Call) -> None:
        self._say(200, b"<html>captive portal</html>")

    def _empty(self, call: Call) -> None:
        self._say(200, b"")

    def _list(self, call: Call) -> None:
        self._say(200, b"[1]")

    def _long(self, call: Call) -> None:
        self._say(200, b'{"a": "' + b"x" * 200_000 + b'"}')

    def _close(self, call: Call) -> None:
        self.close_connection = True

    def _moved(self, call: Call) -> None:
        self.send_response(302)
        self.send_header("Location", f"{self.stand_in.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


FAULTS = ("hang", "drip", "drip_headers", "500", "html", "empty", "list", "long", "close", "moved")


@contextmanager
def open_stand_in(answering: Answering) -> Iterator[StandIn]:
    """Open while the block runs."""
    stand_in = StandIn(answering)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": stand_in}))
    server.daemon_threads = True
    stand_in.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def threads_of_lines() -> int:
    """How many exchanges still run in this process."""
    return sum(thread.name == "provider line" for thread in threading.enumerate())


def no_exchange_is_left(seconds: float = 3.0) -> bool:
    """Whether all exchanges end by themselves, soon."""
    until = time.monotonic() + seconds
    while threads_of_lines() and time.monotonic() < until:
        time.sleep(0.02)
    return not threads_of_lines()
