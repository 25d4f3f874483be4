"""The engine reads a handful of rows however many there are, also while the database believes that a school has none.

What it has counted is always old: a school's first rows of the night have come since. So one small school is counted, then another
gets many rows at once, as after a flood. How many rows of each table were read then is what the database itself kept of it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from bench._rush import write_incidents
from notifications.providers.ports import Sent
from referrals.emergency.engine.claiming import claim
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.folding import told_lately
from referrals.emergency.engine.queue import Tried, fold, settle_all
from referrals.emergency.models import Delivery, Leg, LegStep, Recipient
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.grades import Grade
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.world import World, make_world
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")

TABLES = ("delivery", "recipient", "leg", "legstep", "incident", "timeline")
FEW, MANY, TAKEN = 3, 60, 10
EACH = 5
"""Pages of a leg; every school has as many people, each paged by all of its legs."""
MOST = 8 * TAKEN
"""Rows of one table that may be read for ``TAKEN``: each several times, and never all."""


@pytest.fixture
def crowded(world: World) -> World:
    """A school of which many rows have come since another was counted."""
    small = make_school()
    with use_tenant(small.pk):
        make_world(small)
    for place, count in ((small, FEW), (world.school, MANY)):
        with use_tenant(place.pk):
            _fill(place, count)
        if place is small:
            with owner() as connected:
                connected.execute("ANALYZE")
    return world


def _fill(place: Any, count: int) -> None:
    moment = chain_now()
    write_incidents([None] * count, Grade.MAJOR, moment + timedelta(hours=1))
    steps = dict(LegStep.objects.filter(purpose="step", position=0).values_list("leg", "pk"))
    targets = [number_hash(place.pk, f"+861390000{number:04d}") for number in range(EACH)]
    people = Recipient.objects.bulk_create(
        Recipient(
            leg=leg, step_id=steps[leg.pk], epoch=1, round=1, target_hash=target, role="on_duty:1", shown_number="0427"
        )
        for leg in Leg.objects.all()
        for target in targets
    )
    Delivery.objects.bulk_create(
        Delivery(
            recipient=one, leg_id=one.leg_id, key=str(one.pk), channel="sms", text="emergency_page_school", epoch=1,
            rank=0, due_at=moment,
        )
        for one in people
    )  # fmt: skip


def rows_read(act: Callable[[], Any]) -> dict[str, int]:
    """Of each table, walked through or found by an index, while ``act`` was done; in one transaction."""
    with transaction.atomic():
        before = _so_far()
        act()
        after = _so_far()
    return {name: count - before.get(name, 0) for name, count in after.items()}


def _so_far() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
            [[f"emergency_{name}" for name in TABLES]],
        )
        return {name.removeprefix("emergency_"): int(count) for name, count in cursor.fetchall()}


def too_many(read: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in read.items() if count > MOST}


def again_and_again(read: dict[str, int]) -> dict[str, int]:
    """Where all rows of the school were read again and again: for each row of another table."""
    there = {name: apps.get_model("emergency", name).objects.count() for name in TABLES}
    return {name: count for name, count in read.items() if count > 3 * there[name] + MOST}


def due(count: int = TAKEN) -> list[Any]:
    return list(Delivery.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True)[:count])


def test_what_is_taken_and_settled_is_all_that_is_read(crowded: World) -> None:
    with use_tenant(crowded.school.pk):
        wanted, taken = due(), []
        read = rows_read(lambda: taken.extend(claim(wanted)))
        assert len(taken) == TAKEN and read["delivery"] >= TAKEN, "the count counts"
        assert not too_many(read)
        settled = [(one.page, Tried(Sent("ref"), "gateway")) for one in taken]
        assert not too_many(rows_read(lambda: settle_all(settled)))
        assert Delivery.objects.filter(state="sent").count() == TAKEN


def test_what_left_lately_is_found_without_all_that_is_there(crowded: World) -> None:
    with use_tenant(crowded.school.pk):
        first, second = claim(due()), claim(due())
        settle_all([(one.page, Tried(Sent("ref"), "gateway")) for one in first])
        assert not too_many(rows_read(lambda: told_lately(second)))
        pairs = [(one.page, first[0].page.pk) for one in second]
        assert not too_many(rows_read(lambda: fold(pairs)))
        assert Delivery.objects.filter(state="folded").count() == TAKEN


def test_what_died_with_its_epoch_is_dropped_alone(crowded: World) -> None:
    with use_tenant(crowded.school.pk):
        wanted = due()
        Leg.objects.filter(pk__in=Delivery.objects.filter(pk__in=wanted).values("leg")).update(epoch=2)
        assert not too_many(rows_read(lambda: claim(wanted)))
        assert Delivery.objects.filter(state="dropped").count() == TAKEN


def test_a_leg_that_is_due_is_decided_by_its_own_rows(crowded: World) -> None:
    with use_tenant(crowded.school.pk):
        write_incidents([None] * TAKEN, Grade.MAJOR, chain_now(), first=MANY)
        moved: list[int] = []
        read = rows_read(lambda: moved.append(decide_school()))
        assert moved == [TAKEN]
        assert not again_and_again(read)
