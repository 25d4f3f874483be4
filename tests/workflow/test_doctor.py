"""The doctor sees what would fail, says how to mend it in both languages, and exits with 1."""

import os
from typing import Any

import pytest
from django.core.management import call_command

from kernel.clock import as_of
from operations.doctor import columns_sorted_by, examine
from tests.conftest import school_time
from workdays.state_table import KNOWN_YEARS

pytestmark = pytest.mark.django_db


def test_every_part_is_told_and_what_does_not_run_is_a_fault(capsys: Any) -> None:
    """The suite's broker is a closed port (settings.test); with a real one: tests/faults/test_broker_lost.py."""
    with pytest.raises(SystemExit):
        call_command("doctor")
    told = capsys.readouterr().out
    faults = [line.split(":")[0] for line in told.splitlines() if line.startswith("✗")]
    assert faults == ["✗ Operator", "✗ Broker", "✗ Scheduler", "✗ Worker", "✗ Engine", "✗ Watchdog"]
    assert "PostgreSQL" in told


def test_a_fault_is_named_with_its_mend_and_exits_1(settings, capsys):
    settings.PLATFORM_HOST = "nowhere.invalid"
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert "✗ Hosts" in told
    assert "DNS" in told


def test_every_fault_has_words_in_both_languages(settings, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.VAR = blocked
    settings.PLATFORM_HOST = "nowhere.invalid"
    faults = [finding for finding in examine() if not finding.well]
    assert {"var/", "Hosts"} <= {finding.what for finding in faults}
    assert all(finding.mend_zh and finding.mend_en for finding in faults)


def test_no_column_is_sorted_by_icu_and_the_search_for_one_finds_columns() -> None:
    """An upgrade of ICU changes its order and makes indexes wrong; the embedded server has none at all."""
    assert columns_sorted_by("i") == []
    assert {"accounts_membership.sort_key", "accounts_department.sort_key"} <= set(columns_sorted_by("c"))
    (sorting,) = [finding for finding in examine() if finding.what == "Sorting"]
    assert (sorting.well, sorting.seen) == (True, "no ICU")


def test_a_year_without_announced_holidays_is_a_warning_and_no_fault(capsys: Any) -> None:
    with as_of(school_time("2026-06-01 07:00")):
        (known,) = [finding for finding in examine() if finding.what == "Holidays"]
    assert known.well
    unknown = max(KNOWN_YEARS) + 1
    with as_of(school_time(f"{unknown - 1}-12-20 07:00")), pytest.raises(SystemExit):
        call_command("doctor")
    told = capsys.readouterr().out
    assert f"! Holidays: {unknown} not known" in told
    assert "chinesecalendar" in told
    with as_of(school_time(f"{unknown - 1}-12-20 07:00")):
        (warned,) = [finding for finding in examine() if finding.what == "Holidays"]
    assert (warned.well, warned.is_warning) == (False, True)


@pytest.mark.parametrize(
    ("families", "missing"),
    [
        ("Noto Sans CJK SC\n", ["fonts-hanazono", "fonts-babelstone-han"]),
        ("Noto Sans CJK SC\nHanaMinA,花園明朝A\n", ["fonts-babelstone-han"]),
        ("HanaMinB\nBabelStone Han\n", []),
    ],
)
def test_the_fonts_of_rare_characters_are_named_when_they_are_missing(
    monkeypatch: Any, tmp_path: Any, families: str, missing: list[str]
) -> None:
    """A machine whose ``fc-list`` knows other fonts than this one."""
    program = tmp_path / "fc-list"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{families}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (found,) = [finding for finding in examine() if finding.what == "Rare characters"]
    assert (found.well, found.is_warning) == (not missing, True)
    for package in ("fonts-hanazono", "fonts-babelstone-han"):
        assert (package in found.mend_en, package in found.mend_zh) == (package in missing,) * 2
