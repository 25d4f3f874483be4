"""The static help page in a tiny process of its own: it answers while database, broker and web are stopped.

    python bin/lib/help_server.py --port 8081

The page is read once at start, so it also outlives a full or failing disk. It knows no person and writes no log. Beside the
numbers that are the same everywhere it says the school's own line, by host, and whether somebody answers it now: from a file
that the running house writes each minute (``referrals.emergency.help_lines``), with the minute as of which that stands.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from places import ROOT, VAR

PAGE = ROOT / "platform" / "ui" / "static" / "ui" / "help.html"
LINES = Path(os.environ.get("XINQIAO_VAR", VAR)) / "help-lines.json"
MARK = "<!--line-->"
"""Where the school's line stands in the page."""

MOST = 4_000_000
"""Bytes of the file; a longer one is none of ours."""

_NEAR = timedelta(days=180)
_PORT = re.compile(r":\d*$")


class Lines:
    """The file's schools by host. What was read once stays when the file goes, is damaged or is too long."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._hosts: dict[str, dict[str, Any]] = {}

    def of(self, host: str) -> dict[str, Any] | None:
        """The line of ``host`` (port ignored), read anew where the file is another."""
        self._look()
        return self._hosts.get(_PORT.sub("", host).lower().rstrip("."))

    def _look(self) -> None:
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._stamp or stat.st_size > MOST:
                return
            told = json.loads(self._path.read_text(encoding="utf-8"))["hosts"]
            found = {host: line for host, line in told.items() if _is_line(line)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self._hosts, self._stamp = found, stamp


def _is_line(line: Any) -> bool:
    """Whether everything that is shown can be shown: one damaged line costs no other."""
    try:
        section(line, datetime.now(UTC))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def section(line: dict[str, Any], now: datetime) -> str:
    """The school's line as it is at ``now``: the number, whether somebody answers, and as of when that is known."""
    as_of = datetime.fromisoformat(line["as_of"])
    here = now.astimezone(as_of.tzinfo)
    said, said_en = _answered(line, here)
    phone = html.escape(str(line["phone"]))
    dialled = re.sub(r"[^0-9+]", "", str(line["phone"]))
    stands = _when(as_of, here)
    return (
        f'<section aria-labelledby="school"><h2 id="school">{html.escape(str(line["name"]))}</h2>'
        f'<a class="call" href="tel:{dialled}"><span>学校值班电话<br><small>{html.escape(said)}</small></span><b>{phone}</b></a>'
        f"<p><small>截至 {stands} 的值班时间。</small></p>"
        f'<p lang="en"><small>The school\'s own line: {html.escape(said_en)} As of {stands}.</small></p></section>'
    )


def _answered(line: dict[str, Any], here: datetime) -> tuple[str, str]:
    """In Chinese and English. Of hours that cannot be read, and behind those that are known, the words of the school alone."""
    if line["always"]:
        return "白天黑夜都有人接", "answered day and night."
    hours = [(datetime.fromisoformat(opens), datetime.fromisoformat(closes)) for opens, closes in line["open"] or ()]
    if line["open"] is None or here >= datetime.fromisoformat(line["known_until"]):
        words = str(line["hours"])
        return words or "值班时间没有写", f"{line['hours_en'] or 'no hours are written'}."
    for opens, closes in hours:
        if opens <= here < closes:
            return f"现在有人接，到 {_when(closes, here)}", f"answered now, until {_when(closes, here)}."
    coming = next((opens for opens, _closes in hours if opens > here), None)
    if coming is None:
        return "现在没有人接", "not answered now."
    return f"现在没有人接，{_when(coming, here)} 起有人接", f"not answered now; from {_when(coming, here)} on."


def _when(moment: datetime, here: datetime) -> str:
    """``14:05`` of today, else ``12-31 14:05``; with the year where half a year or more lies between."""
    local = moment.astimezone(here.tzinfo)
    if local.date() == here.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if abs(local.date() - here.date()) < _NEAR else f"{local:%Y-%m-%d %H:%M}"


def handler_for(page: str, lines: Lines, clock: Callable[[], datetime]) -> type[BaseHTTPRequestHandler]:
    """A handler that answers every address with the same page: in need, no wrong address exists."""

    class Help(BaseHTTPRequestHandler):
        server_version, sys_version = "help", ""
        timeout = 10  # a silent client does not hold a thread for long

        def do_GET(self) -> None:
            self.wfile.write(self._head())

        def do_HEAD(self) -> None:
            self._head()

        def _head(self) -> bytes:
            line = lines.of(self.headers.get("Host", ""))
            body = page.replace(MARK, section(line, clock()) if line else "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-cache")
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
            )
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            return body

        def log_message(self, format: str, *args: object) -> None:
            """Who looked for help is nobody's business."""

    return Help


class HelpServer(ThreadingHTTPServer):
    """One daemon thread per request."""

    daemon_threads = True
    request_queue_size = 64


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Serve until told to stop."""
    options = argparse.ArgumentParser(description="Serve the static help page.")
    options.add_argument("--port", type=int, default=8081)
    options.add_argument("--bind", default="127.0.0.1")
    options.add_argument("--page", type=Path, default=PAGE)
    options.add_argument("--lines", type=Path, default=LINES)
    given = options.parse_args()
    try:
        page = given.page.read_text(encoding="utf-8")
    except OSError as error:
        print(f"帮助页读不到 / the help page cannot be read: {error}", file=sys.stderr)
        return 1
    with HelpServer((given.bind, given.port), handler_for(page, Lines(given.lines), _now)) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
