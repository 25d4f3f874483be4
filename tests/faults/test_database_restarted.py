"""PostgreSQL stops at once, in the middle of calling, and starts again: what was accepted is called for, each under one key (E1).

On a cluster of its own, which confirms to the disk as a server's does: the tests' own does not, and others work in it.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connections

from referrals.emergency import secrets
from referrals.emergency.models import Delivery, Incident, Leg, Timeline
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.emergency.world import World, make_world
from tests.faults.chain import START, House, until
from tests.gateway import open_gateway

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

import cluster  # noqa: E402
from environment import DATABASE, load_secrets  # noqa: E402

WHERE = ("HOST", "PORT", "NAME")


def copied(database: cluster.Database, name: str, folder: Path) -> None:
    """The tables of the tests' database ``name``, and whatever the migrations put into them, in the new cluster."""
    assert database.process is not None and database.superuser_url is not None
    programs, login = Path(database.process.command[0]).parent, settings.OWNER_DATABASE
    password = {**os.environ, "PGPASSWORD": login["PASSWORD"]}
    dump = folder / "tables.sql"
    source = ["-h", login["HOST"], "-p", str(login["PORT"]), "-U", login["USER"], "-d", name]
    told = [programs / "pg_dump", *source, "--enable-row-security", "-f", dump]
    subprocess.run([str(word) for word in told], env=password, check=True)
    into = database.superuser_url.rpartition("/")[0] + f"/{DATABASE}"
    read = [programs / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", into, "-f", dump]
    subprocess.run([str(word) for word in read], check=True)


def connect_to(**where: Any) -> dict[str, Any]:
    """Send every connection of this process there; where they went before."""
    connections.close_all()
    known = connections["default"].settings_dict
    before = {name: known[name] for name in WHERE}
    known.update(where)
    settings.DATABASES["default"].update(where)
    return before


@pytest.fixture
def own(
    committed: None, committing_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[cluster.Database]:
    """A cluster with the product's tables; this test's connections go to it."""
    monkeypatch.delenv("DATABASE_URL")
    database = cluster.start("restarted-postgres", load_secrets())
    assert database.process is not None
    try:
        cluster.recreate_database(database)
        copied(database, committing_database, tmp_path)
        port = database.urls["xinqiao_app"].rpartition("@")[2].partition("/")[0].partition(":")[2]
        before = connect_to(HOST="127.0.0.1", PORT=port, NAME=DATABASE)
        try:
            yield database
        finally:
            connect_to(**before)
    finally:
        database.process.stop()


def opened(world: World, count: int, first: int) -> None:
    for number in range(first, first + count):
        person = make_person(world.school, "staff", phone=f"+86137000{number:05d}")
        world.open(person_id=person.pk, grade="major")


def test_what_was_accepted_is_called_for_after_an_immediate_stop(own: cluster.Database, tmp_path: Path) -> None:
    process, port = own.process, int(connections["default"].settings_dict["PORT"])
    assert process is not None and process.pid is not None
    with open_gateway() as gateway, ExitStack() as stack:
        engine = House(stack, tmp_path, GATEWAY_URL=gateway.url).start("emergency_engine", "--children", "1", port=port)
        school = make_school()
        with use_tenant(school.pk):
            world = make_world(school)
            until(lambda: len(engine.children()) == 1, "a child", START)
            opened(world, 2, 0)
            until(lambda: gateway.keys(school.slug), "the first page reaches the gateway", START)
            gateway.pause = 0.3  # so that the stop finds pages on their way
            opened(world, 4, 2)
            os.kill(process.pid, signal.SIGQUIT)
            until(lambda: not process.running(), "the server has stopped")
            connections.close_all()
            with pytest.raises(DatabaseError):
                Incident.objects.count()
        connections.close_all()
        process.start()
        gateway.pause = 0.0

        def is_back() -> bool:
            try:
                with use_tenant(school.pk):
                    return Incident.objects.count() == 6
            except DatabaseError:
                connections.close_all()
                return False

        until(is_back, "the server is back, and what was accepted stands", 30)
        with use_tenant(school.pk):
            pages = Delivery.objects.filter(channel="sms", leg__kind="school")
            until(
                lambda: pages.count() == 6 and set(pages.values_list("state", flat=True)) == {"sent"},
                "every incident's page has left, also those of a lease that ran out",
                60,
            )
            assert Timeline.objects.filter(code="leg.step_due", leg__kind="school").count() == 6, "decided once"
            assert set(Counter(pages.values_list("leg_id", flat=True)).values()) == {1}, "nobody has a second page"
            assert not Leg.objects.filter(state="exhausted", kind="school").exists()
            wanted = {secrets.reference_of(pk) for pk in pages.values_list("pk", flat=True)}
        assert wanted <= set(gateway.keys(school.slug))
        assert engine.process.poll() is None, "it was the same engine all along"
