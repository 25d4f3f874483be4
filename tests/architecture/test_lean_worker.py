"""What a worker of the web never needs, or seldom, is not loaded when it starts (docs/benchmarks.md, ``memory``)."""

import ast
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from django.apps import AppConfig, apps

from content import lean

ROOT: Final = Path(__file__).resolve().parents[2]
_HEAVY: Final = ("ninja", "openpyxl", "wagtail.api.v3", "weasyprint", "xlsxwriter", "pypinyin", "hypothesis", "pytest")
_LOAD: Final = f"""
import sys
import settings.wsgi
from django.urls import get_resolver
assert get_resolver().url_patterns
print(*(name for name in {_HEAVY} if sys.modules.get(name)))
"""


def test_a_worker_that_has_begun_holds_none_of_what_is_heavy() -> None:
    """A process of its own: this one has loaded it all."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def _imports(body: Iterable[ast.stmt]) -> list[str]:
    return [ast.unparse(line) for line in body]


@pytest.mark.parametrize("config", [lean.Documents, lean.Images, lean.Snippets])
def test_wagtail_s_apps_end_with_the_interface_that_is_left_out(config: type[AppConfig]) -> None:
    """Whatever a later Wagtail does behind it would be left out too, and nobody would know."""
    (_ours, _without, wagtails, *_rest) = config.__mro__
    (ready,) = ast.parse(textwrap.dedent(inspect.getsource(wagtails.ready))).body
    assert isinstance(ready, ast.FunctionDef)
    lines = _imports(ready.body)
    first = next(number for number, line in enumerate(lines) if "api.v3" in line)
    assert first > 0
    behind = [line for line in lines[first:] if "api.v3" not in line]
    assert [line.partition("(")[0] for line in behind] == ["register_content_types", "api.add_router"], behind
    assert isinstance(apps.get_app_config(wagtails.label), config)
