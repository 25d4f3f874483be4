"""The shipped server with one worker, asked by HTTP: what a case measures is a process of its own, as where it runs."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from django.db import connections

_STARTS_WITHIN: Final = 60.0


class Web:
    """``with Web(port) as web``: the program, or another WSGI ``application``, until the block ends. One client, one connection."""

    def __init__(
        self,
        port: int,
        *,
        application: str = "settings.wsgi:application",
        threads: int = 4,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._port, self._application = port, application
        self._environment = {
            **os.environ,
            **_addresses(),
            **(more or {}),
            "WEB_WORKERS": "1",
            "WEB_THREADS": str(threads),
            "BASE_PORT": str(port),
        }

    def __enter__(self) -> Self:
        gunicorn = str(Path(sys.executable).with_name("gunicorn"))
        self._server = subprocess.Popen(
            [gunicorn, "-c", "bin/lib/web_server.py", self._application], env=self._environment
        )
        self._wait()
        self._line = self._new_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()
        self._server.terminate()
        self._server.wait(30)

    @property
    def worker(self) -> int:
        """Its process."""
        return int(Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()[0])

    @property
    def cpu(self) -> float:
        """Seconds of the processor that the worker has taken, all its threads."""
        tasks = Path(f"/proc/{self.worker}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def get(self, host: str, path: str, headers: Mapping[str, str]) -> int:
        """The status of a page, on a connection of its own, as of somebody who looks in."""
        line = self._new_line()
        try:
            line.request("GET", path, headers={"Host": host, **headers})
            answer = line.getresponse()
            answer.read()
            return answer.status
        finally:
            line.close()

    def post(self, host: str, path: str, body: Any, headers: Mapping[str, str]) -> int:
        """The status of a program's call, on the connection that is kept."""
        sent = {"Host": host, "Content-Type": "application/json", **headers}
        self._line.request("POST", path, body=json.dumps(body), headers=sent)
        answer = self._line.getresponse()
        answer.read()
        return answer.status

    def connect(self) -> None:
        """A new connection to keep: the server closes one on which nothing was said for two seconds."""
        self._line.close()
        self._line = self._new_line()

    def _new_line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    def _wait(self) -> None:
        """Until the worker answers anything. AssertionError when it does not begin."""
        end = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < end:
            try:
                self.get("127.0.0.1", "/healthz", {})
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the server did not start")


def _addresses() -> dict[str, str]:
    """The addresses of the database that this process works in; the suite has made one of its own."""
    here = connections["default"].settings_dict["NAME"]
    return {
        name: urlsplit(url)._replace(path=f"/{here}").geturl()
        for name, url in os.environ.items()
        if name.endswith("DATABASE_URL")
    }
