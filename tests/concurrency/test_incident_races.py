"""Several engines, several hands and an incident: called once, taken once, opened once (chain §3, §10)."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import Membership
from referrals.emergency.engine.decide import decide_school, decide_schools
from referrals.emergency.engine.send import claim
from referrals.emergency.models import Delivery, Incident, Leg, Recipient, Timeline
from referrals.emergency.models.statements import LOOK
from referrals.emergency.workflow import answering, holding
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.opening import open_incident
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_person, make_school
from tests.emergency.world import World, make_world
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")
ENGINES = 4


def fired(world: World) -> Counter[Any]:
    with use_tenant(world.school.pk):
        return Counter(Timeline.objects.filter(code="leg.step_due").values_list("leg_id", flat=True))


def many(world: World, count: int = 12) -> None:
    with use_tenant(world.school.pk):
        for number in range(count):
            person = make_person(world.school, "staff", phone=f"+86137000000{number:02d}")
            world.open(person_id=person.pk, grade="major")


def test_many_engines_fire_each_step_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    many(world)
    moved = at_once(world.school, [decide_school] * ENGINES)
    assert not [result for result in moved if isinstance(result, Exception)]
    assert "one by one" not in caplog.text
    times = fired(world)
    assert len(times) == 12
    assert set(times.values()) == {1}


@contextmanager
def looking_without_the_lock() -> Iterator[None]:
    """As the owner of the database, which a process of the product is not: the function that claims, without its lock."""
    locked = "FOR NO KEY UPDATE SKIP LOCKED"
    assert locked in LOOK.create
    with owner() as connection:
        connection.execute(LOOK.create.replace("CREATE", "CREATE OR REPLACE", 1).replace(locked, ""))
        try:
            yield
        finally:
            connection.execute(LOOK.create.replace("CREATE", "CREATE OR REPLACE", 1))


def test_control_without_the_lock_two_engines_take_the_same_step(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    many(world)
    with looking_without_the_lock():
        at_once(world.school, [decide_school] * ENGINES)
    assert "one by one" in caplog.text, (
        "the race is there: the key of a recipient stops the second engine, not the lock"
    )
    assert set(fired(world).values()) == {1}, "and that key is the second fence"


def test_engines_that_take_many_schools_together_fire_each_step_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_school()
    with use_tenant(other.pk):
        second = make_world(other)
    for place in (world, second):
        many(place, 6)
    schools = [world.school.pk, second.school.pk]
    rounds = [lambda: decide_schools(schools), lambda: decide_schools(schools[::-1])] * 2
    moved = at_once(world.school, rounds)
    assert sum(moved) == 2 * 6, moved
    assert "one by one" not in caplog.text
    for place in (world, second):
        assert set(fired(place).values()) == {1}


@contextmanager
def held_row(world: World) -> Iterator[None]:
    """The place of who is on duty, held by somebody else's transaction inside the block."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with use_tenant(world.school.pk), transaction.atomic():
            Membership.objects.select_for_update().get(pk=world.members["duty"].pk)
            held.set()
            over.wait(60)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    try:
        yield
    finally:
        over.set()
        holder.join()


