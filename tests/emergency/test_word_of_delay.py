"""One person's word that a task may wait holds while they work here, may know of it, and until it is asked for again (chain §2, §3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from families.models import Consent
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, NeverContact, Timeline, WatchTask
from referrals.emergency.rules.tasks import ASKED_AGAIN, TaskKind
from referrals.emergency.workflow import by_hand, tasks
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.test_board import get, page_of
from tests.emergency.test_by_hand import REASON, brother
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
WAITS = "提出晚些告知。"


@pytest.fixture
def world(open_world: World) -> World:
    Consent.objects.filter(relative=brother(open_world).relative).update(state="refused")
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    return found


@pytest.fixture
def task(world: World, incident: Incident) -> WatchTask:
    return by_hand.call_by_hand(
        actor=world.actor("duty"), incident_id=incident.pk, contact_id=brother(world).pk, reason=REASON
    )


def put_off(world: World, task: WatchTask, post: str) -> bool:
    return tasks.put_off(actor=world.actor(post), task_id=task.pk, reason=REASON)


def _leaves(world: World) -> None:
    centre = world.members["centre"]
    centre.left_on = world.school.today() - timedelta(days=1)
    centre.save()


def _is_barred(world: World) -> None:
    NeverContact.objects.create(person=world.members["person"], member=world.members["centre"])


@pytest.mark.parametrize("goes", [_leaves, _is_barred])
def test_a_word_of_whoever_has_gone_waits_for_nobody(
    goes: Callable[[World], None], world: World, incident: Incident, task: WatchTask
) -> None:
    assert not put_off(world, task, "centre")
    assert WAITS in get(world, "duty", page_of(incident))
    goes(world)
    assert WAITS not in get(world, "duty", page_of(incident))
    assert not put_off(world, task, "duty"), "theirs is the first word now"
    task.refresh_from_db()
    assert (task.deferrals, task.asked_by_id) == (0, world.members["duty"].pk)
    assert Timeline.objects.filter(code="task.put_off_asked").count() == 2
    assert put_off(world, task, "second")


def test_a_word_holds_until_the_task_is_asked_for_again(world: World, incident: Incident, task: WatchTask) -> None:
    assert not put_off(world, task, "centre")
    task.refresh_from_db()
    lasts, said = ASKED_AGAIN[TaskKind.TELL_BOTH], Timeline.objects.get(code="task.put_off_asked").at
    word = {task.pk: world.members["centre"].pk}
    assert tasks.first_words(incident, [task], said + lasts - timedelta(seconds=1)) == word
    assert tasks.first_words(incident, [task], said + lasts) == {}
    assert tasks.first_words(incident, [task], chain_now()) == word
    assert put_off(world, task, "duty")
    task.refresh_from_db()
    assert tasks.first_words(incident, [task], chain_now()) == {}


def test_a_word_about_one_task_is_no_word_about_another(world: World, incident: Incident, task: WatchTask) -> None:
    assert not put_off(world, task, "centre")
    other: Any = WatchTask(pk=incident.pk, kind=TaskKind.TELL.value, asked_by_id=world.members["centre"].pk)
    assert tasks.first_words(incident, [other], chain_now()) == {}
