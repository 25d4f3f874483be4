"""The static help page in a tiny process of its own: it answers while database, broker and web are stopped.

    python bin/lib/help_server.py --port 8081

The page is read once at start, so it also outlives a full or failing disk. It knows no person and writes no log.
"""

from __future__ import annotations

import argparse
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from places import ROOT

PAGE = ROOT / "platform" / "ui" / "static" / "ui" / "help.html"


def handler_for(page: bytes) -> type[BaseHTTPRequestHandler]:
    """A handler that answers every address with the same page: in need, no wrong address exists."""

    class Help(BaseHTTPRequestHandler):
        server_version, sys_version = "help", ""
        timeout = 10  # a silent client does not hold a thread for long

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(page)

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-cache")
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
            )
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Who looked for help is nobody's business."""

    return Help


class HelpServer(ThreadingHTTPServer):
    """One daemon thread per request."""

    daemon_threads = True
    request_queue_size = 64


def main() -> int:
    """Serve until told to stop."""
    options = argparse.ArgumentParser(description="Serve the static help page.")
    options.add_argument("--port", type=int, default=8081)
    options.add_argument("--bind", default="127.0.0.1")
    options.add_argument("--page", type=Path, default=PAGE)
    given = options.parse_args()
    try:
        page = given.page.read_bytes()
    except OSError as error:
        print(f"帮助页读不到 / the help page cannot be read: {error}", file=sys.stderr)
        return 1
    with HelpServer((given.bind, given.port), handler_for(page)) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
