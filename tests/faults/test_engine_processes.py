"""The engine as it runs on a server: a parent, two children, a real gateway. Children are killed; nothing is lost (E1)."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from referrals.emergency import secrets
from referrals.emergency.models import Delivery, EngineProcess, Timeline
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_person, make_school
from tests.emergency.world import World, make_world
from tests.faults.chain import START, House, Running, is_living, until
from tests.gateway import Gateway, open_gateway

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as server:
        yield server


@pytest.fixture
def engine(committed: None, gateway: Gateway, tmp_path: Path) -> Iterator[Running]:
    with ExitStack() as stack:
        running = House(stack, tmp_path, GATEWAY_URL=gateway.url).start("emergency_engine", "--children", "2")
        until(lambda: len(running.children()) == 2, "two children", START)
        children = running.children()
        yield running
        for pid in children | running.children():  # none outlives a test that failed
            if is_living(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def world(committed: None) -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


def incidents(world: World, count: int, first: int = 0) -> None:
    with use_tenant(world.school.pk):
        for number in range(first, first + count):
            person = make_person(world.school, "staff", phone=f"+86137000{number:05d}")
            world.open(person_id=person.pk, grade="major")


def due_keys(world: World) -> set[str]:
    """Every page that goes to the gateway at once, under the one key it may ever have."""
    with use_tenant(world.school.pk):
        rows = Delivery.objects.filter(channel__in=["sms", "wecom"], claims__gte=0).exclude(state="dropped")
        return {secrets.reference_of(pk) for pk in rows.values_list("pk", flat=True)}


def states(world: World) -> set[str]:
    with use_tenant(world.school.pk):
        return set(Delivery.objects.filter(channel="sms").values_list("state", flat=True))


def put_back(world: World) -> set[UUID]:
    """Pages that wait for a circuit to close: they were not tried."""
    with use_tenant(world.school.pk):
        rows = Delivery.objects.filter(channel="sms", state="queued", error="circuit_open")
        return set(rows.values_list("pk", flat=True))


def sent(world: World) -> set[UUID]:
    with use_tenant(world.school.pk):
        return set(Delivery.objects.filter(channel="sms", state="sent").values_list("pk", flat=True))


def fired(world: World) -> int:
    with use_tenant(world.school.pk):
        return Timeline.objects.filter(code="leg.step_due", leg__kind="school").count()


def test_pages_arrive_and_a_killed_child_loses_none(engine: Running, gateway: Gateway, world: World) -> None:
    incidents(world, 1)
    slug = world.school.slug
    until(lambda: gateway.keys(slug), "the first page reaches the gateway", 20)

    gateway.pause = 0.3  # so that a kill finds pages on their way
    incidents(world, 8, first=1)
    until(lambda: len(gateway.keys(slug)) >= 3, "more pages are on their way")
    victim = min(engine.children())
    os.kill(victim, signal.SIGKILL)
    back = until(lambda: len(engine.children() - {victim}) == 2, "the child is back", 5)
    assert back < 1
    gateway.pause = 0.0

    until(lambda: fired(world) == 9, "every incident was decided", 30)
    until(
        lambda: due_keys(world) <= set(gateway.keys(slug)),
        "every page arrived, also those of the dead child's lease",
        40,
    )
    until(lambda: states(world) == {"sent"}, "and each is settled", 40)
    with use_tenant(world.school.pk):
        people = Counter(Delivery.objects.filter(channel="sms").values_list("recipient_id", flat=True))
    assert set(people.values()) == {1}, "nobody has a second page of one step"
    sent = gateway.keys(slug)
    assert set(sent) == due_keys(world), "nothing was sent under a second key"
    assert len(sent) - len(set(sent)) <= 8, "repeated at most what one child had on its way, under the same key"


def test_a_killed_child_is_back_in_a_small_part_of_a_start(
    committed: None, gateway: Gateway, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Forked from a parent in which all is loaded (chain: below 0.3 s). Both from nothing to the first word in the database, so
    that a busy machine makes both longer.
    """

    def signs() -> set[UUID]:
        with no_scope():
            return set(EngineProcess.objects.filter(kind="engine").values_list("pk", flat=True))

    before = signs()
    with ExitStack() as stack:
        began = time.monotonic()
        engine = House(stack, tmp_path, GATEWAY_URL=gateway.url).start("emergency_engine", "--children", "1")
        until(lambda: signs() - before, "the first sign of life", START)
        whole = time.monotonic() - began
        taken = []
        for _ in range(5):
            known, (victim,) = signs(), engine.children()
            os.kill(victim, signal.SIGKILL)
            taken.append(until(lambda known=known: signs() - known, "the next one's", 20))  # type: ignore[misc]
            until(lambda victim=victim: engine.children() - {victim}, "its child", 5)  # type: ignore[misc]
        back = sorted(taken)[2]
        record_property("whole_start_seconds", round(whole, 3))
        record_property("back_seconds", round(back, 3))
        print(f"whole start {whole:.2f} s, back {back:.3f} s of {[round(one, 3) for one in taken]}")
        assert back < whole / 8, (back, whole)


def test_sigterm_ends_all_within_ten_seconds(engine: Running) -> None:
    children = engine.children()
    began = time.monotonic()
    engine.process.terminate()
    assert engine.process.wait(12) == 0
    assert time.monotonic() - began < 10
    assert not [pid for pid in children if is_living(pid)]


def test_a_killed_parent_takes_its_children_with_it(engine: Running) -> None:
    children = engine.children()
    engine.process.kill()
    engine.process.wait()
    until(lambda: not [pid for pid in children if is_living(pid)], "its children end", 12)


def test_what_an_engine_leaves_alone_stands_in_its_sign_of_life_and_the_pages_leave_when_it_is_well(
    engine: Running, gateway: Gateway, world: World
) -> None:
    """Each process keeps its circuits for itself; people see them. What was put back is lost to nobody."""
    gateway.status = 500
    incidents(world, 3)

    def left_alone() -> set[str]:
        with no_scope():
            rows = EngineProcess.objects.filter(kind="engine").values_list("circuits", flat=True)
            return {f"{key} {state}" for row in rows for key, state in row.items()}

    until(lambda: "gateway:sms open" in left_alone(), "its circuit stands open", 40)
    count = 3
    while not (waiting := put_back(world)):  # what was tried while the circuits were closed has failed for good
        incidents(world, 1, first=count)
        count += 1
        assert count < 30, "no page was put back while the circuits stood open"
        time.sleep(0.5)
    gateway.status = 204
    until(lambda: waiting <= sent(world), "what was put back leaves", 120)
    until(lambda: not [row for row in left_alone() if row.endswith(" open")], "and it is said no longer", 60)
