"""Each refusal of a request's journey is met on a page and by a program, or it is said here why one door has no such act."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.tree import ROOT
from ui.refusals import explanations

KINDS: Final = {"Forbidden", "Conflict", "Refused", "Invalid", "TooMany", "IllegalMove"}
WRITERS: Final = ("referrals/workflow", "referrals/subsidies")
DOORS: Final = {"page": ("referrals/staff", "referrals/counter", "referrals/offices"), "program": ("referrals/api",)}
_DRAFT: Final = "a program has no draft: it sends a whole request at once"
_LEFT: Final = "a link goes by e-mail to a person who has left, never to a program"
ONE_DOOR: Final[dict[str, tuple[str, str]]] = {
    "already_sent": ("page", _DRAFT),
    "draft_changed": ("page", _DRAFT),
    "drafts_full": ("page", _DRAFT),
    "not_a_leaver": ("page", _LEFT),
    "leaver_link_too_soon": ("page", _LEFT),
    "place_over": ("page", "a child's place is asked of its other guardian once, on their own page"),
    "pool_has_moved": ("page", "who pays a scheme is written down once, beside the bank account"),
    "end_already_set": ("page", "a program drafts and approves policies; the day on which one ends is set by hand"),
}
"""Code → the door that has it, and why the other one has no such act."""


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).glob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _names(tree: ast.Module, module: str) -> dict[str, str]:
    """What each name of a module stands for: a function of ours, by its full name."""
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return known | {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}


def _codes(node: ast.AST) -> set[str]:
    """The codes that are raised in ``node`` itself."""
    return {
        call.args[0].value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def _called(node: ast.AST, names: dict[str, str]) -> set[str]:
    """Functions of ours that ``node`` names; a function that is handed on is called by somebody."""
    plain = {names[part.id] for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in names}
    through = {
        f"{names[part.value.id]}.{part.attr}"
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names
    }
    return plain | through


@cache
def raised() -> dict[str, set[str]]:
    """Function → every code that it or whatever it calls can raise."""
    own: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for path in _files(*WRITERS):
        tree, module = ast.parse(path.read_text()), _module(path)
        names = _names(tree, module)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                own[f"{module}.{node.name}"] = _codes(node)
                calls[f"{module}.{node.name}"] = _called(node, names)
    is_growing = True
    while is_growing:
        is_growing = False
        for name, called in calls.items():
            more = set[str]().union(*(own.get(each, set()) for each in called)) - own[name]
            if more:
                own[name] |= more
                is_growing = True
    return own


@cache
def met_at(door: str) -> frozenset[str]:
    """Codes of the writers that the modules of a door call."""
    found = set[str]()
    for path in _files(*DOORS[door]):
        tree = ast.parse(path.read_text())
        for name in _called(tree, _names(tree, _module(path))):
            found |= raised().get(name, set())
    return frozenset(found)


ALL: Final = sorted(set[str]().union(*raised().values()))


def test_the_search_finds_the_codes() -> None:
    assert len(ALL) > 60
    assert {"slot_taken", "child_busy", "new_year_not_funded", "year_runs", "taken", "reschedule_open"} <= set(ALL)


@pytest.mark.parametrize("code", ALL)
def test_a_page_and_a_program_can_meet_it(code: str) -> None:
    doors = {door for door in DOORS if code in met_at(door)}
    if code in ONE_DOOR:
        assert doors == {ONE_DOOR[code][0]}, "take it off the list"
    else:
        assert doors == set(DOORS)


@pytest.mark.parametrize("code", ALL)
def test_it_has_words_of_its_own_for_either_door(code: str) -> None:
    """The page shows them, the problem document carries them (``ui.refusals.explain``); the general sentence helps nobody."""
    assert code in explanations()
