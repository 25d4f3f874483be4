"""What may import what. import-linter follows the imports; here stands what it must be asked, so that no rule is struck unseen."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.tree import ROOT, modules

TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
LINTER = TOOLS["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
PURE = (
    "kernel",
    "referrals.emergency.rules",
    "referrals.policy",
    "referrals.states",
    "referrals.rules",
    "referrals.codes",
    "partners.states",
)
"""Decisions and closed words: values in, values out, so that they are read and tested without a database."""
FRAMEWORKS = {"django", "rest_framework", "celery", "wagtail"}


def our_packages() -> set[str]:
    """Every package of ours by the name it is imported with."""
    places = {path.relative_to(ROOT).parts for path in modules()}
    return {parts[1] if parts[0] == "platform" else parts[0] for parts in places}


def files_of(module: str) -> list[Path]:
    parts = module.split(".")
    for root in (ROOT, ROOT / "platform"):
        place = root.joinpath(*parts)
        if place.is_dir():
            return sorted(place.rglob("*.py"))
        if place.with_suffix(".py").exists():
            return [place.with_suffix(".py")]
    raise LookupError(module)


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_leads_to_no_framework(module: str) -> None:
    """Neither by itself nor by what it imports of ours."""
    ours, to_read, read = our_packages(), [module], set()
    while to_read:
        read.add(reading := to_read.pop())
        for path in files_of(reading):
            for name in imports_of(path):
                assert name.split(".")[0] not in FRAMEWORKS, (path, name)
                if name.split(".")[0] in ours and name not in read:
                    to_read.append(name)


def test_the_linter_is_asked_for_the_layers_of_every_app() -> None:
    contract = CONTRACTS["Downwards only"]
    layers = [set(re.split(r"\s*[|:]\s*", layer)) for layer in contract["layers"]]
    placed = [name for layer in layers for name in layer]
    assert contract["type"] == "layers"
    assert len(placed) == len(set(placed))
    assert set(placed) == our_packages()
    assert set(LINTER["root_packages"]) >= set(placed)
    assert set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]) >= set(placed)
    assert layers[-1] == {"kernel"}
    assert layers[0] == {"settings"}


def test_the_linter_is_asked_to_keep_decisions_pure() -> None:
    pure = CONTRACTS["Pure rules know no framework"]
    assert pure["type"] == "forbidden"
    assert set(pure["source_modules"]) >= set(PURE)
    assert set(pure["forbidden_modules"]) >= FRAMEWORKS | {"tenancy", "accounts"}
    assert "allow_indirect_imports" not in pure


def test_no_writer_and_no_model_imports_a_view() -> None:
    """The linter's third rule, for every app, also for one that nobody has put on its list."""
    below = {"workflow", "models", "access", "selectors", "policies", "rules", "states"}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules()
        if below & {*path.relative_to(ROOT).parts, path.stem} and path.parent.name != "api"
        for name in imports_of(path)
        if not name.startswith("django.")
        if any(part == "api" or part.startswith("views") for part in name.split(".")[1:])
    }
    assert found == set()
