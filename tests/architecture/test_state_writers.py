"""States are written by writers alone, and only to where the table of moves leads (house §How a write happens, §Style 4).

Read from the code and not from what ran: a line that no test reaches is found too.
"""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps

from tests.tree import ROOT, modules
from tests.unit.test_states import MACHINES

WRITERS: Final = ("workflow", "engine")
"""By kind: the writers of an app (a folder or a file), and the chain's engine, which writes for the clocks."""
DATABASE: Final = ("models", "migrations")
"""Functions of the database stand beside the tables; nothing but SQL may write a state there."""

_SQL: Final = re.compile(r"\bSET\b(?:(?!\bWHERE\b)[^;])*?(?<![.\w])state\s*=", re.DOTALL)
_STATED: Final = re.compile(r"\b(?:state|status)\b")
_STEPS: Final = re.compile(r"(?:\w+_)?(?:step|move)|found\.to|after\.state", re.ASCII)


def _parts(path: str) -> set[str]:
    return {*Path(path).parts[:-1], Path(path).stem}


@dataclass(frozen=True)
class Write:
    """A line that gives a row another state: where, and what it is given."""

    place: str
    line: int
    kind: str
    value: str
    """The expression, with what stands behind its names in the same function; empty for SQL and lists of columns."""

    def __str__(self) -> str:
        return f"{self.place}:{self.line} {self.kind} {self.value}"


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("platform.")


def _is_state(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"state", "status"} and ast.unparse(node.value) != "self"


