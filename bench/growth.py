"""P3: what the same people see in a city of 10 schools and in one of 200: hot pages and lists, both sizes in one run.

Two databases of their own hold the same first school and 9 or 199 others around it, each with a year of requests
(``bench._volume``). A page's figure is the number of rows that its statements look at, asked as the role that sees it: the
same on a quiet machine and on a busy one. Four things fail the case: a page that looks at more than 1.3 × as many in the large
city, or walks through as many pages without a row of its own, or asks more often (but for the one question of a pager that the small city has no need of); a statement that reads a whole table or sorts a whole school; and a wall (row security) that
costs more than 1.3 × on a statement above 0.1 ms. How long a page takes is shown, and decides nothing. A school has 120 people
and 1 200 vouchers; with ``--long`` 1 000 and 10 000, which makes 200 000 people and 2 000 000 vouchers.
"""

import os
import re
import sys
import time
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
from bench._growth_lists import LISTS, fill, plant
from bench._plans import LISTED, Planner, Read, Sent, cost_of_walls, noting, reads, short_tables
from bench._volume import Size, Volume
from bench._vouchers import Ground, make_ground, make_member
from notifications.drain import drain
from referrals.workflow.redeeming import redeem
from schools.workflow import platform_tenant
from tenancy.hosts import forget
from tenancy.scope import use_tenant
from ui.lists import MOST_COUNTED

SMALL, LARGE = "growth_small", "growth_large"
SCHOOLS: Final = {SMALL: 10, LARGE: 200}
MOST: Final = 1.3
WALL_FROM_MS: Final = 0.1
USUAL, LONG = Size(120, 1_200), Size(1_000, 10_000)
"""Of one school. Fewer than 1 000 rows of a kind would hide a sort of all of them."""
HOMES: Final[dict[str, tuple[str, ...]]] = {
    "person": ("/my/", "/api/v1/vouchers/", "/api/v1/referrals/"),
    "finance": ("/finance/",),
    "counter": ("/api/v1/partner/offers/",),
}
"""Pages and lists for programs, by who looks; lists with a page stand in ``bench._growth_lists``."""
OF_THE_CITY: Final = ("/operator/schools/", "/operator/institutions/")
"""They list every school and every agency there is: a larger city has more of them to show."""
_LOOKS: Final = 6
_ADDS_UP: Final = 'SELECT "ledger_account"."balance" AS "balance", COALESCE(SUM('
"""The whole books, gone through once in ten minutes at most (``ledger.checked``), whoever looks."""
_PAGER: Final = re.compile(rf"SELECT COUNT\(\*\) FROM \(SELECT .* LIMIT {MOST_COUNTED + 1}\)", re.DOTALL)
"""How many rows there are, asked by a list that has a second page (``ui.lists``): once, and never beyond its limit."""


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
                Volume(connection, school_id, schools, size).fill(fill)
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
        writer = make_member(school, office, Role.CENTRE, Role.UNION).membership_id
        make_member(school, admin, Role.ADMIN, Role.EDITOR)
    assert writer is not None
    planted = plant(ground, writer)
    person, finance, counter = (
        User.objects.get(pk=actor.known_user) for actor in (ground.person, ground.finance, ground.counter)
    )
    operator = User.objects.get(email=f"4@{school.slug}.example")
    hosts = {"counter": platform.host, "operator": platform.host}
    users = {
        "person": person, "office": office, "finance": finance, "admin": admin, "counter": counter, "operator": operator,
    }  # fmt: skip
    clients = {who: _client(hosts.get(who, school.host), user) for who, user in users.items()}
    wanted = {who: (*HOMES.get(who, ()), *LISTS[who]) for who in users}
    named = {"open_day": planted.open_day, "reading": planted.reading}
    look = Page(clients["counter"], "/partner/scan/look/", (("code", ground.codes[1]),))
    return [*(Page(clients[who], path.format(**named)) for who, paths in wanted.items() for path in paths), look]


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
    with _roles(LARGE) as roles:
        short = short_tables(roles["app"])
    looks = {name: _looks(name, pages, short) for name in SCHOOLS}
    rows = [Row(page.path, looks[SMALL][page.path], looks[LARGE][page.path]) for page in pages]
    _show(rows)
    broken = [fault for row in rows for fault in row.faults()]
    asked = list({sent.shape: sent for row in rows for sent in row.large.reads}.values())
    with _roles(LARGE) as roles, psycopg.connect(address, dbname=LARGE, autocommit=True) as bare:
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
    of_a_school = [row for row in rows if row.path not in OF_THE_CITY]
    worst = max(of_a_school, key=lambda row: (row.large.whole.rows > LISTED, row.ratio))
    return {
        "ours": worst.large.whole.rows,
        "floor": worst.small.whole.rows,
        "ratio": round(worst.ratio, 2),
        "unit": "rows looked at",
        "n": vouchers,
        "page": worst.path,
        "statements": len(asked),
        "ms": round(max(row.large.ms for row in rows), 1),
        "wall": round(max((with_ / without for with_, without in dear.values()), default=1.0), 2),
    }


