"""What each file of tests reached, written down whenever all of a file is run: ``bin/test --quick`` chooses by it (bin/lib/touched.py).

Noted are the files of this checkout whose functions ran, and the templates that were drawn. A function that
ran once in a file is not watched again before the next file, so it costs a few milliseconds a file. What a second program does
is not seen: a file that starts one is marked, and always chosen.
"""

import json
import sys
from collections.abc import Iterator
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.test.signals import template_rendered

ROOT = Path(__file__).resolve().parents[1]
STARTS_ANOTHER = "*"
"""In place of a path: a second program ran."""

_TOOL = 4
_INSIDE = f"{ROOT}/"
_NOT_OURS = (f"{ROOT}/.venv/", f"{ROOT}/var/")

_seen: set[str] = set()


def _note(path: object) -> None:
    if isinstance(path, str) and path.startswith(_INSIDE) and not path.startswith(_NOT_OURS):
        _seen.add(path)


def _began(code: CodeType, _offset: int) -> Any:
    if (
        code.co_flags & CO_OPTIMIZED
    ):  # a function: the body of a module or a class runs where it happens to be imported first
        _note(code.co_filename)
    return sys.monitoring.DISABLE


def _drawn(template: Any = None, **_: Any) -> None:
    _note(str(template.origin.name) if template is not None and template.origin else None)


def _told(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork"):
        _seen.add(STARTS_ANOTHER)


class Reached:
    """A plugin of pytest that writes ``<folder>/<file of tests>.json`` when the last test of a file has run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fixtures: set[str] = set()
        self.planted: dict[str, set[str]] = {}

    def pytest_sessionstart(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sys.monitoring.use_tool_id(_TOOL, "reached")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, _began)
        template_rendered.connect(_drawn)
        sys.addaudithook(_told)

    def pytest_collection_finish(self) -> None:
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START)
        _seen.clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """What lives longer than a file is made in one file and used in others: each of them reached what made it."""
        if fixturedef.scope not in ("session", "package"):
            return (yield)
        before = _seen.copy()
        _seen.clear()
        sys.monitoring.restart_events()
        try:
            return (yield)
        finally:
            self.planted[fixturedef.argname] = _seen.copy()
            _seen.update(before)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        result = yield
        self.fixtures |= {*getattr(item, "fixturenames", ())}
        if nextitem is None or nextitem.path != item.path:
            self._write(item.path)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        # Also those that a fixture asked for by name, while the test knows them.
        self.fixtures |= {*getattr(getattr(item, "_request", None), "_fixture_defs", ())}
        return (yield)

    def _write(self, test: Path) -> None:
        reached = _seen.union(*(self.planted.get(name, ()) for name in self.fixtures), {str(test)})
        names = sorted(name.removeprefix(_INSIDE) for name in reached)
        name = test.relative_to(ROOT).as_posix()
        target = self.folder / f"{name.replace('/', '.')}.json"
        beside = target.with_suffix(".new")
        beside.write_text(json.dumps({"test": name, "reached": names}))
        beside.rename(target)
        self.fixtures.clear()
        _seen.clear()
        sys.monitoring.restart_events()


def is_whole(config: pytest.Config) -> bool:
    """Whether the files that were asked for are run whole: a part of a file reaches less than the file."""
    chosen = (config.option.keyword, config.option.markexpr, config.getoption("lf", False), config.option.deselect)
    return not any(chosen) and not any("::" in str(argument) for argument in config.args)
