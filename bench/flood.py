"""A flood of reports at ``/report/`` of one school, offered in an open loop, while another school has true ones.

``ours`` is how long the slowest danger-now report of the other school waited for its first page, in seconds from its sending;
``floor`` what the issue allows (2 s). Beside it: what the flood was answered, whether each that was answered 201 is there, and
how long the flooded school's own board took to read. Answers other than 201, 429 and 503, or a 201 that is not kept, are none.
"""

import asyncio
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.test import Client

from accounts.models import Membership, User
from bench._chain import LiveSchool, Sink, make_live_school
from bench._servers import children_of, web
from bench.first_page import start_engine
from referrals.emergency.models import Leg, Report
from referrals.emergency.receipts import receipt_hash
from tenancy.scope import use_tenant

PROMISED_SECONDS = 2.0
PORT = 18_876
OTHERS = 5
"""Schools with a true report each."""
PER_MINUTE = 10_000
PATIENCE = 120.0
_RECEIPT = re.compile(rb'name="receipt" value="(\d{28})"')
_ANSWERS = {201, 429, 503}


@dataclass
class Flood:
    """``answers``: status → how many; 0 for a connection that was not answered. ``true``: (school, sent at, receipt) elsewhere."""

    answers: Counter[int] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)
    true: list[tuple[UUID, float, str]] = field(default_factory=list)
    boards: list[float] = field(default_factory=list)


def run(seconds: int = 15, *, long: bool = False) -> dict[str, Any]:
    """For ``seconds`` at the rate of 10 000 in a minute; with ``long`` the whole minute."""
    lasts = 60 if long else seconds
    flooded, *others = (make_live_school(number, 0) for number in range(1, OTHERS + 2))
    cookie = _session(flooded)
    sink = Sink()
    server, engine = web(PORT), start_engine(sink)
    try:
        _until_up(server)
        connections.close_all()
        flood = asyncio.run(_all(flooded, others, cookie, lasts))
        time.sleep(3)
        waited = _waited(flood, sink)
        lost = _lost(flooded, flood.receipts)
    finally:
        for process in (server, engine):
            process.send_signal(signal.SIGTERM)
        for process in (server, engine):
            process.wait(timeout=60)
        sink.shutdown()
    assert set(flood.answers) <= _ANSWERS, f"answered otherwise: {flood.answers}"
    assert not lost, f"{lost} of those answered 201 are not there"
    return {
        "ours": round(max(waited), 2),
        "floor": PROMISED_SECONDS,
        "ratio": round(max(waited) / PROMISED_SECONDS, 3),
        "median": round(sorted(waited)[len(waited) // 2], 2),
        "board": round(max(flood.boards), 2),
        "taken": flood.answers[201],
        "wait": flood.answers[429],
        "busy": flood.answers[503],
        "load": round(os.getloadavg()[0], 1),
        "unit": "s",
        "n": flood.answers.total(),
    }


def _session(school: LiveSchool) -> str:
    with use_tenant(school.pk):
        user = User.objects.get(pk=Membership.objects.filter(roles__contains=["duty"])[0].user_id)
    client = Client(headers={"host": school.host})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def _all(flooded: LiveSchool, others: Sequence[LiveSchool], cookie: str, lasts: int) -> Flood:
    found = Flood()
    for _turn in range(4):  # a worker's first page reads its templates
        await asyncio.gather(*(_ask(flooded.host, "GET", "/report/", {}) for _number in range(8)))
        await _ask(flooded.host, "GET", "/centre/emergency/", {}, cookie)
    began = time.monotonic()
    count = PER_MINUTE * lasts // 60
    jobs = [asyncio.create_task(_one(found, flooded, began + number * 60 / PER_MINUTE)) for number in range(count)]
    jobs += [
        asyncio.create_task(_true(found, others[turn % OTHERS], began + 1 + turn * lasts / OTHERS))
        for turn in range(OTHERS)
    ]
    jobs += [asyncio.create_task(_board(found, flooded, cookie, began + at)) for at in range(1, lasts, 4)]
    await asyncio.gather(*jobs)
    return found


async def _one(found: Flood, school: LiveSchool, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    status, body = await _ask(school.host, "POST", "/report/", {"words": "bench"})
    found.answers[status] += 1
    if status == 201 and (receipt := _RECEIPT.search(body)):
        found.receipts.append(receipt[1].decode())


async def _true(found: Flood, school: LiveSchool, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    sent = time.time()
    status, body = await _ask(school.host, "POST", "/report/", {"danger_now": "on", "words": "bench"})
    receipt = _RECEIPT.search(body)
    assert receipt is not None, f"danger now was answered {status}"
    found.true.append((school.pk, sent, receipt[1].decode()))


async def _board(found: Flood, school: LiveSchool, cookie: str, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    asked = time.monotonic()
    status, _body = await _ask(school.host, "GET", "/centre/emergency/", {}, cookie)
    assert status == 200, f"the board was answered {status}"
    found.boards.append(time.monotonic() - asked)


async def _ask(host: str, method: str, path: str, form: dict[str, str], cookie: str = "") -> tuple[int, bytes]:
    """Status and body; 0 where the connection broke or nothing came in ``PATIENCE``."""
    body = urlencode(form).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            try:
                writer.write(head.encode() + body)
                await writer.drain()
                answer = await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return 0, b""
    first, _line, rest = answer.partition(b"\r\n")
    return int(first.split()[1]) if first else 0, rest


def _waited(flood: Flood, sink: Sink) -> list[float]:
    """From the sending of each to the first page of the school's leg."""
    waited = []
    for school, sent, receipt in flood.true:
        with use_tenant(school):
            report = Report.objects.get(receipt_hash=receipt_hash(receipt))
            leg = Leg.objects.get(incident=report.incident_id, kind="school")
        waited.append(sink.first[str(leg.pk)] - sent)
    return waited


def _lost(school: LiveSchool, receipts: list[str]) -> int:
    with use_tenant(school.pk):
        kept = {bytes(one) for one in Report.objects.values_list("receipt_hash", flat=True)}
        return sum(receipt_hash(receipt) not in kept for receipt in receipts)


def _until_up(server: Any) -> None:
    until = time.monotonic() + 120
    while len(children_of(server.pid)) < 2:
        assert time.monotonic() < until, "the web did not start"
        time.sleep(0.2)
    time.sleep(5)
    print("flood: up", file=sys.stderr, flush=True)
