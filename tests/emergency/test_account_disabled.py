"""A colleague on duty whose account is disabled: their post is theirs until it ends, so their telephone rings; the pages let nobody in.

An account is a way in and no post (chain §2 leaves out who has left, who is barred, who said no): whoever shall be called no
longer leaves, or hands their shift over. The next one is called after the same wait, so that nothing hangs on them alone.
"""

from typing import Any

import pytest

from kernel.clock import now
from notifications.answers import Answer, AnswerKind, Source, take_answer
from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident
from tests.emergency.test_board import client, page_of
from tests.emergency.world import World, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    user = open_world.members["duty"].user
    assert user is not None
    user.is_active = False
    user.save(update_fields=["is_active"])
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open(by="second")
    decide_school()
    return found


def pages(world: World, incident: Incident) -> Any:
    return Delivery.objects.filter(leg__incident=incident, leg__kind="school", recipient__member=world.members["duty"])


def test_their_telephone_rings_and_the_next_is_called_after_the_same_wait(world: World, incident: Incident) -> None:
    assert paged(incident, "school") == ["on_duty:1"]
    assert {"sms", "voice"} <= set(pages(world, incident).filter(state="queued").values_list("channel", flat=True))
    make_due(incident, "school", "step_due")
    decide_school()
    assert paged(incident, "school") == ["on_duty:1", "on_duty:2"]


def test_no_page_lets_them_in_and_nothing_moves_by_it(world: World, incident: Incident) -> None:
    press = f"{page_of(incident)}school/acknowledge/"
    answer = client(world, "duty").post(press, {"eta": "30"})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert legs_of(incident)["school"].state == "paging"
    make_due(incident, "school", "step_due")
    decide_school()
    assert client(world, "second").post(press, {"eta": "30"}).status_code == 302
    assert legs_of(incident)["school"].owner_id == world.members["second"].pk


def test_a_pressed_key_still_takes_it(world: World, incident: Incident) -> None:
    key = secrets.reference_of(pages(world, incident).filter(channel="voice").latest("pk").pk)
    take_answer(Answer(key, AnswerKind.KEY, "1", now(), Source.GATEWAY), host=world.school)
    leg = legs_of(incident)["school"]
    assert (leg.state, leg.owner_id) == ("acknowledged", world.members["duty"].pk)
