"""What a writer refuses stands on the page that was sent, in a sentence at its field; and nothing was written."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import models

from audit.models import AuditEntry
from kernel.errors import Conflict
from referrals.emergency.models import (
    CompanionShift,
    Drill,
    DrillChange,
    DutyChange,
    DutyHandOver,
    DutyShift,
    Expert,
    FollowUp,
    FollowUpTalk,
    Incident,
    KitItem,
    KitPlace,
    ReportChecklist,
    ReviewChange,
)
from referrals.emergency.workflow import drill_review, drilling, kits
from referrals.emergency.workflow.duties import write_return
from referrals.emergency.workflow.experts import add_expert
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.drill_steps import begun, planned
from tests.emergency.follow_up_steps import REASON, closed, of
from tests.emergency.test_board import BOARD, client, page_of
from tests.emergency.test_drill_pages import page, press
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
YES = "今天下午当面说好，她同意"
WRITTEN: tuple[type[models.Model], ...] = (
    CompanionShift, Drill, DrillChange, DutyChange, Expert, FollowUp, FollowUpTalk, KitItem, KitPlace, ReportChecklist,
    ReviewChange,
)  # fmt: skip


@pytest.fixture
def world(open_world: World) -> Iterator[World]:
    yield open_world


def rows() -> dict[str, Any]:
    """All that these pages could write, and what the record says was done."""
    found: dict[str, Any] = {
        kind.__name__: list(kind._default_manager.order_by("pk").values_list()) for kind in WRITTEN
    }
    return found | {
        "done": set(
            AuditEntry.objects.exclude(facts__has_key="code").exclude(action="incident.read").values_list("seq")
        )
    }


def said_no(world: World, post: str, path: str, data: dict[str, Any], sentence: str) -> None:
    before = rows()
    answer = client(world, post).post(path, data)
    assert answer.status_code == 422, (path, answer.status_code)
    assert sentence in answer.content.decode(), path
    assert rows() == before, path


class TestKitsAndExperts:
    def test_a_licence_stands_at_a_clinic_alone(self, world: World) -> None:
        keeper = world.members["doctor"]
        form = {"name": "心理角", "kind": "centre", "licence": "PDY1", "keeper": str(keeper.pk)}
        said_no(world, "centre", f"{BOARD}kits/new/", form, "只有医务室才有执业许可证")
        place = kits.add_place(
            actor=world.actor("centre"), name="心理角", kind="centre", licence="", keeper_id=keeper.pk
        )
        said_no(world, "centre", f"{BOARD}kits/{place.pk}/", form, "只有医务室才有执业许可证")

    def test_medicine_has_a_last_good_day(self, world: World) -> None:
        centre, keeper = world.actor("centre"), world.members["doctor"]
        place = kits.add_place(actor=centre, name="医务室", kind="clinic", licence="PDY1", keeper_id=keeper.pk)
        until = world.school.today() + timedelta(days=200)
        pill = {"kind": "medicine", "name": "药", "stock": 1, "least": 1}
        item = kits.put_item(actor=centre, place_id=place.pk, expires_on=until, **pill)
        said_no(
            world, "doctor", f"{BOARD}kits/items/{item.pk}/", {"stock": "1", "least": "1", "expires_on": ""}, "药品"
        )

    def test_a_number_that_is_none(self, world: World) -> None:
        form = {"name": "林一", "kind": "psychologist", "reach": "school", "phone": "打这个", "partner": ""}
        said_no(world, "centre", f"{BOARD}experts/new/", form, "号码不完整")
        given = {"name": "林一", "kind": "psychologist", "reach": "school", "phone": "", "partner_id": None}
        expert = add_expert(actor=world.actor("centre"), **given)
        said_no(world, "centre", f"{BOARD}experts/{expert.pk}/", form, "号码不完整")
        assert client(world, "centre").post(f"{BOARD}experts/{uuid4()}/end/").status_code == 404


class TestAfterwards:
    def test_a_companion_is_a_colleague_by_name(self, world: World) -> None:
        incident = world.open()
        begins = chain_now().astimezone(ZoneInfo(world.school.time_zone))
        form = {
            "colleague": "没有这个人", "department": "", "starts_at": begins.strftime("%Y-%m-%dT%H:%M"), "hours": "4",
            "where": "三号楼", "watch": "陪着说说话",
        }  # fmt: skip
        said_no(world, "duty", f"{page_of(incident)}companions/", form, "没有")

    def test_a_talk_waits_while_it_is_not_said_whether_it_goes_on(self, world: World) -> None:
        incident = closed(world)
        person = world.members["person"]
        person.left_on = world.school.today() - timedelta(days=1)
        person.save(update_fields=["left_on"])
        here = f"{page_of(incident)}follow-up/"
        said_no(world, "duty", here, {"went": "better", "words": "好些了", "seen": "0"}, "本人已经离校")
        assert of(incident).talks == 0

    def test_talks_do_not_end_as_of_one_who_left_while_they_are_here(self, world: World) -> None:
        incident = closed(world)
        here = f"{page_of(incident)}follow-up/stop/"
        said_no(world, "duty", here, {"why": "left", "reason": REASON}, "本人还在学校")
        assert of(incident).ended_at is None

    def test_duties_change_forward_in_time(self, world: World) -> None:
        incident = closed(world)
        today = world.school.day_of(chain_now())
        form = {
            "duties": ["evening"], "starts_on": today.isoformat(), "until": (today - timedelta(days=1)).isoformat(),
            "agreed_how": YES,
        }  # fmt: skip
        said_no(world, "centre", f"{page_of(incident)}duties/", form, "早于开始日期")
        change = write_return(
            actor=world.actor("centre"), incident_id=incident.pk, starts_on=today, steps=[(1, 50)], agreed_how=YES
        )[-1]
        said_no(
            world, "centre", f"{BOARD}changed-duties/{change.pk}/renew/",
            {"until": (change.until - timedelta(days=1)).isoformat(), "agreed_how": YES}, "早于开始日期",
        )  # fmt: skip

    def test_what_is_changed_after_a_case_is_changed_on_a_day_to_come(self, world: World) -> None:
        incident = closed(world)
        form = {
            "well": "接得快", "waited": "校医等了九分钟", "after": "0", "what_1": "配一部手机",
            "who_1": str(world.members["principal"].pk),
            "until_1": (world.school.today() - timedelta(days=1)).isoformat(),
        }  # fmt: skip
        said_no(world, "duty", f"{page_of(incident)}review/", form, "已经过")

    def test_a_dimension_has_twelve_signs_at_most(self, world: World) -> None:
        form = {"mood": "\n".join(f"迹象{number}" for number in range(13)), "behaviour": "", "speech": ""}
        said_no(world, "centre", f"{BOARD}signs/", form, "条数太多")

    def test_a_task_that_is_none(self, world: World) -> None:
        incident = closed(world)
        for act in ("done", "later"):
            assert client(world, "duty").post(f"{page_of(incident)}tasks/{uuid4()}/{act}/").status_code == 404


class TestDrills:
    def form(self, world: World, **values: Any) -> dict[str, Any]:
        tomorrow = world.school.day_of(chain_now()) + timedelta(days=1)
        return {
            "title": "演练", "day": tomorrow.isoformat(), "begins": "15:00", "briefing": "照真事来办", "abort_word": "停止演练",
            "signs": "演练人员甲没有来", "kind": "psychological", "suggested": "extreme", "home": "safe", "where": "school",
            "messages": "", "themselves": [str(world.members["duty"].pk)],
        } | values  # fmt: skip

    def test_planned_for_a_time_that_has_passed(self, world: World) -> None:
        past = self.form(world, day=(world.school.day_of(chain_now()) - timedelta(days=1)).isoformat())
        said_no(world, "deputy", f"{BOARD}drills/new/own/", past, "已经过")
        drill = planned(world)
        said_no(world, "deputy", f"{page(drill)}change/", past, "已经过")

    def test_a_message_without_its_minute(self, world: World) -> None:
        said_no(world, "deputy", f"{BOARD}drills/new/own/", self.form(world, messages="甲开了门"), "一行一条")

    def test_what_is_changed_after_it_is_changed_on_a_day_to_come(self, world: World) -> None:
        drill = begun(world)
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        form = {
            "act": "change", "what": "配一部手机", "who": str(world.members["principal"].pk),
            "until": (world.school.today() - timedelta(days=1)).isoformat(),
        }  # fmt: skip
        said_no(world, "deputy", page(drill), form, "已经过")
        assert press(world, "deputy", drill, "nonsense").status_code == 404

    def test_one_that_never_began_has_no_report_and_taught_nothing(self, world: World) -> None:
        drill = planned(world)
        leader = world.actor("deputy")
        drilling.call_off(actor=leader, drill_id=drill.pk)
        assert Drill.objects.get().ended_at is not None
        for tail in ("report/", "report.pdf"):
            assert client(world, "deputy").get(f"{page(drill)}{tail}").status_code == 404
        with pytest.raises(Conflict) as caught:
            drill_review.write_learnt(actor=leader, drill_id=drill.pk, words="没有开始")
        assert caught.value.reason == "drill_not_over" and Drill.objects.get().learnt == ""


class TestTheChain:
    def test_a_switch_that_is_none(self, world: World) -> None:
        for send in (client(world, "centre").get, client(world, "centre").post):
            call: Callable[[str], Any] = send
            assert call(f"{BOARD}chain/nonsense/").status_code == 404

    def test_nobody_else_reads_the_numbers_of_a_shift_over(self, world: World) -> None:
        own = DutyShift.objects.get(layer=1)
        assert client(world, "second").post(f"{BOARD}duty/{own.pk}/read/").status_code == 404
        assert not DutyHandOver.objects.exists()
        assert client(world, "duty").post(f"{BOARD}duty/{own.pk}/read/").status_code == 302
        assert DutyHandOver.objects.count() == 1 and Incident.objects.count() == 0
