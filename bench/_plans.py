"""The statements that pages really send, what each reads, and how the database means to answer them."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString, cast

import psycopg
from django.apps import apps
from django.db import connections

from tenancy.models import TenantModel
from tenancy.pgtenant.base import Parts
from tenancy.scope import Scope, current

MOST_SORTED: Final = 1_150
"""Rows that one sort may take in: the thousand that a search may name, and some; a school has more of everything."""
_SMALL: Final = 10_000
"""Rows of a table from which on no page may read all of it."""
LISTED: Final = 250
"""Rows or pages: the schools of a large city read whole, with their agencies, are fewer, and take a tenth of a millisecond."""
_SHORT_PAGES: Final = 16
"""8 KB each. From some forty on PostgreSQL itself takes the index for three keys."""
_BY_INDEX: Final = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
_OF_ROWS: Final = ("Seq Scan", "Bitmap Heap Scan", "Index Scan", "Index Only Scan")
_ONE_OF: Final = re.compile(r"= ANY \('\{([^}]*)\}'")
"""Several keys that one scan looks up, one after the other."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement with its values, in the scope in which it was sent; ``shape`` is its text without them."""

    text: str
    scope: Scope
    shape: str


@dataclass(frozen=True, slots=True)
class Read:
    """What answering took, whoever works beside it and however fast the machine is."""

    rows: int
    """Rows that were looked at, with those that were not wanted."""
    pages: int
    """Pages of the database (8 KB) that were touched."""
    descents: int
    """Ways down an index."""

    def __add__(self, other: "Read") -> "Read":
        return Read(self.rows + other.rows, self.pages + other.pages, self.descents + other.descents)

    @property
    def walked(self) -> int:
        """Pages that neither hold a row which was looked at nor are the further level of a larger index.

        Where twenty times as many schools write side by side, a school's rows lie on more pages, at most one each.
        """
        return self.pages - self.rows - self.descents

    def ratio(self, small: "Read") -> float:
        """Rows looked at, beside those of ``small``."""
        return self.rows / max(small.rows, 1)

    def grows_from(self, small: "Read", most: float) -> bool:
        """More than ``most`` × what the same reads took of ``small``, in rows or in pages without one."""
        return self.rows > most * small.rows + LISTED or self.walked > most * small.pages + LISTED


@contextmanager
def noting(sent: list[Sent], taken: list[tuple[str, float]]) -> Iterator[None]:
    """Keep each statement as it came, and in ``taken`` each message with its ms."""

    def noted(act: Any, text: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        before = time.perf_counter()
        try:
            return act(text, params, many, context)
        finally:
            taken.append((str(text), (time.perf_counter() - before) * 1000))
            if isinstance(text, Parts):
                sent.extend(Sent(part, current(), part) for part in text.split(";\n"))
            else:
                sent.append(Sent(_bound(context["connection"].connection, text, params), current(), str(text)))

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(noted))
        yield


def _bound(connection: psycopg.Connection, text: str, params: Any) -> str:
    """With its values; by a cursor of its own, for the one that answers holds its answer."""
    return str(psycopg.ClientCursor(connection).mogrify(cast(LiteralString, text), params)) if params else text


def reads(statements: Iterable[Sent]) -> list[Sent]:
    """Those that only look."""
    return [sent for sent in statements if sent.text.startswith("SELECT") and " FOR " not in sent.text[-60:]]


