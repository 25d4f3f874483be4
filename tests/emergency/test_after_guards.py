"""What is refused afterwards and in drills, each by the one guard that refuses it: nobody else's, nothing of nothing, not now."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from audit.models import AuditEntry
from kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from referrals.emergency.models import CompanionShift, Drill, Incident, NeverContact, UnionGrant
from referrals.emergency.rules.drills import DrillState
from referrals.emergency.workflow import (
    companions,
    drill_review,
    drilling,
    ending,
    following_up,
    kits,
    reviewing,
    support,
    tasks,
)
from referrals.emergency.workflow.duties import renew_duties, write_return
from referrals.emergency.workflow.experts import add_expert
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from referrals.emergency.workflow.progress import write_progress
from tests.conftest import make_person
from tests.emergency.drill_steps import WORD, all_read, begun, plan_of, planned
from tests.emergency.follow_up_steps import REASON, closed
from tests.emergency.test_board import client, page_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
YES = "今天下午当面说好，她同意"
WATCH = {"place": "三号楼", "watch": "陪着说说话"}
Act = Callable[[], object]


@pytest.fixture
def world(open_world: World) -> Iterator[World]:
    yield open_world


def refuses(kind: type[DomainError], code: str, act: Act) -> None:
    """And nothing is written in the record."""
    before = AuditEntry.objects.count()
    with pytest.raises(kind) as caught:
        act()
    if code:
        assert caught.value.reason == code
    assert AuditEntry.objects.count() == before


def companion(world: World, incident: Incident, who: Any, by: str = "duty") -> CompanionShift:
    begins = chain_now()
    return companions.plan_companion(
        actor=world.actor(by), incident_id=incident.pk, companion_id=who, starts_at=begins,
        ends_at=begins + timedelta(hours=4), **WATCH,
    )  # fmt: skip


class TestNothingOfNothing:
    @pytest.mark.parametrize(
        "act",
        [
            lambda who: tasks.finish(actor=who("duty"), task_id=uuid4()),
            lambda who: tasks.put_off(actor=who("duty"), task_id=uuid4(), reason=REASON),
            lambda who: following_up.record_talk(
                actor=who("duty"), follow_up_id=uuid4(), seen=0, went="better", words="好些了"
            ),
            lambda who: reviewing.finish_change(actor=who("centre"), change_id=uuid4()),
            lambda who: companions.accept_companion(actor=who("moral"), shift_id=uuid4()),
            lambda who: companions.cancel_companion(actor=who("duty"), shift_id=uuid4()),
            lambda who: drilling.change_drill(actor=who("deputy"), drill_id=uuid4(), plan=None),
            lambda who: drilling.confirm_briefing(actor=who("duty"), drill_id=uuid4()),
            lambda who: drilling.end(actor=who("deputy"), drill_id=uuid4()),
            lambda who: drill_review.change_done(actor=who("deputy"), change_id=uuid4()),
            lambda who: kits.check_item(actor=who("centre"), item_id=uuid4(), stock=1, least=1, expires_on=None),
            lambda who: kits.change_place(
                actor=who("centre"), place_id=uuid4(), name="柜", kind="centre", licence="", keeper_id=uuid4()
            ),
        ],
    )
    def test_an_id_that_leads_nowhere(self, world: World, act: Any) -> None:
        refuses(NotFound, "", lambda: act(world.actor))


class TestDrills:
    def test_what_has_begun_is_changed_no_more(self, world: World) -> None:
        drill = begun(world)
        plan = plan_of(world, title="另一场")
        refuses(Conflict, "drill_begun", lambda: drilling.change_drill(actor=world.actor("deputy"), drill_id=drill.pk, plan=plan))  # fmt: skip

    def test_whoever_does_not_play_has_no_briefing_to_confirm(self, world: World) -> None:
        drill = planned(world)
        for post in ("person", "deputy"):
            refuses(NotFound, "", lambda: drilling.confirm_briefing(actor=world.actor(post), drill_id=drill.pk))

    def test_another_who_may_lead_ends_it_not_nor_lets_it_go_on(self, world: World) -> None:
        """The psychologist on duty may lead drills, and does not lead this one."""
        drill = begun(world)
        duty = world.actor("duty")
        assert duty.may("drill.lead")
        refuses(Forbidden, "", lambda: drilling.end(actor=duty, drill_id=drill.pk))
        real = world.open()
        assert Drill.objects.get().state == DrillState.FROZEN
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=real.pk)
        refuses(Forbidden, "", lambda: drilling.resume(actor=duty, drill_id=drill.pk))
        assert Drill.objects.get().state == DrillState.FROZEN

    def test_nothing_goes_wrong_on_purpose_any_more_when_it_is_over(self, world: World) -> None:
        drill = begun(world)
        fault = {"drill_id": drill.pk, "leg": "family", "position": 0, "fault": "refusal"}
        drilling.set_fault(actor=world.actor("deputy"), **fault)
        drilling.abort(actor=world.actor("deputy"), drill_id=drill.pk, word=WORD)
        refuses(Conflict, "drill_over", lambda: drilling.set_fault(actor=world.actor("deputy"), **fault))

    def test_a_part_that_nobody_knows_is_played_by_nobody(self, world: World) -> None:
        plan = plan_of(world, players=[(world.members["duty"].pk, "self"), (world.members["head"].pk, "mayor")])
        refuses(Invalid, "not_in_list", lambda: drilling.plan_drill(actor=world.actor("deputy"), plan=plan))

    def test_what_is_learnt_is_words_and_comes_after_the_end(self, world: World) -> None:
        drill = planned(world)
        leader = world.actor("deputy")
        learnt: dict[str, Any] = {"actor": leader, "drill_id": drill.pk}
        refuses(Conflict, "drill_not_over", lambda: drill_review.write_learnt(**learnt, words="好"))
        all_read(world, drill)
        drilling.begin(actor=leader, drill_id=drill.pk)
        refuses(Conflict, "drill_not_over", lambda: drill_review.write_learnt(**learnt, words="好"))
        drilling.end(actor=leader, drill_id=drill.pk)
        refuses(Invalid, "words_missing", lambda: drill_review.write_learnt(**learnt, words="  "))
        refuses(Invalid, "words_too_long", lambda: drill_review.write_learnt(**learnt, words="长" * 4_001))
        assert drill_review.write_learnt(**learnt, words="电话要响").learnt == "电话要响"

    def test_its_pages_lead_only_where_something_is(self, world: World) -> None:
        drill = begun(world)
        page = f"/centre/emergency/drills/{drill.pk}/"
        leader = client(world, "deputy")
        assert leader.get("/centre/emergency/drills/new/fire/").status_code == 404
        assert leader.get(f"{page}report/").status_code == 404, "it still runs"
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert leader.get(f"{page}report/").status_code == 200
        assert leader.post(page, {"act": "done", "change": str(uuid4())}).status_code == 404


class TestAfterwards:
    def test_a_psychologist_who_must_not_know_asks_for_no_grant(self, world: World) -> None:
        make_person(world.school, "staff", "union", name="工会主席")
        incident = closed(world)
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        ask = {"incident_id": incident.pk, "agreed_how": YES}
        refuses(NotFound, "", lambda: support.ask_grant(actor=world.actor("second"), **ask))
        assert not UnionGrant.objects.exists()
        assert support.ask_grant(actor=world.actor("duty"), **ask).state == "asked"

    def test_nobody_stays_with_a_person_who_has_left_is_not_ours_or_must_not_know(self, world: World) -> None:
        incident = world.open()
        left = make_person(world.school, "staff", left_on=world.school.today() - timedelta(days=2))
        NeverContact.objects.create(person=world.members["person"], member=world.members["moral"])
        for who in (uuid4(), left.pk, world.members["moral"].pk):
            refuses(Invalid, "companion_unknown", lambda: companion(world, incident, who))
        assert not CompanionShift.objects.exists()

    def test_who_must_not_know_sends_no_companion_home(self, world: World) -> None:
        incident, other = world.open(), world.open(person_id=world.members["head"].pk)
        row = companion(world, incident, world.members["moral"].pk)
        asked = f"{page_of(other)}companions/{row.pk}/cancel/"
        assert client(world, "duty").post(asked).status_code == 404, "it is of another incident"
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        refuses(NotFound, "", lambda: companions.cancel_companion(actor=world.actor("second"), shift_id=row.pk))
        assert CompanionShift.objects.get().state == row.state

    def test_how_it_goes_on_is_told_to_nobody_while_it_goes_on(self, world: World) -> None:
        incident = world.open()
        told = {"incident_id": incident.pk, "kind": "medical", "words": "下周复诊", "agreed_how": YES}
        refuses(Conflict, "progress_nobody", lambda: write_progress(actor=world.actor("duty"), **told))

    def test_the_same_duties_go_on_for_a_time_that_is_one(self, world: World) -> None:
        incident = closed(world)
        today = world.school.day_of(chain_now())
        change = write_return(
            actor=world.actor("centre"), incident_id=incident.pk, starts_on=today, steps=[(1, 50)], agreed_how=YES
        )[-1]
        for until in (today - timedelta(days=1), change.until, today + timedelta(days=1_000)):
            renew: dict[str, Any] = {"change_id": change.pk, "until": until, "agreed_how": YES}
            with pytest.raises(Invalid) as caught:
                renew_duties(actor=world.actor("centre"), **renew)
            assert caught.value.fields[0][0] == "until"

    def test_a_service_number_is_barred_for_nobody(self, world: World) -> None:
        incident = world.open()
        reason = "他的父亲在派出所工作，不要打到那里去，请大家注意"
        bar = {"actor": world.actor("duty"), "incident_id": incident.pk, "reason": reason, "phone": "110"}
        with pytest.raises(DomainError):
            bar_in_incident(**bar)
        assert not NeverContact.objects.exists()


class TestKitsAndExperts:
    def test_nobody_counts_what_another_keeps(self, world: World) -> None:
        centre, doctor = world.actor("centre"), world.members["doctor"]
        place = kits.add_place(actor=centre, name="医务室", kind="clinic", licence="PDY1", keeper_id=doctor.pk)
        item = kits.put_item(
            actor=centre, place_id=place.pk, kind="first_aid", name="创可贴", stock=9, least=5, expires_on=None
        )
        count: dict[str, Any] = {"item_id": item.pk, "stock": 2, "least": 5, "expires_on": None}
        for post in ("head", "person"):
            refuses(Forbidden, "", lambda: kits.check_item(actor=world.actor(post), **count))
        assert kits.check_item(actor=world.actor("doctor"), **count).stock == 2
        assert client(world, "centre").get(f"/centre/emergency/kits/{uuid4()}/").status_code == 404

    def test_a_licence_and_a_name_have_an_end(self, world: World) -> None:
        centre = world.actor("centre")
        place = {"name": "医务室", "kind": "clinic", "keeper_id": world.members["doctor"].pk}
        refuses(Invalid, "kit_licence_elsewhere", lambda: kits.add_place(actor=centre, licence="P" * 41, **place))
        expert = {"kind": "crisis", "reach": "school", "phone": "", "partner_id": None}
        refuses(Invalid, "expert_name", lambda: add_expert(actor=centre, name="林" * 61, **expert))
