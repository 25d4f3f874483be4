"""The watchdog as a process: the engine is killed, the database is cut or hangs, the broker is away, a second one looks too.

Its rhythm is that of a test (``WATCHDOG_RHYTHM``): the real one is proven with a clock that is handed in (tests/unit/test_watching.py).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from referrals.emergency.models import EngineProcess, WatchProbe
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_school
from tests.emergency.world import OPERATOR_LINE, World, make_world
from tests.faults.chain import START, House, Running, Way, until, way
from tests.gateway import Gateway, open_gateway

pytestmark = pytest.mark.usefixtures("committed")
RHYTHM = {"look": 0.5, "probe": 0.5, "book": 600.0, "outside": 2.0, "answer": 1.0}
LIMITS = {"silent": 4.0, "unclaimed": 60.0, "unsent": 60.0, "patience": 1.0, "again": 3.0, "well": 1.5, "skew": 60.0}
"""An engine signs every ten seconds: ``silent`` counts for one that never signed; ``prolonged`` gives a living one its time."""
OPERATOR = "+8613911110000"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as server:
        yield server


@pytest.fixture
def outside() -> Iterator[Gateway]:
    """The service outside that hears that all is well."""
    with open_gateway() as server:
        yield server


@pytest.fixture
def house(committed: None, gateway: Gateway, outside: Gateway, tmp_path: Path) -> Iterator[House]:
    with no_scope():
        EngineProcess.objects.all().delete()
        WatchProbe.objects.all().delete()
    with ExitStack() as stack:
        yield House(
            stack, tmp_path, GATEWAY_URL=gateway.url, HEARTBEAT_URL=outside.url, OPERATOR_PHONE=OPERATOR,
            WATCHDOG_RHYTHM=RHYTHM, WATCHDOG_LIMITS=LIMITS, CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        )  # fmt: skip


@pytest.fixture
def world(committed: None) -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


def watchdog(house: House, limits: dict[str, float] | None = None, **more: Any) -> Running:
    """Started, and seen to look."""
    running = house.start("emergency_watchdog", WATCHDOG_LIMITS=LIMITS | (limits or {}), **more)
    before = signed("watchdog")
    until(lambda: signed("watchdog") > before or "ALARM" in running.said(), "the watchdog signs", START)
    return running


def signed(kind: str) -> int:
    with no_scope():
        return EngineProcess.objects.filter(kind=kind).count()


def alarms(gateway: Gateway) -> list[dict[str, Any]]:
    return [message for message in gateway.taken if message["kind"] == "watchdog"]


def bodies(gateway: Gateway) -> list[str]:
    return [message["body"] for message in alarms(gateway) if message["to"] == OPERATOR and message["channel"] == "sms"]


def test_a_killed_engine_is_told_and_so_is_its_return(
    house: House, gateway: Gateway, outside: Gateway, world: World
) -> None:
    engine = house.start("emergency_engine", "--children", "1")
    until(lambda: signed("engine") == 1, "the engine signs", START)
    dog = watchdog(house, {"silent": 13.0, "unclaimed": 3.0})
    until(lambda: len(outside.asked) >= 2, "somebody outside hears that all is well", 30)
    assert alarms(gateway) == [], "a house that is well calls nobody"
    canaries = [message for message in gateway.taken if message["kind"] == "canary"]
    assert len(canaries) == 1

    engine.process.kill()
    engine.process.wait()
    until(lambda: alarms(gateway), "somebody is called", 20)
    assert {message["to"] for message in alarms(gateway)} <= {OPERATOR, OPERATOR_LINE}
    assert "probe" in bodies(gateway)[0]
    until(lambda: any("engine" in body for body in bodies(gateway)), "its sign has run out", 30)
    until(lambda: len(bodies(gateway)) >= 3, "it is repeated", 15)
    heard = len(outside.asked)
    first = len(bodies(gateway))
    until(lambda: len(bodies(gateway)) > first, "while it is dead", 10)
    assert len(outside.asked) == heard, "nobody outside is told that all is well"

    house.start("emergency_engine", "--children", "1")
    until(lambda: "恢复" in bodies(gateway)[-1], "it is told that all is well again", START)
    told = len(bodies(gateway))
    until(lambda: len(outside.asked) > heard + 1, "and outside it is heard again", 30)
    assert len(bodies(gateway)) == told, "once"
    assert dog.said().count("watchdog well") == 1


def test_an_overdue_leg_calls_the_school_too_and_says_no_word_of_it(
    house: House, gateway: Gateway, world: World
) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
    watchdog(house, {"overdue": 1.0, "silent": 600.0})
    team = {world.members[post].phone for post in ("duty", "centre", "principal")}
    slug = world.school.slug
    until(lambda: team <= {message["to"] for message in alarms(gateway) if message["tenant"] == slug}, "team", 20)
    until(lambda: any(message["tenant"] != slug for message in alarms(gateway)), "the operator is called", 20)
    assert world.members["person"].phone not in {message["to"] for message in alarms(gateway)}
    for message in alarms(gateway):
        assert str(incident.pk) not in str(message)
        assert "老师" not in message["body"]


@pytest.mark.parametrize("how", ["cut", "hangs"])
def test_the_database_goes_while_an_alarm_is_due_and_the_alarm_goes_out(
    house: House, gateway: Gateway, world: World, how: str
) -> None:
    with way() as road:
        dog = watchdog(house, {"silent": 600.0}, port=road.port)
        assert alarms(gateway) == []
        lose(road, how)
        until(lambda: bodies(gateway), "the alarm goes out without a database", 30)
        assert "database" in bodies(gateway)[0]
        until(lambda: len(bodies(gateway)) >= 2, "again and again", 15)
        road.cut()
        road.open()
        until(lambda: "恢复" in bodies(gateway)[-1], "the database is back", 40)
    assert dog.process.poll() is None


def lose(road: Way, how: str) -> None:
    if how == "cut":
        road.cut()
    else:
        road.is_hanging = True


def test_of_two_watchdogs_one_calls_and_the_other_takes_over(house: House, gateway: Gateway, world: World) -> None:
    first = watchdog(house, {"silent": 4.0})
    second = watchdog(house, {"silent": 4.0})
    until(lambda: len(bodies(gateway)) >= 2, "an engine that never came is told", 40)
    told = first.said().count("ALARM")
    until(lambda: first.said().count("ALARM") > told, "the older one goes on", 20)
    quiet = second.said().count("ALARM")
    first.process.kill()
    first.process.wait()
    until(lambda: second.said().count("ALARM") > quiet, "the other one takes over when the sign has run out", 30)
    assert quiet == 0

    second.process.terminate()
    assert second.process.wait(12) == 0
    third = watchdog(house, {"silent": 4.0})
    until(lambda: "ALARM" in third.said(), "one that is started anew finds the trouble by itself", 30)
