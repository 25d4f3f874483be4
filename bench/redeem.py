"""P2: redemptions a second of a partner's program over HTTP, beside a bare view that writes the same rows by hand.

Both sides are the shipped server with one worker and one thread, asked on a kept connection: one commit a redemption, a
fresh one-unit voucher each. Ours goes through every middleware, the token, the interface and the rules; the floor has no
middleware and writes what ours writes (redemption, books, audit row, log, message) without a rule, a state or a check.
"""

import statistics
import time
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from django.db import connection
from django.test import Client

from accounts.tokens import issue_token
from bench import _by_hand
from bench._vouchers import Ground, make_ground
from bench._web import Web
from bench.race import check_books
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant

_PATH: Final = "/api/v1/partner/redemptions/"
_PORTS: Final = (18_874, 18_875)
_ROUNDS: Final = 8
_WARM: Final = 2
"""What a process learns once is learnt by then."""


def run(n: int = 400) -> dict[str, Any]:
    """``n`` vouchers on either side, in rounds taken in turn. AssertionError when a side refuses, or the books do not come
    out right. ``cpu_ms`` is what a redemption costs the web's process, the database's share not counted.
    """
    ground, bare_ground = make_ground(n + _WARM + 2), make_ground(n + _WARM)
    known = {_by_hand.VARIABLE: _by_hand.Known.of(bare_ground).as_text()}
    headers = _program(ground)
    with (
        Web(_PORTS[0], threads=1) as web,
        Web(_PORTS[1], threads=1, application="bench._by_hand_wsgi:application", more=known) as bare,
    ):
        ours = _Side(web, headers.pop("Host"), _PATH, headers, ground.codes)
        floor = _Side(bare, bare_ground.school.host, _by_hand.PATH, {}, bare_ground.codes)
        for side in (ours, floor):
            side.redeem(_WARM)
        for _ in range(_ROUNDS):
            for side in (ours, floor):
                side.measure(n // _ROUNDS)
    statements = _statements(headers, list(ours.left))
    check_books(ground)
    check_books(bare_ground)
    return {
        "ours": round(ours.rate, 1),
        "floor": round(floor.rate, 1),
        "ratio": round(ours.rate / floor.rate, 3),
        "unit": "1/s",
        "n": n,
        "statements": statements,
        "cpu_ms": round(ours.cpu_ms, 2),
        "cpu_ms_floor": round(floor.cpu_ms, 2),
    }


class _Side:
    """One way to spend vouchers, and how long it took: the median round counts."""

    def __init__(self, web: Web, host: str, path: str, headers: dict[str, str], codes: list[str]) -> None:
        self._web, self._host, self._path, self._headers = web, host, path, headers
        self.left = iter(codes)
        self._rounds: list[tuple[float, float]] = []

    def redeem(self, count: int) -> None:
        for code in islice(self.left, count):
            status = self._web.post(self._host, self._path, {"code": code}, self._headers)
            assert status == 201, status

    def measure(self, count: int) -> None:
        self._web.connect()
        wall, cpu = time.perf_counter(), self._web.cpu
        self.redeem(count)
        self._rounds.append(((time.perf_counter() - wall) / count, (self._web.cpu - cpu) / count))

    @property
    def rate(self) -> float:
        return 1 / statistics.median(wall for wall, _cpu in self._rounds)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(cpu for _wall, cpu in self._rounds) * 1000


def _program(ground: Ground) -> dict[str, str]:
    """The headers of the partner's program: host and token."""
    platform = platform_tenant()
    with use_tenant(platform.id):
        _token, raw = issue_token(actor=ground.counter, label="bench")
    return {"Host": platform.host, "Authorization": f"Token {raw}"}


def _statements(headers: dict[str, str], codes: list[str]) -> int:
    """Messages to the database for one redemption, counted in this process; the first of two warms."""
    client = Client(headers={"host": platform_tenant().host, **headers})
    sent: list[str] = []

    def noted(act: Callable[..., Any], sql: str, *given: Any) -> Any:
        sent.append(sql)
        return act(sql, *given)

    for code in codes[:2]:
        sent.clear()
        with connection.execute_wrapper(noted):
            answer = client.post(_PATH, {"code": code}, content_type="application/json")
        assert answer.status_code == 201
    return len(sent) + 1  # COMMIT is the driver's; BEGIN goes with the first
