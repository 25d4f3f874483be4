"""What two do at once to one expert, one thing of a kit, one change after a drill: the second sees what the first has written."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import NotFound
from referrals.emergency.models import Drill, DrillChange, Expert, KitItem, chain_moment
from referrals.emergency.workflow.drill_review import change_done
from referrals.emergency.workflow.experts import add_expert, change_expert, end_expert
from referrals.emergency.workflow.kits import add_place, check_item, put_item, remove_item
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.emergency.world import make_world

pytestmark = pytest.mark.usefixtures("committed")
PATIENCE = 30.0
NUMBER = "13800138000"


@pytest.fixture
def school(committed: None) -> Any:
    return make_school()


@pytest.fixture
def centre(school: Any) -> Membership:
    with use_tenant(school.pk):
        return make_person(school, "centre")


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def until_somebody_waits_for(pid: int) -> None:
    """Whatever the other does, it gets as far as it can before this one commits."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))", [pid])
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")


def one_after_the_other(school: Any, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """``second`` begins after ``first`` has written, and before that is committed."""
    written = Event()

    def before() -> Any:
        with transaction.atomic():
            done = first()
            written.set()
            until_somebody_waits_for(backend())
        return done

    def after() -> Any:
        assert written.wait(PATIENCE)
        return second()

    return at_once(school, [before, after])


@pytest.fixture
def expert(school: Any, centre: Membership) -> Expert:
    with use_tenant(school.pk):
        return add_expert(
            actor=actor_of(centre), name="林一", kind="psychologist", reach="school", phone=NUMBER, partner_id=None
        )


def test_whoever_is_asked_no_more_gets_no_number_back(school: Any, centre: Membership, expert: Expert) -> None:
    actor = actor_of(centre)
    ended, changed = one_after_the_other(
        school,
        lambda: end_expert(actor=actor, expert_id=expert.pk),
        lambda: change_expert(
            actor=actor, expert_id=expert.pk, name="林一", kind="crisis", reach="school", phone=NUMBER, partner_id=None
        ),
    )
    assert isinstance(ended, Expert) and isinstance(changed, NotFound)
    with use_tenant(school.pk):
        row = Expert.objects.get(pk=expert.pk)
        assert (row.ended_at is not None, row.phone, row.kind) == (True, "", "psychologist")


def test_control_without_the_lock_the_number_comes_back(school: Any, centre: Membership, expert: Expert) -> None:
    """What the writer does, by hand and without its lock."""

    def change() -> None:
        row = Expert.objects.filter(pk=expert.pk, ended_at=None).get()
        row.save()

    one_after_the_other(school, lambda: end_expert(actor=actor_of(centre), expert_id=expert.pk), change)
    with use_tenant(school.pk):
        row = Expert.objects.get(pk=expert.pk)
        assert row.ended_at is None and row.phone


@pytest.fixture
def item(school: Any, centre: Membership) -> KitItem:
    with use_tenant(school.pk):
        place = add_place(actor=actor_of(centre), name="柜", kind="centre", licence="", keeper_id=centre.pk)
        return put_item(
            actor=actor_of(centre), place_id=place.pk, kind="paper", name="求助卡", stock=9, least=5, expires_on=None
        )


def test_what_was_taken_out_is_not_counted_back_in(school: Any, centre: Membership, item: KitItem) -> None:
    actor = actor_of(centre)
    removed, checked = one_after_the_other(
        school,
        lambda: remove_item(actor=actor, item_id=item.pk),
        lambda: check_item(actor=actor, item_id=item.pk, stock=3, least=5, expires_on=None),
    )
    assert removed is None and isinstance(checked, NotFound)
    with use_tenant(school.pk):
        assert not KitItem.objects.exists()


def test_control_without_the_lock_it_lies_there_again(school: Any, centre: Membership, item: KitItem) -> None:
    def check() -> None:
        row = KitItem.objects.get(pk=item.pk)
        row.stock = 3
        row.save()

    one_after_the_other(school, lambda: remove_item(actor=actor_of(centre), item_id=item.pk), check)
    with use_tenant(school.pk):
        assert KitItem.objects.get().stock == 3


def test_a_change_after_a_drill_is_done_once(school: Any) -> None:
    with use_tenant(school.pk):
        world = make_world(school)
        drill = Drill.objects.get(incident=world.open(is_drill=True, person_id=None))
        until = school.day_of(chain_moment()) + timedelta(days=7)
        change = DrillChange.objects.create(drill=drill, what="电话贴到门后", who=world.members["moral"], until=until)
        actors = [world.actor(post) for post in ("moral", "centre")]
    first, again = one_after_the_other(
        school,
        lambda: change_done(actor=actors[0], change_id=change.pk),
        lambda: change_done(actor=actors[1], change_id=change.pk),
    )
    assert first.done_at == again.done_at
    with use_tenant(school.pk):
        assert AuditEntry.objects.filter(action="drill.change_done").count() == 1
