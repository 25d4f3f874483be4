"""A call to the school's landline or 400 line, forwarded to whoever is on duty, becomes a report and says so (chain §1)."""

from typing import Any

import pytest

from kernel.clock import now
from referrals.emergency.models import Incident, Timeline
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
BY_LINE = "学校电话转来"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def said(world: World, **values: Any) -> dict[str, Any]:
    return {
        "grade": "major", "kind": "psychological", "signs": "家长来电说老师在校门口坐了很久",
        "found_at": now().astimezone().strftime("%Y-%m-%dT%H:%M"), "place": "", "place_words": "", "company": "unknown",
        "home": "safe", "can_be_asked": "",
    } | values  # fmt: skip


def test_whoever_answers_the_line_marks_it_and_its_page_says_so(world: World) -> None:
    assert "400 电话" in get(world, "duty", f"{BOARD}new/")
    client(world, "duty").post(f"{BOARD}new/", said(world, by_line="on"))
    incident = Incident.objects.get()
    assert incident.by_line and incident.reported_by_id == world.members["duty"].pk
    page = get(world, "centre", page_of(incident))
    assert f"{BY_LINE}，{world.members['duty'].name}记录" in page and "由学校电话转来" in page
    assert "分钟后报告" not in page, "a caller has no thirty minutes"


def test_without_the_mark_nothing_is_said_of_a_line(world: World) -> None:
    client(world, "duty").post(f"{BOARD}new/", said(world))
    incident = Incident.objects.get()
    assert not incident.by_line and BY_LINE not in get(world, "centre", page_of(incident))


def test_a_head_reports_what_they_saw_and_no_call(world: World) -> None:
    assert "by_line" not in get(world, "head", "/my/report/")
    client(world, "head").post("/my/report/", said(world, by_line="on"))
    assert not Incident.objects.get().by_line


def test_a_second_call_about_the_same_person_is_marked_where_it_was_joined(world: World) -> None:
    incident = world.open()
    client(world, "duty").post(f"{BOARD}new/", said(world, by_line="on", person=str(world.members["person"].pk)))
    joined = Timeline.objects.get(incident=incident, code="report.joined")
    assert joined.facts["by_line"] is True and not Incident.objects.get().by_line
