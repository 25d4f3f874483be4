"""What is public has a caller in the product: a door that only tests open is a promise that nobody keeps."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

from tests.tree import FOLDERS, ROOT, modules

WITHOUT_A_CALLER: Final = {
    "platform/kernel/clock.py as_of": "the moment that a test or the demo pretends (ADR 0008)",
    "platform/ledger/workflow.py commit": "one verb for each kind; a unit's lines are moved together (units, unit_corrections)",
    "platform/ledger/workflow.py refund": "as commit",
    "referrals/emergency/engine/send.py send_due": "one round by hand for the demo and the bench; a process keeps its Sender",
    "referrals/policy/amounts.py prorate": "a month of childcare by attended days (rules §1): no counter enters days yet",
    "referrals/policy/amounts.py refund": "a part of a price that is paid back (rules §1): today units go back whole",
    "referrals/policy/decision.py recompute": "whoever checks a stored decision years later (docs/money.md)",
}
"""Functions that no module of the product calls, and why each is kept."""
_CALLED_BY_NAME: Final = re.compile(r"task|register|receiver|connect|hook")
"""Decorators by which a framework calls a function."""
_HANDLED: Final = re.compile(r"(^|/)(workflow|selectors|management)(/|\.py$)")
"""Where methods are asked for as well: elsewhere a framework calls most of them."""
_OF_FRAMEWORKS: Final = frozenset({"handle", "add_arguments"})


def _is_of_the_story(path: Path) -> bool:
    relative = path.relative_to(ROOT)
    return relative.parts[0] == "demo" or any(part.startswith("demo") for part in relative.parts)


PRODUCT: Final = [path for path in modules() if not _is_of_the_story(path)]


def _uses(node: ast.AST) -> Counter[str]:
    """Names that are read, attributes, dotted paths in texts, and what is imported under another name."""
    found: Counter[str] = Counter()
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                found[name] += 1
            case ast.Constant(value=str(text)) if re.fullmatch(r"\w+(\.\w+)+", text):
                found[text.rpartition(".")[2]] += 1
            case ast.alias(name=name, asname=str()):
                found[name.rpartition(".")[2]] += 1
    return found


def _asked_for(path: Path, tree: ast.Module) -> list[ast.FunctionDef]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if _HANDLED.search(str(path.relative_to(ROOT))):
        functions += [
            node for kind in tree.body if isinstance(kind, ast.ClassDef) for node in kind.body
            if isinstance(node, ast.FunctionDef) and node.name not in _OF_FRAMEWORKS
        ]  # fmt: skip
    return [
        node
        for node in functions
        if not node.name.startswith("_")
        and not any(_CALLED_BY_NAME.search(ast.unparse(d)) for d in node.decorator_list)
    ]


@cache
def _read(path: Path) -> tuple[Counter[str], list[tuple[str, int]]]:
    """What a module uses; and each function asked for, with how often it uses its own name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return _uses(tree), [(node.name, _uses(node)[node.name]) for node in _asked_for(path, tree)]


@cache
def _shown() -> frozenset[str]:
    """Every word in a tag of a template."""
    tags = [
        tag
        for folder in FOLDERS
        for page in (ROOT / folder).rglob("*.html")
        for tag in re.findall(r"\{[{%](.*?)[%}]\}", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    return frozenset(re.findall(r"\w+", " ".join(tags)))


def uncalled(paths: list[Path]) -> dict[str, set[str]]:
    """Name → where it is defined, of what nobody among ``paths`` and no template uses."""
    used, defined, own = Counter[str](), dict[str, set[str]](), Counter[str]()
    for path in paths:
        uses, functions = _read(path)
        used.update(uses)
        for name, by_itself in functions:
            defined.setdefault(name, set()).add(str(path.relative_to(ROOT)))
            own[name] += by_itself
    return {name: where for name, where in defined.items() if used[name] <= own[name] and name not in _shown()}


def test_every_public_function_has_a_caller_in_the_product() -> None:
    found = {f"{where} {name}" for name, places in uncalled(PRODUCT).items() for where in places}
    assert found - set(WITHOUT_A_CALLER) == set(), "wire it, or take it away"
    assert set(WITHOUT_A_CALLER) - found == set(), "it is called by now: take it off the list"


def test_the_search_finds_a_function_that_is_called_by_itself_alone() -> None:
    """Without the modules that call them, their doors stand open to nobody."""
    callers = {"referrals/emergency/engine/bounced.py", "operations/management/commands/add_operator.py"}
    without = [path for path in PRODUCT if str(path.relative_to(ROOT)) not in callers]
    assert len(without) == len(PRODUCT) - len(callers)
    assert {"mark_bounced", "add_operator"} <= set(uncalled(without))