def short_tables(connection: psycopg.Connection) -> frozenset[str]:
    """Tables that stand on so few pages that reading one whole costs less than a few ways down its index."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages <= %s", [_SHORT_PAGES]
    ).fetchall()
    return frozenset(name for (name,) in found)


def head(scope: Scope) -> str:
    """What opens ``scope`` for a whole session of the role."""
    return f"SET app.tenant = '{scope.tenant or ''}'; SET app.partner = '{scope.partner or ''}'"


class Planner:
    """Asks for plans as the role of the scope would get them."""

    def __init__(self, roles: dict[str, psycopg.Connection], short: Set[str] = frozenset()) -> None:
        """``short``: tables that are ``short_tables`` of the large city."""
        self._roles, self._short = roles, short
        self._tables = {m._meta.db_table for m in apps.get_models() if issubclass(m, TenantModel)}
        found = roles["app"].execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'").fetchall()
        self._large = {name for name, rows in found if name in self._tables and rows >= _SMALL}

    def faults(self, sent: Sent) -> list[str]:
        """Whole tables that are read, and whole schools that are sorted, to answer it."""
        return [f"{fault}: {sent.text[:400]}" for fault in self._below(self._plan(sent))]

    def read(self, sent: Sent) -> Read:
        """What answering it takes. Asked twice: the first look may still clean up after those who wrote."""
        self._plan(sent)
        plan = self._plan(sent)
        return Read(_rows(plan, self._short), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], _descents(plan))

    def _plan(self, sent: Sent) -> dict[str, Any]:
        """Its plan, carried out as the role that sent it."""
        connection = self._roles[sent.scope.role]
        connection.execute(cast(LiteralString, head(sent.scope)))
        asked = cast(LiteralString, f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sent.text}")
        row = connection.execute(asked).fetchone()
        assert row
        plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
        return cast(dict[str, Any], plan[0]["Plan"])

    def _below(self, node: dict[str, Any]) -> Iterator[str]:
        kind, inside = node["Node Type"], node.get("Plans", [])
        if kind == "Seq Scan" and node["Relation Name"] in self._large:
            yield f"reads all of {node['Relation Name']}"
        if kind in ("Sort", "Incremental Sort"):
            rows = max(int(below["Actual Rows"] * below["Actual Loops"]) for below in inside)
            if rows > MOST_SORTED:
                yield f"sorts {rows} rows"
        for below in inside:
            yield from self._below(below)


def _rows(node: dict[str, Any], short: Set[str]) -> int:
    """Rows that the scans below ``node`` looked at; of a ``short`` table that is read whole and once, its pages.

    PostgreSQL reads a table of a few pages whole where two ways down an index cost it more: two hundred agencies stand on
    five pages and take 0.03 ms. Which of the two it takes says nothing about the work. One that is read anew for each row of
    another table counts all its rows each time.
    """
    here = 0
    if node["Node Type"] in _OF_ROWS:
        thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        here = int((node["Actual Rows"] + thrown) * node["Actual Loops"])
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] == 1 and node["Relation Name"] in short:
            here = min(here, node["Shared Hit Blocks"] + node["Shared Read Blocks"])
    return here + sum(_rows(below, short) for below in node.get("Plans", []))


def _descents(node: dict[str, Any]) -> int:
    """How often a way down an index begins in the plan below ``node``."""
    here = 0
    if node["Node Type"] in _BY_INDEX:
        each = [found.count(",") + 1 for found in _ONE_OF.findall(node.get("Index Cond", ""))]
        here = int(node["Actual Loops"]) * max(each, default=1)
    return here + sum(_descents(below) for below in node.get("Plans", []))


def cost_of_walls(
    walled: dict[str, psycopg.Connection], bare: psycopg.Connection, statements: list[Sent], *, rounds: int = 7
) -> dict[str, tuple[float, float]]:
    """Statement → ms behind its wall and without one: the least of ``rounds`` taken in turn.

    Only statements that carry their school themselves ask the same of both; those of an institution have the wall alone.
    """
    found: dict[str, tuple[float, float]] = {}
    for sent in statements:
        if sent.scope.role != "app" or sent.scope.tenant is None or str(sent.scope.tenant) not in sent.text:
            continue
        sides: dict[bool, list[float]] = defaultdict(list)
        walled["app"].execute(cast(LiteralString, head(sent.scope)))
        for _ in range(rounds):
            for is_walled, connection in ((True, walled["app"]), (False, bare)):
                before = time.perf_counter()
                for _again in range(3):
                    connection.execute(cast(LiteralString, sent.text)).fetchall()
                sides[is_walled].append((time.perf_counter() - before) * 1000 / 3)
        found[sent.text] = (min(sides[True]), min(sides[False]))
    return found
