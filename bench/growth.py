"""P3: what the same people see in a city of 10 schools and in one of 200: hot pages and lists, p95 of both sizes in one run.

Two databases of their own hold the same first school and 9 or 199 others around it, each with a year of requests
(``bench._volume``). A page's figure is what its statements cost, asked as the role that sees it; the least p95 of rounds taken
in turn counts. Below 0.3 ms of difference noise decides. Three things fail the case: a page that costs more than 1.3 × in
the large city, a statement that reads a whole table or sorts a whole school, and a wall (row security) that costs more than
1.3 × on a statement above 0.1 ms. A school has 120 people and 1 200 vouchers; with ``--long`` 1 000 and 10 000, which makes
200 000 people and 2 000 000 vouchers.
"""

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connections
from django.http.response import HttpResponseBase
from django.test import Client
from psycopg import sql

from accounts.models import User
from accounts.roles import Role
from bench._plans import Planner, Sent, cost_of_walls, noting, reads
from bench._volume import Size, Volume
from bench._vouchers import Ground, make_ground, make_member
from notifications.drain import drain
from referrals.workflow.redeeming import redeem
from schools.workflow import platform_tenant
from tenancy.hosts import forget
from tenancy.scope import use_tenant

SMALL, LARGE = "growth_small", "growth_large"
SCHOOLS: Final = {SMALL: 10, LARGE: 200}
MOST: Final = 1.3
NOISE_MS: Final = 0.3
WALL_FROM_MS: Final = 0.1
USUAL, LONG = Size(120, 1_200), Size(1_000, 10_000)
"""Of one school. Fewer than 1 000 rows of a kind would hide a sort of all of them."""
_ROUNDS, _LOOKS = 5, 12
_ADDS_UP: Final = 'SELECT "ledger_account"."balance" AS "balance", COALESCE(SUM('
"""The whole books, gone through once in ten minutes at most (``ledger.checked``), whoever looks."""


@dataclass(frozen=True, slots=True)
class Page:
    """An address as ``client`` sees it; with ``form`` it is sent there."""

    client: Client
    path: str
    form: tuple[tuple[str, str], ...] = ()

    def open(self) -> HttpResponseBase:
        """Its answer. AssertionError when it is none."""
        answer = self.client.post(self.path, dict(self.form)) if self.form else self.client.get(self.path)
        is_well = answer.status_code == (302 if self.form else 200)
        assert is_well, (self.path, answer.status_code, answer.get("Location"))
        return answer


def run(long: bool = False) -> dict[str, Any]:
    """AssertionError with every page, plan and wall that does not hold. Needs the cluster of ``bin/bench``."""
    address = os.environ.get("BENCH_SUPERUSER_URL", "")
    assert address, "growth makes databases of its own: DATABASE_URL must not be set"
    size = LONG if long else USUAL
    pages, school_id = _world()
    try:
        for name, schools in SCHOOLS.items():
            _clone(address, name)
            began = time.monotonic()
            with psycopg.connect(address, dbname=name, autocommit=True) as connection:
                Volume(connection, school_id, schools, size).fill()
            print(f"{name}: {schools} schools in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        return _measured(address, pages, SCHOOLS[LARGE] * size.vouchers)
    finally:
        _use(None)
        with psycopg.connect(address, autocommit=True) as connection:
            for name in SCHOOLS:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _world() -> tuple[list[Page], Any]:
    """The first school, through the writers, with everybody who looks signed in; a voucher is spent, one is at the counter."""
    ground = make_ground(2)
    redeem(actor=ground.counter, text=ground.codes[0])
    drain()
    return _pages(ground), ground.school.id


def _pages(ground: Ground) -> list[Page]:
    school, platform = ground.school, platform_tenant()
    office, admin = User.objects.bulk_create(
        User(email=f"{name}@{school.slug}.example", password="!", full_name="Bench") for name in ("office", "admin")
    )
    with use_tenant(school.id):
        make_member(school, office, Role.CENTRE, Role.UNION)
        make_member(school, admin, Role.ADMIN)
    person, finance, counter = (
        User.objects.get(pk=actor.known_user) for actor in (ground.person, ground.finance, ground.counter)
    )
    operator = User.objects.get(email=f"4@{school.slug}.example")
    at_school = {user: _client(school.host, user) for user in (person, finance, office, admin)}
    at_counter, at_platform = _client(platform.host, counter), _client(platform.host, operator)
    wanted: dict[Client, tuple[str, ...]] = {
        at_school[person]: ("/my/", "/my/referrals/", "/vouchers/", "/my/messages/", "/api/v1/vouchers/", "/api/v1/referrals/"),
        at_school[office]: (
            "/centre/", "/centre/?state=completed", "/union/", "/union/?state=completed", "/union/?q=R1", "/union/agreements/",
        ),
        at_school[finance]: (
            "/finance/", "/finance/ledger/", "/finance/ledger/?page=15", "/finance/ledger/?book=pool", "/finance/ledger/?book=quota", "/finance/ledger/?kind=commit",
        ),
        at_school[admin]: ("/school/members/", "/school/record/"),
        at_counter: (
            "/partner/", "/partner/offers/", "/partner/bookings/", "/partner/bookings/?state=done", "/partner/redemptions/",
            "/api/v1/partner/offers/",
        ),
        at_platform: ("/operator/schools/", "/operator/institutions/", "/operator/record/"),
    }  # fmt: skip
    look = Page(at_counter, "/partner/scan/look/", (("code", ground.codes[1]),))
    return [*(Page(client, path) for client, paths in wanted.items() for path in paths), look]


def _client(host: str, user: User) -> Client:
    client = Client(headers={"host": host})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def _clone(address: str, name: str) -> None:
    """A database like the one where the world was made."""
    home = connections["default"].settings_dict["NAME"]
    _use(None)
    with psycopg.connect(address, autocommit=True) as connection:
        made = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, sql.Identifier(str(home))))


