"""What a program says beside a danger itself: that it came by the school's line, and that it is a drill."""

from typing import Any

import pytest

from referrals.emergency.models import Chain, Delivery, Drill, Incident, Recipient
from referrals.emergency.workflow import drilling
from tests.emergency.drill_steps import all_read, fresh, incident_of, planned, work
from tests.emergency.programs import INCIDENTS, one, program, recorded, rows, told
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
NOBODY = {"person": None, "drill": True}


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def ask(world: World, post: str = "deputy", **extra: Any) -> Any:
    return program(world, post).post(INCIDENTS, told(world, **NOBODY, **extra))


class TestByTheLine:
    @pytest.mark.parametrize("said", [True, False])
    def test_whoever_answers_the_line_says_so_and_reads_it(self, world: World, said: bool) -> None:
        answer = program(world, "duty").post(INCIDENTS, told(world, by_line=said))
        assert answer.status_code == 201 and answer.json()["by_line"] is said
        assert Incident.objects.get().by_line is said
        assert program(world, "centre").get(one(answer.json()["id"])).json()["by_line"] is said

    def test_a_head_reports_what_they_saw(self, world: World) -> None:
        answer = program(world, "head").post(INCIDENTS, told(world, by_line=True))
        assert answer.status_code == 201 and "by_line" not in answer.json()
        assert not Incident.objects.get().by_line

    def test_it_is_a_flag(self, world: World) -> None:
        answer = program(world, "duty").post(INCIDENTS, told(world, by_line="on"))
        assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == "by_line"
        assert not Incident.objects.exists()


class TestADrill:
    def test_the_planned_one_begins_and_stays_in_the_house(self, world: World) -> None:
        drill = planned(world)
        all_read(world, drill)
        answer = ask(world)
        assert answer.status_code == 201, answer.content
        body = answer.json()
        assert (body["drill"], body["person"], body["grade"], body["suggested"]) == (True, None, None, "extreme")
        assert fresh(drill).state == "running" and str(incident_of(drill).pk) == body["id"]
        work()
        assert Recipient.objects.filter(leg__incident_id=body["id"]).exists()
        assert set(Delivery.objects.values_list("channel", flat=True)) == {"in_app"}
        assert ask(world).json()["code"] == "drill_not_here", "it has begun"

    def test_the_earliest_that_is_meant_begins(self, world: World) -> None:
        first, second = planned(world), planned(world, suggested="major")
        later = planned(world)
        Drill.objects.filter(pk=later.pk).update(planned_for=first.planned_for.replace(year=first.planned_for.year + 1))
        for drill in (first, second, later):
            all_read(world, drill)
        assert ask(world, grade="major").json()["suggested"] == "major"
        assert [fresh(one).state for one in (first, second, later)] == ["planned", "running", "planned"]
        drilling.end(actor=world.actor("deputy"), drill_id=second.pk)
        assert ask(world).status_code == 201
        assert [fresh(one).state for one in (first, second, later)] == ["running", "ended", "planned"]

    @pytest.mark.parametrize(
        ("post", "extra"),
        [("duty", {}), ("head", {}), ("deputy", {"grade": "major"}), ("deputy", {"kind": "medical"})],
    )
    def test_another_ones_and_another_kind_is_none(self, world: World, post: str, extra: dict[str, str]) -> None:
        all_read(world, planned(world))
        before = rows(world)
        answer = ask(world, post, **extra)
        assert (answer.status_code, answer.json()["code"]) == (422, "drill_not_here")
        assert rows(world) == before and Drill.objects.get().state == "planned"
        assert ("drill.begin", "") not in recorded(world)

    def test_what_its_page_refuses_is_refused(self, world: World) -> None:
        drill = planned(world)
        assert ask(world).json()["code"] == "drill_not_briefed"
        all_read(world, drill)
        Chain.objects.update(state="off")
        assert ask(world).json()["code"] == "chain_off"
        Chain.objects.update(state="live")
        world.open()
        assert ask(world).json()["code"] == "drill_real_open"
        assert fresh(drill).state == "planned"
