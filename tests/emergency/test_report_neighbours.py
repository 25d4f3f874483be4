"""Whoever holds the database sees which rows one transaction wrote, and which came next: none of a report's lead to anybody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from referrals.emergency.models import Incident, Report
from referrals.emergency.receipts import receipt_hash
from referrals.emergency.workflow.receiving import Told, send_report
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.emergency.report_steps import end
from tests.emergency.test_board import client
from tests.emergency.world import World, make_world
from tests.tenancy.catalogue import readable_models

pytestmark = pytest.mark.usefixtures("committed")
OF_A_REPORT = {
    "emergency_report", "emergency_incident", "emergency_leg", "emergency_legstep", "emergency_timeline", "emergency_leftout",
}  # fmt: skip


@pytest.fixture
def world(committed: None) -> Iterator[World]:
    school = make_school()
    with use_tenant(school.pk):
        world = make_world(school)
        yield world


def next_xid() -> int:
    """The number that the next transaction which writes will bear."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def written_between(first: int, last: int) -> dict[str, list[str]]:
    """Table → rows, as text, that a transaction from ``first`` up to ``last`` wrote."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for model in readable_models():
            table = model._meta.db_table
            cursor.execute(
                f'SELECT t::text FROM "{table}" AS t WHERE xmin::text::bigint >= %s AND xmin::text::bigint < %s',  # noqa: S608
                [first, last],
            )
            if rows := [row[0] for row in cursor.fetchall()]:
                found[table] = rows
    return found


@pytest.mark.parametrize("about", ["", "老师1"])
def test_a_request_of_somebody_signed_in_writes_the_rows_of_a_report_and_no_other(about: str, world: World) -> None:
    browser: Client = client(world, "head")
    browser.get("/my/")
    member = world.members["head"]
    first = next_xid()
    answer: Any = browser.post("/report/", {"words": "他把东西都送人了", "danger_now": "on", "about": about})
    assert answer.status_code == 201
    written = written_between(first, next_xid())
    assert "emergency_report" in written and set(written) <= OF_A_REPORT
    text = str(written)
    assert str(member.pk) not in text and str(member.user_id) not in text


def test_the_rows_of_somebody_who_signs_in_are_seen_by_this_look(world: World) -> None:
    """The look itself works: what a sign-in and a page of the person's own write is found."""
    first = next_xid()
    client(world, "head")
    assert "django_session" in written_between(first, next_xid())


def test_of_many_first_reports_at_once_one_opens_the_incident(world: World) -> None:
    for incident in Incident.objects.all():  # of the tests before
        end(world, incident)
    before = Incident.objects.count()
    receipts = at_once(world.school, [lambda: send_report(told=Told(words="x"), danger_now=True)] * 8)
    assert all(isinstance(receipt, str) for receipt in receipts), receipts
    assert Incident.objects.count() == before + 1
    found = [Report.objects.get(receipt_hash=receipt_hash(receipt)) for receipt in receipts]
    assert sum(report.opened for report in found) == 1 and len({report.incident_id for report in found}) == 1
