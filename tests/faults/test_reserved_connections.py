"""A flood of requests takes every connection that it may: the engine is killed, and calls on by those that are kept for it (chain §10).

On a cluster of its own, whose roles are those of a server: ``deploy/reserve.sh`` is run on it as it stands.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from operations import doctor_chain
from operations.doctor_chain import CONNECTIONS_NEEDED
from referrals.emergency.models import Leg
from tenancy import roles
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.world import World, make_world
from tests.faults.chain import START, House, Running, until
from tests.faults.test_database_restarted import ROOT, cluster, own  # noqa: F401
from tests.gateway import Gateway, open_gateway

PASSWORD = "engine-of-a-test"
LIMITS = {"APP_CONNECTIONS": "20", "PARTNER_CONNECTIONS": "2", "SYSTEM_CONNECTIONS": "8"}


def reserve(database: cluster.Database) -> None:
    """As an operator does it, by the superuser."""
    assert database.process is not None and database.superuser_url is not None
    at = urlsplit(database.superuser_url)
    programs = Path(database.process.command[0]).parent
    env = {
        **os.environ, **LIMITS, "PATH": f"{programs}:{os.environ['PATH']}", "ENGINE_PASSWORD": PASSWORD,
        "PGHOST": str(at.hostname), "PGPORT": str(at.port), "PGUSER": str(at.username), "PGPASSWORD": str(at.password),
    }  # fmt: skip
    subprocess.run(["sh", ROOT / "deploy/reserve.sh"], env=env, check=True, capture_output=True)


def as_on_a_server(database: cluster.Database, *, is_reserved: bool) -> dict[str, str]:
    """The addresses of an engine's process: app's and system's own, or those that are kept for it."""
    urls = {alias: database.urls[role] for alias, role in (("default", roles.APP), ("system", roles.SYSTEM))}
    if is_reserved:
        names = {"default": roles.ENGINE, "system": roles.ENGINE_SYSTEM}
        urls = {
            alias: url.replace(urlsplit(url).netloc.partition("@")[0], f"{names[alias]}:{PASSWORD}")
            for alias, url in urls.items()
        }
    return urls


@contextmanager
def flood(database: cluster.Database) -> Iterator[int]:
    """Every connection that web and workers can get, held; how many those are."""
    with ExitStack() as stack:
        held = 0
        for role in (roles.APP, roles.SYSTEM, roles.PARTNER):
            with suppress(psycopg.OperationalError):
                while True:
                    one = psycopg.connect(database.urls[role], autocommit=True)
                    stack.callback(one.close)
                    held += 1
        yield held


def start(house: House, database: cluster.Database, gateway: Gateway, *, is_reserved: bool) -> Running:
    known = connections["default"].settings_dict
    aliases: dict[str, Any] = {}
    for alias, url in as_on_a_server(database, is_reserved=is_reserved).items():
        at = urlsplit(url)
        aliases[alias] = {
            "ENGINE": known["ENGINE"], "NAME": known["NAME"], "HOST": at.hostname, "PORT": at.port,
            "USER": at.username, "PASSWORD": at.password,
        }  # fmt: skip
    aliases["partner"] = aliases["default"]
    return house.start(
        "emergency_engine", "--children", "2", GATEWAY_URL=gateway.url, DATABASES=aliases, TENANCY_SWITCH_ROLE=False,
        TENANCY_ALIASES={"app": "default", "partner": "partner", "system": "system"},
    )  # fmt: skip


def held_by_engine(database: cluster.Database) -> int:
    assert database.superuser_url is not None
    with psycopg.connect(database.superuser_url) as superuser:
        found = superuser.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY(%s)", [[roles.ENGINE, roles.ENGINE_SYSTEM]]
        ).fetchone()
    return int(found[0]) if found else 0


@pytest.fixture(autouse=True)
def as_before(own: cluster.Database) -> Iterator[None]:  # noqa: F811
    """Roles belong to the cluster, whose files are kept: each test begins without a limit, and leaves none."""

    def unlimited() -> None:
        assert own.superuser_url is not None
        with psycopg.connect(own.superuser_url, autocommit=True) as superuser:
            for role in (roles.APP, roles.PARTNER, roles.SYSTEM):
                superuser.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT -1").format(sql.Identifier(role)))

    unlimited()
    yield
    unlimited()


@pytest.fixture
def world(own: cluster.Database) -> World:  # noqa: F811
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as server:
        yield server


def opened(world: World) -> None:
    with use_tenant(world.school.pk):
        world.open()


def test_a_flood_of_requests_leaves_the_engine_its_connections(
    own: cluster.Database,  # noqa: F811
    world: World,
    gateway: Gateway,
    tmp_path: Path,
) -> None:
    reserve(own)
    reserve(own)  # once more, as after every change of a limit
    slug = world.school.slug
    with ExitStack() as stack:
        house = House(stack, tmp_path)
        assert stack.enter_context(flood(own)) == sum(map(int, LIMITS.values()))
        opened(world)
        shares = start(house, own, gateway, is_reserved=False)
        until(lambda: "OperationalError" in shares.said(), "an engine that shares with the web finds none", START)
        time.sleep(3)
        assert gateway.keys(slug) == [], "and calls nobody"
        with use_tenant(world.school.pk):
            assert not Leg.objects.filter(round__gt=0).exists()
        shares.process.kill()
        shares.process.wait()

        engine = start(house, own, gateway, is_reserved=True)
        until(lambda: gateway.keys(slug), "by those that are kept for it the page leaves", START)
        assert "permission denied" not in engine.said()
        until(lambda: len(engine.children()) == 2, "two children", START)
        victim = min(engine.children())
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(engine.children() - {victim}) == 2, "the child is back", 20)
        seen = len(gateway.keys(slug))
        with use_tenant(world.school.pk):
            world.open(person_id=world.members["moral"].pk)
        until(lambda: len(gateway.keys(slug)) > seen, "and so does the next one", 40)
        assert 0 < held_by_engine(own) <= CONNECTIONS_NEEDED


def test_the_doctor_tells_whether_any_are_kept(own: cluster.Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    before = doctor_chain.connections()
    assert (before.well, before.is_warning) == (False, True) and "any process may take all" in before.seen
    reserve(own)
    after = doctor_chain.connections()
    assert after.well and after.seen.startswith("167 of 197"), after.seen
    monkeypatch.setitem(LIMITS, "APP_CONNECTIONS", "160")
    reserve(own)
    assert not doctor_chain.connections().well, "too few are left"
