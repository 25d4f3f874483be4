"""The static help page says the school's own line and its clock while everything else is stopped (issue E: readiness)."""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from referrals.emergency.help_lines import Open, joined, lines_of_house, write_lines
from referrals.emergency.schedule import BEAT
from referrals.emergency.school_line import forget
from referrals.emergency.tasks import HELP_TASK, write_help_lines
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.world import make_world
from tests.tree import ROOT
from workdays.models import CalendarChange

sys.path.insert(0, str(ROOT / "bin/lib"))
import help_server
import places
from supervisor import Process

pytestmark = pytest.mark.django_db
MORNING = datetime(2025, 12, 31, 1, 0, tzinfo=UTC)
"""Nine o'clock of the last day of the year in Shanghai, a Wednesday; 1 to 3 January are off, Sunday the 4th is worked instead."""


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget()
    yield
    forget()


def with_line(school: Tenant, hours: str, phone: str = "0571-87654321") -> dict[str, Any]:
    Tenant.objects.filter(pk=school.pk).update(duty_phone=phone, duty_hours=hours, name="育才<中学>")
    found: dict[str, Any] = lines_of_house(MORNING)["hosts"].get(school.host)
    return found


def said(line: dict[str, Any], at: datetime) -> str:
    return help_server.section(line, at)


def test_it_says_whether_somebody_answers_and_from_when_on_over_the_year_and_the_holiday(school: Tenant) -> None:
    line = with_line(school, "工作日 8:00–20:00")
    assert "现在有人接，到 20:00" in said(line, MORNING)
    assert "answered now, until 20:00" in said(line, MORNING)
    night = said(line, MORNING + timedelta(hours=12))
    assert "现在没有人接，01-04 08:00 起有人接" in night
    assert "截至 12-31 09:00" in said(line, MORNING + timedelta(days=1)), "as of when it stands"
    assert "截至 2025-12-31 09:00" in said(line, MORNING + timedelta(days=400))


def test_the_schools_own_days_count(school: Tenant) -> None:
    with use_tenant(school.pk):
        CalendarChange.objects.create(first_day=MORNING.date(), last_day=MORNING.date(), is_workday=False)
    line = with_line(school, "工作日 8:00–20:00")
    assert "现在没有人接" in said(line, MORNING)


def test_of_hours_that_cannot_be_read_and_behind_what_is_known_nothing_is_claimed(school: Tenant) -> None:
    line = with_line(school, "看情况")
    assert "看情况" in said(line, MORNING) and "现在" not in said(line, MORNING)
    line = with_line(school, "每天 0:00–24:00")
    assert "现在有人接" in said(line, MORNING) and "现在" not in said(line, MORNING + timedelta(days=31))
    assert len(line["open"]) == 1, "midnight shuts nothing"
    assert "值班时间没有写" in said(with_line(school, ""), MORNING)


def test_a_live_chain_answers_day_and_night(school: Tenant) -> None:
    with use_tenant(school.pk):
        make_world(school)
    line = with_line(school, "工作日 8:00–20:00")
    assert "白天黑夜都有人接" in said(line, MORNING + timedelta(hours=12))


def test_neighbours_that_touch_are_one() -> None:
    hour = [MORNING + timedelta(hours=number) for number in range(5)]
    assert joined([Open(hour[0], hour[1]), Open(hour[1], hour[2]), Open(hour[3], hour[4])]) == [
        Open(hour[0], hour[2]),
        Open(hour[3], hour[4]),
    ]


def asked(port: int, host: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, "/centre/x?y=1", headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_while_everything_else_is_stopped_it_answers_by_host(
    school: Tenant, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The house writes the file and is gone: the process has no address of database or broker, no Django, no settings."""
    settings.HELP_LINES = tmp_path / "var" / "help-lines.json"
    with_line(school, "每天 0:00–24:00")
    other = make_school()
    assert write_help_lines() >= 1 and HELP_TASK in BEAT
    connections.close_all()
    port = places.free_port(21200)
    process = Process(
        "help",
        [
            sys.executable,
            str(ROOT / "bin/lib/help_server.py"),
            "--port",
            str(port),
            "--lines",
            str(settings.HELP_LINES),
        ],
        tmp_path / "help.log",
        env={"PATH": os.environ["PATH"]},
    )
    process.start()
    try:
        _until_open(port)
        for host in (school.host, f"{school.host.upper()}:8443", f"{school.host}."):
            status, page = asked(port, host)
            assert status == 200 and "0571-87654321" in page and 'href="tel:057187654321"' in page
            assert "现在有人接" in page and "截至 " in page and "12356" in page
            assert "育才&lt;中学&gt;" in page, "a name is text"
        for host in (other.host, "nobody.example", "", "[::1]:80"):
            status, page = asked(port, host)
            assert status == 200 and "12356" in page and "学校值班电话" not in page, host
        assert asked(port, school.host, "HEAD") == (200, "")
        for damage in (b"{", b"[]", b'{"hosts": {"x": 1}}'[:-1], b"\xff"):
            settings.HELP_LINES.write_bytes(damage)
            assert "0571-87654321" in asked(port, school.host)[1], "what was read once stays"
        settings.HELP_LINES.unlink()
        assert "0571-87654321" in asked(port, school.host)[1]
        settings.HELP_LINES.write_text(json.dumps({"hosts": {school.host: {"name": "x"}}}))
        assert "学校值班电话" not in asked(port, school.host)[1], (
            "a line that cannot be shown is left out, the page stands"
        )
        assert (tmp_path / "help.log").read_text() == ""
    finally:
        process.stop()


def _until_open(port: int) -> None:
    for _try in range(200):
        if not places.port_is_free(port):
            return
        _pause()
    raise AssertionError("the help page does not answer")


def _pause() -> None:
    time.sleep(0.05)


def test_a_failed_write_leaves_the_file_as_it_was(
    school: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "help-lines.json"
    with_line(school, "每天 0:00–24:00")
    assert write_lines(file, MORNING) >= 1
    before = file.read_bytes()
    file_there = tmp_path / "taken"
    file_there.mkdir()
    (file_there / "x").touch()
    with pytest.raises(IsADirectoryError):
        write_lines(file_there, MORNING)  # a folder stands in its place
    assert file.read_bytes() == before and {path.name for path in tmp_path.iterdir()} == {"help-lines.json", "taken"}
