"""A life in danger is never refused for what is missing: by the head's page and the centre's alike; the interface keeps its contract."""

from typing import Any

import pytest
from django.test import Client

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident
from tests.emergency.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
REPORT, NEW = "/my/report/", "/centre/emergency/new/"
WHOLE = {
    "grade": "major", "kind": "medical", "signs": "摔倒了，说不出话", "place": "school", "place_words": "三楼",
    "company": "child", "home": "safe", "can_be_asked": "yes",
}  # fmt: skip
SPOILT = {
    "nothing is said": {},
    "no kind": WHOLE | {"kind": ""},
    "no signs": WHOLE | {"signs": ""},
    "signs nobody sees": WHOLE | {"signs": "\u200b\u3000 "},
    "signs too long": WHOLE | {"signs": "说" * 2_500},
    "a sign no database takes": WHOLE | {"signs": "他说\0不想活"},
    "no grade": WHOLE | {"grade": ""},
    "a grade there is none of": WHOLE | {"grade": "worst"},
    "no time": WHOLE | {"found_at": ""},
    "a time that is none": WHOLE | {"found_at": "刚才"},
    "a time ahead": WHOLE | {"found_at": "2099-01-01T08:00"},
    "a time long ago": WHOLE | {"found_at": "2020-01-01T08:00"},
    "a place there is none of": WHOLE | {"place": "moon", "company": "moon", "home": "moon", "can_be_asked": "moon"},
    "words too long": WHOLE | {"place_words": "路" * 900},
}


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def send(world: World, path: str, said: dict[str, str]) -> Any:
    browser = Client(headers={"host": world.school.host})
    user = world.members["head" if path == REPORT else "duty"].user
    assert user is not None
    browser.force_login(user)
    return browser.post(path, said, follow=True)


@pytest.mark.parametrize("path", [REPORT, NEW])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_danger_now_is_taken_and_calls_whatever_is_missing(world: World, path: str, spoilt: str) -> None:
    before = now()
    answer = send(world, path, SPOILT[spoilt] | {"danger_now": "on"})
    assert answer.status_code == 200 and answer.redirect_chain
    incident = Incident.objects.get()
    wanted = SPOILT[spoilt]
    assert incident.danger_now and incident.suggested == (
        wanted.get("grade") if wanted.get("grade") == "major" else "extreme"
    )
    assert incident.kind == (wanted.get("kind") or "psychological")
    assert incident.read_words("signs")
    if spoilt in ("nothing is said", "no signs", "signs nobody sees"):
        assert incident.read_words("signs") == "没有写。"
    if "time" in spoilt:
        assert abs((incident.found_at - before).total_seconds()) < 300
    assert "没有写的先按最重的算" in answer.content.decode()
    decide_school()
    assert Delivery.objects.filter(leg__kind="school").exists()


@pytest.mark.parametrize("path", [REPORT, NEW])
def test_what_is_whole_is_taken_as_it_was_written(world: World, path: str) -> None:
    here = now().astimezone().strftime("%Y-%m-%dT%H:%M")
    answer = send(world, path, WHOLE | {"danger_now": "on", "found_at": here})
    incident = Incident.objects.get()
    assert (incident.kind, incident.suggested, incident.company) == ("medical", "major", "child")
    assert incident.read_words("signs") == WHOLE["signs"]
    assert "没有写的先按最重的算" not in answer.content.decode()


@pytest.mark.parametrize("path", [REPORT, NEW])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_without_danger_what_is_missing_is_asked_for_and_nothing_moves(world: World, path: str, spoilt: str) -> None:
    assert send(world, path, SPOILT[spoilt]).status_code == 422
    assert not Incident.objects.exists()
