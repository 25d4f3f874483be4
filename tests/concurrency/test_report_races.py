"""Whoever reports waits for others and is never the one who loses: what the database ends is kept anew (chain §1)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections, transaction
from psycopg.errors import DeadlockDetected

from referrals.emergency.models import Report
from referrals.emergency.workflow import receiving
from referrals.emergency.workflow.receiving import Told, send_report
from tenancy.scope import use_tenant
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")
BEHIND = 0.4
"""Seconds that the report has waited before the other waits for it: the database ends whoever has waited a second first."""


@contextmanager
def crosswise(world: World) -> Iterator[None]:
    """Somebody else holds what the report wants last, and then wants what it holds."""
    held = threading.Event()

    def other() -> None:
        with use_tenant(world.school.pk), transaction.atomic(), connection.cursor() as cursor:
            for name in (f"emergency.drill:{world.school.pk}", f"reports of {world.school.pk}"):
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
                held.set()
                time.sleep(BEHIND)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(30)
    try:
        yield
    finally:
        thread.join(30)


def report(world: World) -> str:
    with use_tenant(world.school.pk):
        return send_report(told=Told(words="走廊里听到有人哭"), danger_now=True)


def kept(world: World) -> int:
    with use_tenant(world.school.pk):
        return Report.objects.count()


def test_a_report_that_the_database_ended_is_kept_all_the_same(world: World) -> None:
    with crosswise(world):
        assert report(world)
    assert kept(world) == 1, "once"


def test_control_without_another_try_it_would_be_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "TRIES", 1)
    with crosswise(world), pytest.raises(OperationalError) as error:
        report(world)
    assert isinstance(error.value.__cause__, DeadlockDetected)
    assert kept(world) == 0