@dataclass(frozen=True, slots=True)
class Look:
    """What a page asked in one city: its messages, the reads in them as they came and what each takes, ms of the database."""

    messages: int
    reads: list[Sent]
    taken: list[Read]
    ms: float
    pagers: int = 0
    """How many of the messages are a pager's own question."""

    @property
    def whole(self) -> Read:
        """All its reads together."""
        return sum(self.taken, Read(0, 0, 0))


@dataclass(frozen=True, slots=True)
class Row:
    """A page in both cities."""

    path: str
    small: Look
    large: Look

    @property
    def ratio(self) -> float:
        return self.large.whole.ratio(self.small.whole)

    def faults(self) -> list[str]:
        """Said with the statement that grew most."""
        found = []
        # What fits one page in a small city has a second one in a large city, and its pager asks once. No list has two.
        has_pager = self.large.pagers == 1 and not self.small.pagers
        if self.large.messages > self.small.messages + has_pager:
            found.append(f"{self.path}: asks {self.large.messages} times beside {self.small.messages}")
        if self.large.whole.grows_from(self.small.whole, MOST):
            found.append(f"{self.path}: {self.large.whole} beside {self.small.whole}; {self._worst()}")
        return found

    def _worst(self) -> str:
        before: dict[str, int] = {}
        for sent, read in zip(self.small.reads, self.small.taken, strict=True):
            before[sent.shape] = max(before.get(sent.shape, 0), read.rows + read.pages)
        sides = [
            (read.rows + read.pages - before.get(sent.shape, 0), read, sent.text)
            for sent, read in zip(self.large.reads, self.large.taken, strict=True)
        ]
        _grown, read, text = max(sides, key=lambda side: side[0])
        return f"{read}: {text[:600]}"


def _looks(name: str, pages: list[Page], short: frozenset[str]) -> dict[str, Look]:
    """Every page in city ``name``, by its path."""
    _use(name)
    with _roles(name) as roles:
        planner = Planner(roles, short)
        return {page.path: _look(page, planner) for page in pages}


def _look(page: Page, planner: Planner) -> Look:
    """The first looks warm; of the others that which asked least is noted, for what is remembered for five seconds may lapse."""
    looks: list[tuple[list[Sent], list[tuple[str, float]]]] = []
    for _ in range(_LOOKS):
        sent: list[Sent] = []
        messages: list[tuple[str, float]] = []
        with noting(sent, messages):
            page.open()
        looks.append((sent, messages))
    sent, messages = min(looks[1:], key=lambda look: len(look[1]))
    times = [sum(ms for _text, ms in one) for _sent, one in looks]
    asked = [one for one in reads(sent) if not one.text.startswith(_ADDS_UP)]
    counted = [text for text, _ms in messages if not text.startswith(_ADDS_UP)]
    pagers = sum(bool(_PAGER.match(text)) for text in counted)
    return Look(len(counted), asked, [planner.read(one) for one in asked], min(times), pagers)


def _show(rows: list[Row]) -> None:
    """The table, for people; standard output is for the line alone."""
    print(
        f"{'':38}{'rows of 10, 200, ratio':>28}{'pages':>14}{'messages':>12}{'least ms of 10, 200':>24}",
        file=sys.stderr,
    )
    for row in rows:
        small, large = row.small, row.large
        line = f"{row.path:38}{small.whole.rows:10}{large.whole.rows:9}{row.ratio:9.2f}{small.whole.pages:8}{large.whole.pages:6}"
        print(f"{line}{small.messages:8}{large.messages:4}{small.ms:15.2f}{large.ms:9.2f}", file=sys.stderr, flush=True)


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
