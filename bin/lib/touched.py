"""Which tests a change touches: those that reached a changed file when they last ran (tests/reached.py).

Changed is what differs from where this branch left the shared one, committed or not. Where it cannot be told whom a file
touches, everything is chosen: without a note of what a test reached, without git, and for a migration, a setting, a fixture
of all, or any file that no test is known to have reached.
"""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from places import CODE, ROOT, VAR

RECORDS = VAR / "reached"
STARTS_ANOTHER = "*"

#: No test of rules reads them: prose, and what a browser alone draws.
SILENT = (".md", ".css", ".js", ".svg", ".png", ".webp", ".woff2")
#: What an app says to all (docs/architecture.md, What an app brings): found without an import, and told by this app's code.
BROUGHT = (
    *("disclosure", "messages", "navigation", "permissions", "record_texts", "refusals", "schedule", "state_texts"),
)
#: Whoever changes these changes everything.
FOR_ALL = (
    "settings/",
    "bin/",
    "tests/conftest.py",
    "tests/databases.py",
    "manage.py",
    "pyproject.toml",
    "requirements",
)


def changed(root: Path = ROOT) -> set[str] | None:
    """Paths that differ from the shared branch, new ones too; None where git does not know."""
    for shared in ("@{upstream}", "origin/main", "origin/HEAD", "main"):
        if base := _git(root, "merge-base", "HEAD", shared):
            break
    else:
        return None
    # A file that was moved is named by both its names.
    named = _git(root, "diff", "--name-only", "--no-renames", "-z", base[0])
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return None if named is None or new is None else {*named, *new}


def _git(root: Path, *words: str) -> list[str] | None:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return [part.strip() for part in done.stdout.split("\0") if part.strip()] if done.returncode == 0 else None


def records(folder: Path = RECORDS) -> dict[str, set[str]]:
    """What each file of tests reached when it last ran whole."""
    found: dict[str, set[str]] = {}
    for path in folder.glob("*.json"):
        note = json.loads(path.read_text(encoding="utf-8"))
        found[note["test"]] = {*note["reached"]}
    return found


def touched(
    paths: Iterable[str], tests: Iterable[str], reached: Mapping[str, set[str]], sources: Mapping[str, str]
) -> list[str] | None:
    """Those of ``tests`` that a change of ``paths`` touches; None for all of them. Where nothing is changed, none.

    ``reached`` is what ``records`` read, ``sources`` the text of every Python file by its path.
    """
    if not (paths := sorted(paths)):
        return []
    known = set().union(*reached.values()) if reached else set()
    tests = sorted(tests)
    chosen = {test for test in tests if test not in reached or STARTS_ANOTHER in reached[test]}
    for path in paths:
        if len(chosen) == len(tests):
            return None
        if path in tests:
            chosen.add(path)
            continue
        if _is_another_test(path):
            chosen |= {test for test in tests if path in reached.get(test, set())}
            continue
        if path.endswith(SILENT):
            continue
        if path.startswith(FOR_ALL) or "/migrations/" in path:
            return None
        if (app := _said_by_an_app(path)) is not None:
            hit = {name for name in known if name.startswith(app)}
        else:
            hit = _reaching(path, known, sources) if path.endswith(".py") else {path} & known
        if not hit:
            return None
        chosen |= {test for test in tests if reached.get(test, set()) & hit}
    return sorted(chosen)


def _is_another_test(path: str) -> bool:
    """A file of tests that is not asked about: hardly anything reads it but its own run."""
    return path.startswith("tests/") and Path(path).name.startswith("test_") and path.endswith(".py")


def _said_by_an_app(path: str) -> str | None:
    """The folder of the app whose texts or tables these are; None for any other file."""
    parts = Path(path).parts
    if "locale" in parts[1:]:
        return f"{'/'.join(parts[: parts.index('locale')])}/"
    if Path(path).stem in BROUGHT and path.endswith(".py") and len(parts) > 1:
        return f"{'/'.join(parts[:-1])}/"
    return None


def _reaching(path: str, known: set[str], sources: Mapping[str, str]) -> set[str]:
    """The file itself and those that import it, for they may read a name of it without calling anything. Where nothing
    of such a one ever ran (a package that hands names on, a table of addresses) those that import that one in turn.
    """
    hit, todo = set(), [path]
    while todo:
        now = todo.pop()
        if now in hit:
            continue
        hit.add(now)
        for importer in _importers(now, sources):
            if importer in known:
                hit.add(importer)
            else:
                todo.append(importer)
    return hit & known


def module_of(path: str) -> str:
    """``platform/accounts/access.py`` → ``accounts.access``; a package's own file is the package."""
    parts = [*Path(path.removeprefix("platform/")).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _importers(path: str, sources: Mapping[str, str]) -> list[str]:
    module = module_of(path)
    last = module.rpartition(".")[2]
    return [
        other for other, text in sources.items() if other != path and last in text and module in _imported(other, text)
    ]


@cache
def _imported(path: str, text: str) -> set[str]:
    """Every module, and every name that may be one, that a file imports."""
    package = module_of(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return found


def sources(root: Path = ROOT) -> dict[str, str]:
    """Every Python file of the product and of the tests."""
    files = (path for folder in (*CODE, "tests") for path in (root / folder).rglob("*.py"))
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def chosen(folder: str) -> list[str] | None:
    """The files of tests in ``folder`` that the change at hand touches; None for all of them."""
    paths = changed()
    if paths is None:
        return None
    tests = [path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("test_*.py")]
    found = touched(paths, tests, records(), sources())
    return None if found is not None and len(found) == len(tests) else found
