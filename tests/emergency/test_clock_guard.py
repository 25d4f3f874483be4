"""Production refuses to start while the chain's clock is moved (ADR 0018); the demo and the tests do not."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from operations.doctor_chain import clock
from referrals.emergency.engine.processes import Parent
from referrals.emergency.engine.signs import offset_seconds, stand_at_zero
from referrals.emergency.engine.watchdog import Watchdog
from tests.emergency.chain_clock import chain_ahead

pytestmark = pytest.mark.usefixtures("committed")
ROOT = Path(__file__).resolve().parents[2]
WEB = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.CHAIN_CLOCK_MAY_MOVE = sys.argv[1], False
import settings.wsgi
print("started")
"""


def test_nothing_starts_while_the_clock_is_moved(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    started: list[str] = []
    monkeypatch.setattr(Parent, "run", lambda self: started.append("engine"))
    monkeypatch.setattr(Watchdog, "run", lambda self: started.append("watchdog"))
    monkeypatch.setattr(os, "_exit", lambda code: None)
    settings.CHAIN_CLOCK_MAY_MOVE = False  # type: ignore[attr-defined]
    with chain_ahead(timedelta(seconds=-1)):
        assert offset_seconds() == -1
        for name in ("emergency_engine", "emergency_watchdog"):
            with pytest.raises(ImproperlyConfigured, match="-1 s"):
                call_command(name)
        assert not clock().well
        assert not clock().is_warning
        settings.CHAIN_CLOCK_MAY_MOVE = True  # type: ignore[attr-defined]
        call_command("emergency_engine")
        assert clock().is_warning
    settings.CHAIN_CLOCK_MAY_MOVE = False  # type: ignore[attr-defined]
    for name in ("emergency_engine", "emergency_watchdog"):
        call_command(name)
    assert started == ["engine", "engine", "watchdog"]
    assert clock().well


def web() -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", WEB, connection.settings_dict["NAME"]], cwd=ROOT, env={**os.environ, "PYTHONPATH": paths},
        text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_the_web_does_not_start_either() -> None:
    with chain_ahead(timedelta(days=1)):
        refused = web()
    assert (refused.returncode, "started" in refused.stdout) == (1, False)
    assert "86400 s" in refused.stderr
    assert web().stdout == "started\n"


def test_a_database_that_is_away_refuses_nothing_here() -> None:
    usual = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    try:
        stand_at_zero(may_move=False)
    finally:
        connection.settings_dict["PORT"] = usual
        connection.close()
    assert offset_seconds() == 0


def test_production_may_not_move_it() -> None:
    text = (ROOT / "settings" / "production.py").read_text() + (ROOT / "settings" / "base.py").read_text()
    assert "CHAIN_CLOCK_MAY_MOVE = False" in text
    assert "CHAIN_CLOCK_MAY_MOVE = True" not in text