def _assigned(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement gives to ``….state``: one value of ``a.state, a.since = x, y`` too."""
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        if node.value and _is_state(node.target):
            yield node.value
        return
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if _is_state(target):
            yield node.value
        elif isinstance(target, ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value] * len(target.elts)
            yield from (value for part, value in zip(target.elts, values, strict=True) if _is_state(part))


def _called(node: ast.AST, function: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """How a call writes a state: ``update(state=…)``, ``bulk_update(…, ["state"])``, ``setattr(…, "state", …)``."""
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    words = {word.arg: word.value for word in node.keywords}
    if name in {"update", "aupdate"} and "state" in words:
        yield "update", words["state"]
    if name in {"update", "aupdate", "update_or_create"} and (None in words or "defaults" in words):
        for told in ast.walk(function):  # update(**values), values = {"state": …}
            if isinstance(told, ast.Dict):
                for key, value in zip(told.keys, told.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "state":
                        yield "update", value
    if name in {"bulk_update", "abulk_update"} and '"state"' in ast.unparse(node).replace("'", '"'):
        yield "bulk_update", None
    if name == "setattr" and len(node.args) == 3 and ast.unparse(node.args[1]) in {"'state'", "'status'"}:
        yield "setattr", node.args[2]


def _behind(value: ast.expr, function: ast.AST) -> str:
    """The expression, and what the function gave to each name in it, or says that the name is."""
    seen, texts = set(), [ast.unparse(value)]
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    while names:
        if (name := names.pop()) in seen:
            continue
        seen.add(name)
        for node in ast.walk(function):
            if isinstance(node, ast.arg) and node.arg == name and node.annotation:
                texts.append(f"{name}: {ast.unparse(node.annotation)}")
            if isinstance(node, ast.Assign) and any(ast.unparse(target) == name for target in node.targets):
                texts.append(ast.unparse(node.value))
                names += [part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)]
    return " ← ".join(texts)


def writes(code: str, place: str) -> list[Write]:
    """Every line of ``code`` that writes a state."""
    if not _STATED.search(code):
        return []
    tree = ast.parse(code)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = {}
    for function in [tree, *functions]:  # the innermost one has the last word
        for node in ast.walk(function):
            for value in _assigned(node):
                found[node.lineno, "assign"] = _behind(value, function)  # type: ignore[attr-defined]
            for kind, given in _called(node, function):
                found[node.lineno, kind] = _behind(given, function) if given else ""  # type: ignore[attr-defined]
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
                found[node.lineno, "SQL"] = ""
    return [Write(place, line, kind, value) for (line, kind), value in sorted(found.items())]


@cache
def every_write() -> list[Write]:
    """Those of the whole product; read when the first test asks, for whoever runs another file collects this one too."""
    return [write for path in modules() for write in writes(path.read_text(), str(path.relative_to(ROOT)))]


@cache
def machines() -> set[str]:
    """The names of all states that have a table of moves anywhere: ``BookingState``, ``ConsentState`` …"""
    names = {states.__name__ for _step, states, *_rest in MACHINES.values()}
    for path in modules():
        if re.search(r"^(?:[A-Z]+_)*MOVES\b.*=", path.read_text(), re.MULTILINE):
            for name, table in vars(importlib.import_module(_dotted(path))).items():
                if name.endswith("MOVES") and isinstance(table, Mapping):
                    names |= {type(key[0]).__name__ for key in table if isinstance(key, tuple)}
    return names


PLAIN: Final = {
    "OutboxState": "claimed, sent, put back: one loop, by a lease",
    "TenantKey": "current until there is a newer one",
    "RosterState": "a job's progress; whoever takes a list locks it",
    "LetterState": "claimed, sent, put back: one loop, by a lease",
    "GrantState": "asked, then decided once",
    "DeliveryState": "a page in the chain's queue; the database's functions move it",
}
"""States without a table of moves, and why they need none."""


def _speaks_of(write: Write, names: set[str]) -> set[str]:
    return {name for name in names if re.search(rf"(?<!\.)\b{name}\b", write.value)}


def _misplaced(found: list[Write]) -> list[str]:
    """Writes of a state that stand in no writer. One of a plain state is for the one module that keeps it."""
    keepers: dict[str, set[str]] = {}
    faults = []
    for write in found:
        if set(WRITERS) & _parts(write.place) or (write.kind == "SQL" and set(DATABASE) & _parts(write.place)):
            continue
        plain = _speaks_of(write, set(PLAIN))
        if plain and not _speaks_of(write, machines()):
            for name in plain:
                keepers.setdefault(name, set()).add(write.place)
        else:
            faults.append(str(write))
    return faults + [f"{name}: {sorted(places)}" for name, places in keepers.items() if len(places) > 1]


def _unasked(found: list[Write]) -> list[str]:
    """Writes of a word of a machine that asked no table of moves."""
    return [str(write) for write in found if _speaks_of(write, machines()) and not _STEPS.search(write.value)]


def test_states_are_written_by_writers_alone() -> None:
    assert len([write for write in every_write() if write.kind == "assign"]) > 80, "the search finds the code"
    assert {write.kind for write in every_write()} >= {"assign", "update", "bulk_update", "SQL"}
    assert _misplaced(every_write()) == []


def test_a_state_is_what_the_table_of_moves_says() -> None:
    """``row.state = BookingState.DONE`` would lead anywhere from anywhere; a row is born in a state by its constructor."""
    assert len([write for write in every_write() if _STEPS.search(write.value)]) > 60, "the search finds the moves"
    assert _unasked(every_write()) == []


def test_every_model_s_states_have_a_table_or_a_reason() -> None:
    found: dict[str, Any] = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if getattr(field, "name", "") == "state" and getattr(field, "choices", None):
                found[model.__name__] = frozenset(str(value) for value, _label in field.choices)
    assert len(found) > 25, "the search finds the models"
    known = {
        frozenset(str(state.value) for state in kind)
        for path in modules()
        if "State" in path.read_text()
        for owner in vars(importlib.import_module(_dotted(path))).values()
        if isinstance(owner, type)
        for kind in (owner, *(inner for inner in vars(owner).values() if isinstance(inner, type)))
        if issubclass(kind, Enum) and {kind.__name__, kind.__qualname__.split(".")[0]} & (machines() | set(PLAIN))
    }
    assert {name for name, states in found.items() if states not in known} == set()


@pytest.mark.parametrize(
    "line",
    [
        "booking.state = step(booking.state, BookingEvent.FINISH)",
        "booking.state, booking.at = BookingState.DONE, now()",
        "Booking.objects.filter(pk=1).update(state=BookingState.DONE)",
        "values = {'state': BookingState.DONE}\n    Booking.objects.update(**values)",
        "Booking.objects.bulk_update(rows, ['state'])",
        "setattr(booking, 'state', BookingState.DONE)",
        "cursor.execute('UPDATE booking SET changed = now(), state = %s WHERE id = %s')",
        "row.state = OutboxState.SENT if sent else BookingState.DONE",
    ],
)
def test_a_write_in_a_view_is_found(line: str) -> None:
    found = writes(f"def save(booking):\n    {line}\n", "referrals/counter/views_bookings.py")
    assert _misplaced(found), line
    there = writes(f"def save(booking):\n    {line}\n", "referrals/workflow/booking.py")
    assert _misplaced(there) == []


def test_a_word_that_no_table_gave_is_found_in_a_writer_too() -> None:
    code = "def save(booking):\n    after = BookingState.DONE\n    booking.state = after\n"
    assert _unasked(writes(code, "referrals/workflow/booking.py"))
    asked = "def save(booking):\n    after = step(BookingState(booking.state), event)\n    booking.state = after\n"
    assert _unasked(writes(asked, "referrals/workflow/booking.py")) == []


def test_reading_is_no_writing() -> None:
    code = (
        "def look(rows):\n    state = rows.state\n    return rows.filter(state='done'), 'SET a = 1 WHERE state = 2'\n"
    )
    assert writes(code, "referrals/counter/views.py") == []
