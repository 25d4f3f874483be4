"""The briefing of a drill's scenario as something that everyone has (17.2): from the drill's page, with its counts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kernel.clock import now
from readings.models import Proof, Reading
from readings.workflow import end_reading, issue_reading
from referrals.emergency.drill_scenarios import WRITTEN
from referrals.emergency.models import Drill, DrillPlayer, Scenario
from tests.emergency.drill_steps import planned
from tests.emergency.test_board import get
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
GIVES = "/school/to-read/new/?document=briefing:suicide"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def of_scenario(world: World) -> Drill:
    written = WRITTEN[Scenario.SUICIDE]
    return planned(world, scenario="suicide", title=written.title, briefing=written.briefing, messages=written.messages)


def page(world: World, post: str, drill: Drill) -> str:
    return get(world, post, f"/centre/emergency/drills/{drill.pk}/")


def given(world: World, **values: object) -> Reading:
    day = world.school.today() + timedelta(days=7)
    asked = {"kind": "briefing", "ref": "suicide", "due_on": day, "proof": "read", "roles": ["duty"]} | values
    return issue_reading(actor=world.actor("centre"), **asked)  # type: ignore[arg-type]


def test_while_nobody_was_asked_the_page_leads_to_giving_it_out(world: World) -> None:
    drill = of_scenario(world)
    assert GIVES in page(world, "centre", drill)
    assert '<option value="briefing:suicide" selected' in get(world, "centre", GIVES)


def test_it_says_how_many_of_the_audience_have_it(world: World) -> None:
    drill = of_scenario(world)
    page(world, "centre", drill)
    with CaptureQueriesContext(connection) as before:
        page(world, "centre", drill)
    reading = given(world)
    Proof.objects.create(
        reading=reading, person=world.members["duty"], how="read", version=reading.version, counted_at=timezone.now()
    )
    with CaptureQueriesContext(connection) as queries:
        shown = page(world, "centre", drill)
    assert len(queries) == len(before), "how many there are costs no question more"
    assert "已有 1 人读过" in shown and f"/school/to-read/{reading.pk}/" in shown and GIVES not in shown
    Reading.objects.filter(pk=reading.pk).update(version="before")
    assert "以前的版本" in page(world, "centre", drill)
    end_reading(actor=world.actor("centre"), reading_id=reading.pk)
    assert GIVES in page(world, "centre", drill)


def test_whoever_gives_no_documents_out_and_a_scenario_of_ones_own_show_none_of_it(world: World) -> None:
    drill = of_scenario(world)
    given(world)
    assert "人人知晓：" not in page(world, "duty", drill) and "to-read/new" not in page(world, "duty", drill)
    own = planned(world, scenario="own", planned_for=now() + timedelta(hours=2))
    assert "to-read" not in page(world, "centre", own).split("<main", 1)[1].split("</main>", 1)[0]


def test_having_it_is_not_having_read_what_this_drill_asks(world: World) -> None:
    """Day and word of a drill stand on its own page: whoever plays says there that they have read them."""
    reading = given(world)
    Proof.objects.create(
        reading=reading, person=world.members["duty"], how="read", version=reading.version, counted_at=timezone.now()
    )
    drill = of_scenario(world)
    assert DrillPlayer.objects.get(drill=drill, member=world.members["duty"]).briefed_at is None