_HOME: Final = {alias: connections[alias].settings_dict["NAME"] for alias in connections}


def _use(name: str | None) -> None:
    """Every role's connection goes to database ``name`` from now on; None: to the one that ``bin/bench`` made."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name or _HOME[alias]
    forget()


def _measured(address: str, pages: list[Page], vouchers: int) -> dict[str, Any]:
    looks: dict[tuple[str, str], list[Look]] = {}
    statements: dict[str, Sent] = {}
    for _ in range(_ROUNDS):
        for name in SCHOOLS:
            _use(name)
            for page in pages:
                looks.setdefault((page.path, name), []).append(_look(page, statements if name == LARGE else {}))
    rows = []
    broken = []
    for page in pages:
        small, large = looks[page.path, SMALL], looks[page.path, LARGE]
        rows.append(
            Row(
                page.path,
                *(min(look.database for look in side) for side in (small, large)),
                *(min(look.median for look in side) for side in (small, large)),
                *(min(look.page for look in side) for side in (small, large)),
                *(min(look.least for look in side) for side in (small, large)),
            )
        )
        if rows[-1].grows:
            broken.append(f"{page.path}: {rows[-1].large:.2f} ms beside {rows[-1].small:.2f}; {_worst(small, large)}")
    _show(rows)
    with _roles(LARGE) as roles, psycopg.connect(address, dbname=LARGE, autocommit=True) as bare:
        asked = [sent for sent in reads(statements) if not sent.text.startswith(_ADDS_UP)]
        planner = Planner(roles)
        broken += [fault for sent in asked for fault in planner.faults(sent)]
        walls = cost_of_walls(roles, bare, asked)
    dear = {text: (with_, without) for text, (with_, without) in walls.items() if without > WALL_FROM_MS}
    broken += [
        f"row security: {with_:.2f} ms beside {without:.2f}: {text[:300]}"
        for text, (with_, without) in dear.items()
        if with_ > MOST * without
    ]
    assert not broken, "\n" + "\n".join(broken)
    worst = max(rows, key=lambda row: row.ratio)
    return {
        "ours": round(worst.large, 2),
        "floor": round(worst.small, 2),
        "ratio": round(worst.ratio, 2),
        "unit": "ms of the database",
        "n": vouchers,
        "page": worst.path,
        "statements": len(asked),
        "wall": round(max((with_ / without for with_, without in dear.values()), default=1.0), 2),
    }


@dataclass(frozen=True, slots=True)
class Look:
    """One round of looks at a page, in ms: p95, median and least of its statements' sum, p95 of the page, median of each statement."""

    database: float
    median: float
    least: float
    page: float
    statements: dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A page in both cities: the least round of each, in ms."""

    path: str
    small: float
    large: float
    median_small: float
    median_large: float
    page_small: float
    page_large: float
    least_small: float
    least_large: float

    @property
    def ratio(self) -> float:
        return self.large / self.small

    @property
    def grows(self) -> bool:
        """p95, median and least: what comes from the size of the city is in all three, what the machine does is not."""
        sides = (
            (self.small, self.large),
            (self.median_small, self.median_large),
            (self.least_small, self.least_large),
        )
        return all(large > MOST * small and large - small > NOISE_MS for small, large in sides)


def _look(page: Page, statements: dict[str, Sent]) -> Look:
    """The first look, which warms, does not count."""
    page.open()
    whole, asked, each = [], [], defaultdict[str, list[float]](list)
    for _ in range(_LOOKS):
        taken: list[tuple[str, float]] = []
        before = time.perf_counter()
        with noting(statements, taken):
            page.open()
        whole.append((time.perf_counter() - before) * 1000)
        asked.append(sum(ms for _text, ms in taken))
        for text, ms in taken:
            each[text].append(ms)
    medians = {text: statistics.median(ms) for text, ms in each.items()}
    return Look(_p95(asked), statistics.median(asked), min(asked), _p95(whole), medians)


def _worst(small: list[Look], large: list[Look]) -> str:
    """The statement that grew most."""
    least = [
        {text: min(look.statements.get(text, 0.0) for look in side) for text in side[0].statements}
        for side in (small, large)
    ]
    text = max(least[1], key=lambda text: least[1][text] - least[0].get(text, 0.0))
    return f"{least[0].get(text, 0.0):.2f} → {least[1][text]:.2f} ms: {text[:600]}"


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int((len(taken) - 1) * 0.95)]


def _show(rows: list[Row]) -> None:
    """The table, for people; standard output is for the line alone."""
    head = f"{'ms':38}{'database p95 of 10, 200, ratio':>32}{'median of 10, 200':>20}{'page p95 of 10, 200':>22}"
    print(head, file=sys.stderr)
    for row in rows:
        line = f"{row.path:38}{row.small:14.2f}{row.large:9.2f}{row.ratio:9.2f}{row.median_small:11.2f}{row.median_large:9.2f}"
        print(f"{line}{row.page_small:13.1f}{row.page_large:9.1f}", file=sys.stderr, flush=True)


@contextmanager
def _roles(name: str) -> Iterator[dict[str, psycopg.Connection]]:
    """A connection of each role to database ``name``, without the product's cursor."""
    opened = {}
    try:
        for role, alias in settings.TENANCY_ALIASES.items():
            given = connections[alias].settings_dict
            opened[role] = psycopg.connect(
                host=given["HOST"], port=given["PORT"], user=given["USER"], password=given["PASSWORD"], dbname=name,
                autocommit=True,
            )  # fmt: skip
        yield opened
    finally:
        for connection in opened.values():
            connection.close()
