"""The statements that pages really send, what each costs, and how the database means to answer them."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
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


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement with its values, in the scope in which it was sent."""

    text: str
    scope: Scope


@contextmanager
def noting(statements: dict[str, Sent], taken: list[tuple[str, float]]) -> Iterator[None]:
    """Keep each statement by its text without values, and in ``taken`` each as it came with its ms."""

    def noted(act: Any, text: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        before = time.perf_counter()
        try:
            return act(text, params, many, context)
        finally:
            taken.append((str(text), (time.perf_counter() - before) * 1000))
            if isinstance(text, Parts):
                statements.update((part, Sent(part, current())) for part in text.split(";\n"))
            elif text not in statements:
                statements[text] = Sent(_bound(context["connection"].connection, text, params), current())

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(noted))
        yield


def _bound(connection: psycopg.Connection, text: str, params: Any) -> str:
    """With its values; by a cursor of its own, for the one that answers holds its answer."""
    return str(psycopg.ClientCursor(connection).mogrify(cast(LiteralString, text), params)) if params else text


def reads(statements: dict[str, Sent]) -> list[Sent]:
    """Those that only look."""
    return [sent for sent in statements.values() if sent.text.startswith("SELECT") and " FOR " not in sent.text[-60:]]


def head(scope: Scope) -> str:
    """What opens ``scope`` for a whole session of the role."""
    return f"SET app.tenant = '{scope.tenant or ''}'; SET app.partner = '{scope.partner or ''}'"


class Planner:
    """Asks for plans as the role of the scope would get them."""

    def __init__(self, roles: dict[str, psycopg.Connection]) -> None:
        self._roles = roles
        self._tables = {m._meta.db_table for m in apps.get_models() if issubclass(m, TenantModel)}
        found = roles["app"].execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'").fetchall()
        self._large = {name for name, rows in found if name in self._tables and rows >= _SMALL}

    def faults(self, sent: Sent) -> list[str]:
        """Whole tables that are read, and whole schools that are sorted, to answer it."""
        connection = self._roles[sent.scope.role]
        connection.execute(cast(LiteralString, head(sent.scope)))
        asked = cast(LiteralString, f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent.text}")
        row = connection.execute(asked).fetchone()
        assert row
        plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
        return [f"{fault}: {sent.text[:400]}" for fault in self._below(plan[0]["Plan"])]

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
