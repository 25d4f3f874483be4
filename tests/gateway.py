"""A message gateway on a free port: a real HTTP server that keeps what it is given."""

import json
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway(ThreadingHTTPServer):
    """``taken`` holds what came in, ``posted`` the headers and bytes it came in; ``status`` is what it answers, with ``moved_to`` as the place to go to.

    ``asked`` holds the addresses; ``pause`` is waited for in seconds, and a ``flood`` is an answer without an end:
    ``flooded`` counts its bytes that the other side let through.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[str] = []
        self.status = 204
        self.moved_to = ""
        self.pause = 0.0
        self.flood = False
        self.flooded = 0
        self.flood_ended = threading.Event()
        super().__init__(("127.0.0.1", 0), Taker)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"

    def keys(self, slug: str) -> list[str]:
        """The keys of one school's messages, as often as they came."""
        return [message["key"] for message in self.taken if message["tenant"] == slug]

    def asked_by(self, numbers: Collection[str]) -> bool:
        """Whether something for one of ``numbers`` has come, answered or not."""
        return any(message["to"] in numbers for message in self.taken)


class Taker(BaseHTTPRequestHandler):
    """Answers every POST with the gateway's status."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(json.loads(body))
        self.server.posted.append((dict(self.headers), body))
        self.server.asked.append(self.path)
        time.sleep(self.server.pause)
        with suppress(ConnectionError):
            self.send_response(self.server.status)
            if self.server.moved_to:
                self.send_header("Location", self.server.moved_to)
            self.end_headers()
            if self.server.flood:
                self._flood()

    def do_GET(self) -> None:
        """A service outside that only hears that somebody is there."""
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def _flood(self) -> None:
        """Until the other side has had enough, or too much."""
        part = b"x" * 65_536
        try:
            while self.server.flooded < 200_000_000:
                self.wfile.write(part)
                self.server.flooded += len(part)
        finally:
            self.server.flood_ended.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def open_gateway() -> Iterator[Gateway]:
    """Open while the block runs."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