def test_who_holds_a_row_of_one_school_holds_up_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Keys are looked at when the batch ends: it gives up after two seconds, and each school is done by itself."""
    other = make_school()
    with use_tenant(other.pk):
        second = make_world(other)
    for place in (world, second):
        many(place, 2)
    schools = [world.school.pk, second.school.pk]
    with held_row(world):
        assert decide_schools(schools) == 2
        assert fired(second).total() == 2
        assert fired(world).total() == 0
    assert "passed over" in caplog.text
    assert "parked" not in caplog.text, "no leg is at fault"
    assert decide_schools(schools) == 2
    assert fired(world).total() == 2


def test_a_leg_that_somebody_holds_is_passed_over_and_the_others_are_called_meanwhile(world: World) -> None:
    """An answer that takes its time holds one leg: no other waits for it."""
    held, over = threading.Event(), threading.Event()
    with use_tenant(world.school.pk):
        incident = world.open()

    def hold() -> None:
        with use_tenant(world.school.pk), transaction.atomic():
            Leg.objects.select_for_update().get(incident=incident, kind="family")
            held.set()
            over.wait(60)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    try:
        with use_tenant(world.school.pk):
            assert decide_school() == 4
    finally:
        over.set()
        holder.join()
    with use_tenant(world.school.pk):
        assert decide_school() == 1


def test_two_engines_never_hold_the_same_page(world: World) -> None:
    with use_tenant(world.school.pk):
        world.open()
        decide_school()
        due = list(Delivery.objects.filter(channel__in=["sms", "in_app"]).values_list("pk", flat=True))
    taken = at_once(world.school, [lambda: claim(due)] * ENGINES)
    held = [one.page.pk for rows in taken for one in rows]
    assert len(held) == len(set(held)) > 0


def test_one_person_is_one_incident_however_many_report_at_once(world: World) -> None:
    with use_tenant(world.school.pk):
        opening = Opening(
            kind="psychological",
            grade="extreme",
            found_at=chain_now(),
            signs="说不想活了",
            person_id=world.members["person"].pk,
            home="safe",
        )
    acts = [
        lambda post=post: open_incident(actor=world.actor(post), opening=opening)
        for post in ("duty", "second", "centre", "head")
    ]
    results = at_once(world.school, acts)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len({result.incident.pk for result in results}) == 1
    assert sum(result.is_new for result in results) == 1
    with use_tenant(world.school.pk):
        assert Incident.objects.count() == 1
        assert Leg.objects.count() == 5
        assert Timeline.objects.filter(code="report.joined").count() == 3


def test_two_who_take_it_at_once_are_one_owner(world: World) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        Leg.objects.filter(incident=incident, kind="school").update(next_at=chain_now())
        decide_school()
    acts = [
        lambda post=post: answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="school")
        for post in ("duty", "second")
    ]
    assert not [result for result in at_once(world.school, acts) if isinstance(result, Exception)]
    with use_tenant(world.school.pk):
        leg = Leg.objects.get(incident=incident, kind="school")
        answers = Counter(Recipient.objects.filter(leg=leg).exclude(answer="").values_list("answer", flat=True))
        assert answers == {"acknowledged": 1, "also": 1}
        assert leg.epoch == 2
        assert Timeline.objects.filter(code="leg.acknowledge").count() == 1


def test_an_answer_in_the_instant_of_a_step_leaves_no_page_that_could_go_out(world: World) -> None:
    for _ in range(6):
        with use_tenant(world.school.pk):
            person = make_person(world.school, "staff")
            incident = world.open(person_id=person.pk)
            decide_school()
            Leg.objects.filter(incident=incident, kind="school").update(next_at=chain_now())
        results = at_once(
            world.school,
            [
                decide_school,
                lambda: answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school"),  # noqa: B023
            ],
        )
        assert not [result for result in results if isinstance(result, Exception)]
        with use_tenant(world.school.pk):
            leg = Leg.objects.get(incident=incident, kind="school")
            assert leg.state == "acknowledged"
            waiting = Delivery.objects.filter(leg=leg, state="queued").exclude(text="emergency_stood_down")
            assert claim(list(waiting.values_list("pk", flat=True))) == []


def test_a_hold_and_a_send_at_once_send_before_or_not_at_all(world: World) -> None:
    reason = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
    for _ in range(4):
        with use_tenant(world.school.pk):
            person = make_person(world.school, "staff")
            incident = world.open(person_id=person.pk, grade="extreme")
            decide_school()
            due = list(Delivery.objects.filter(leg__incident=incident).values_list("pk", flat=True))
        at_once(
            world.school,
            [
                lambda: claim(due),  # noqa: B023
                lambda: holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="school", reason=reason),  # noqa: B023
            ],
        )
        with use_tenant(world.school.pk), transaction.atomic():
            leg = Leg.objects.get(incident=incident, kind="school")
            assert leg.state == "held"
            assert not Delivery.objects.filter(leg=leg, state="queued", epoch__lt=leg.epoch).exists()
