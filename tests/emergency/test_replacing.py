"""A person's no to a line, and somebody else on a held one (chain §9): what ends, what is called, what is owed afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from families.models import Consent
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from partners.models import Institution
from referrals.emergency import replacing
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.rounds import schools_due
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import (
    Delivery,
    Incident,
    Leg,
    LegStep,
    NeverContact,
    Recipient,
    Timeline,
    WatchTask,
)
from referrals.emergency.workflow import answering, grading, holding, tasks
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.ready import agreed
from tests.emergency.rota import line_row
from tests.emergency.test_board import get, page_of, press
from tests.emergency.world import World, codes, legs_of, make_due, paged

pytestmark = pytest.mark.django_db
REASON = "他当面说不要告诉家里人，愿意每天和我们见一面"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def rows() -> list[Any]:
    return [*Leg.objects.order_by("pk").values(), *WatchTask.objects.values(), *LegStep.objects.order_by("pk").values()]


class TestTheirNo:
    @pytest.fixture
    def major(self, world: World) -> Incident:
        """The duty psychologist has the school's leg; the family stands by."""
        incident = world.open(grade="major")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        return incident

    def say(
        self, world: World, incident: Incident, by: str = "duty", reason: str = REASON, kind: str = "family"
    ) -> Leg:
        return grading.refuse_leg(actor=world.actor(by), incident_id=incident.pk, kind=kind, reason=reason)

    def test_the_line_ends_and_a_look_is_due_in_a_day_beside_the_incidents_own_clock(
        self, world: World, major: Incident
    ) -> None:
        before = Incident.objects.get(pk=major.pk)
        leg = self.say(world, major)
        assert (leg.state, leg.next_at, leg.is_required) == ("not_required", None, False)
        task = WatchTask.objects.get()
        assert (task.kind, task.next_at) == ("watch", task.due_at)
        assert abs(task.due_at - chain_now() - timedelta(hours=24)) < timedelta(seconds=5)
        after = Incident.objects.get(pk=major.pk)
        assert (after.next_event, after.next_at) == (before.next_event, before.next_at), "a no puts no contact off"
        assert codes(major)[-2:] == ["leg.person_refuses", "task.watch"]
        said = Timeline.objects.get(code="leg.person_refuses")
        assert said.words(major.key).startswith(REASON[:11]) and REASON[:11].encode() not in bytes(
            said.words_sealed or b""
        )
        assert AuditEntry.objects.filter(action="incident.person_refuses").count() == 1

    def test_nobody_else_writes_it_and_a_reason_is_a_reason(self, world: World, major: Incident) -> None:
        before = rows()
        for post in ("second", "centre", "moral"):
            with pytest.raises(Forbidden):
                self.say(world, major, by=post)
        with pytest.raises(NotFound):
            self.say(world, major, by="person")
        with pytest.raises(Invalid) as short:
            self.say(world, major, reason="他说不要")
        assert short.value.reason == "reason_too_short"
        with pytest.raises(IllegalMove):
            self.say(world, major, kind="school")
        assert rows() == before

    def test_life_in_danger_begins_it_again(self, world: World, major: Incident) -> None:
        self.say(world, major)
        grading.write_grade(actor=world.actor("duty"), incident_id=major.pk, grade="extreme")
        Leg.objects.filter(incident=major, kind="family", next_event="start_due").update(next_at=chain_now())
        decide_school()
        assert legs_of(major)["family"].state == "paging"

    def test_the_look_is_asked_for_when_it_is_due_again_and_again_until_somebody_looked(
        self, world: World, major: Incident
    ) -> None:
        self.say(world, major)
        assert decide_tasks() == 0
        ago = chain_now() - timedelta(minutes=1)
        WatchTask.objects.update(next_at=ago, due_at=ago)
        Leg.objects.update(next_at=None, next_event="", state="not_required")
        Incident.objects.update(next_at=chain_now() + timedelta(hours=1))
        assert [due.tenant_id for due in schools_due()] == [world.school.pk]
        assert decide_tasks() == 1
        pages = Delivery.objects.filter(text="emergency_ask_watch")
        assert {row.recipient.member_id for row in pages} >= {world.members["centre"].pk}
        task = WatchTask.objects.get()
        assert task.next_at is not None and abs(task.next_at - chain_now() - timedelta(hours=2)) < timedelta(seconds=5)
        assert task.due_at == ago, "it stays red"
        tasks.finish(actor=world.actor("second"), task_id=task.pk)
        assert decide_tasks() == 0
        with pytest.raises(Conflict) as twice:
            tasks.finish(actor=world.actor("duty"), task_id=task.pk)
        assert twice.value.reason == "task_done"
        assert WatchTask.objects.get().done_by_id == world.members["second"].pk

    def test_a_look_is_not_put_off(self, world: World, major: Incident) -> None:
        self.say(world, major)
        before = rows()
        with pytest.raises(Conflict) as refused:
            tasks.put_off(actor=world.actor("duty"), task_id=WatchTask.objects.get().pk, reason=REASON)
        assert refused.value.reason == "task_not_put_off"
        assert rows() == before

    def test_the_page_offers_it_to_the_owner_alone(self, world: World, major: Incident) -> None:
        assert f"{page_of(major)}family/refuse/" in get(world, "duty", page_of(major))
        assert f"{page_of(major)}family/refuse/" not in get(world, "second", page_of(major))
        press(world, "duty", major, "family/refuse", {"reason": REASON})
        text = get(world, "centre", page_of(major))
        assert "本人不同意" in text and REASON[:11] in text
        assert "再看" in text


class TestSomebodyElse:
    @pytest.fixture
    def held(self, world: World) -> Incident:
        """Extreme; contact 1 was called and the duty psychologist stopped it."""
        incident = world.open()
        decide_school()
        assert paged(incident, "family") == ["contact:1"]
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
        return incident

    def swap(self, world: World, incident: Incident, choice: str = "contact:2", by: str = "duty", **said: Any) -> Leg:
        kind = said.pop("kind", "family")
        return holding.replace(actor=world.actor(by), incident_id=incident.pk, kind=kind, choice=choice, **said)

    def test_the_other_contact_is_called_and_the_first_never_again(self, world: World, held: Incident) -> None:
        leg = self.swap(world, held)
        assert (leg.state, leg.next_event) == ("paging", "step_due")
        decide_school()
        assert paged(held, "family") == ["contact:1", "contact:2"]
        while legs_of(held)["family"].state == "paging":
            make_due(held, "family")
            decide_school()
        for _ in range(8):
            make_due(held, "family")
            decide_school()
        assert paged(held, "family").count("contact:1") == 1
        first = Recipient.objects.get(leg=leg, role="contact:1")
        again = Delivery.objects.filter(recipient=first, key__contains="tick")
        assert not again.exists(), "not even the exhausted line calls them"
        assert "leg.replace" in codes(held)
        assert AuditEntry.objects.filter(action="incident.replace").count() == 1

    def test_the_same_one_again_is_no_replacement(self, world: World, held: Incident) -> None:
        before = rows()
        for choice in ("contact:1", "contact:9", "", "13900000012", "on_duty:1"):
            with pytest.raises(Refused) as refused:
                self.swap(world, held, choice)
            assert refused.value.reason == "replacement_unreached"
        assert rows() == before

    def test_nobody_who_must_not_be_called_and_nobody_who_did_not_agree_is_a_choice(
        self, world: World, held: Incident
    ) -> None:
        values = [replacing.value_of(rule) for rule, _name in replacing.choices(held, legs_of(held)["family"])]
        assert values == ["contact:2"]
        hashed = bytes(world.contacts["brother"].number_hash)
        never = NeverContact.objects.create(person=world.members["person"], number_hash=hashed)
        assert replacing.choices(held, legs_of(held)["family"]) == []
        never.delete()
        Consent.objects.filter(relative=world.contacts["brother"].relative).update(state="withdrawn")
        assert replacing.choices(held, legs_of(held)["family"]) == []

    def test_before_the_first_call_the_first_of_the_list_is_the_one_replaced(self, world: World) -> None:
        incident = world.open(home="danger")
        decide_school()
        assert legs_of(incident)["family"].state == "held"
        values = [replacing.value_of(rule) for rule, _name in replacing.choices(incident, legs_of(incident)["family"])]
        assert values == ["contact:2"]

    def test_by_who_is_on_duty_alone(self, world: World, held: Incident) -> None:
        before = rows()
        for post in ("centre", "moral", "principal"):
            with pytest.raises(Forbidden):
                self.swap(world, held, by=post)
        with pytest.raises(NotFound):
            self.swap(world, held, by="person")
        assert rows() == before
        assert f"{page_of(held)}family/replace/" not in get(world, "centre", page_of(held))

    def test_what_is_not_held_is_not_replaced(self, world: World) -> None:
        incident = world.open()
        decide_school()
        before = rows()
        with pytest.raises(IllegalMove):
            self.swap(world, incident)
        assert rows() == before

    def test_below_extreme_the_family_needs_the_persons_yes_here_too(self, world: World) -> None:
        incident = world.open(grade="major", home="danger")
        decide_school()
        before = rows()
        with pytest.raises(Refused) as refused:
            self.swap(world, incident)
        assert refused.value.reason == "agreement_missing"
        assert rows() == before
        leg = self.swap(world, incident, agreed_how="今天下午当面说好，只告诉弟弟")
        assert leg.state == "paging"

    def test_a_first_word_for_the_lift_is_over(self, world: World, held: Incident) -> None:
        holding.lift(actor=world.actor("duty"), incident_id=held.pk, kind="family")
        self.swap(world, held)
        holding.hold(actor=world.actor("duty"), incident_id=held.pk, kind="family", reason=REASON)
        assert not holding.lift(actor=world.actor("centre"), incident_id=held.pk, kind="family")
        assert legs_of(held)["family"].state == "held"

    def test_an_outside_line_for_the_hospital_and_120_stays(self, world: World, held: Incident) -> None:
        line = line_row("+8657187654321", name="市七院值班", kind="district")
        holding.hold(actor=world.actor("duty"), incident_id=held.pk, kind="medical", reason=REASON)
        page = get(world, "duty", f"{page_of(held)}medical/replace/")
        assert "市七院值班" in page and "平台值守" not in page, "the operator is no hospital"
        assert "agreed_how" not in page, "that is asked for the family alone"
        press(world, "duty", held, "medical/replace", {"choice": f"line={line.pk}"})
        assert legs_of(held)["medical"].state == "paging"
        decide_school()
        assert paged(held, "medical")[-1] == "line"
        make_due(held, "medical")
        decide_school()
        assert paged(held, "medical")[-2:] == ["by_hand:120", "line"], (
            "a person is asked to dial it whoever else was chosen"
        )

    def test_an_institution_whose_number_cannot_be_read_is_an_empty_step_and_stops_no_leg(
        self, world: World, held: Incident
    ) -> None:
        hospital = agreed(world.school, world.members["centre"], "市七院", "hospital")
        holding.hold(actor=world.actor("duty"), incident_id=held.pk, kind="medical", reason=REASON)
        leg = legs_of(held)["medical"]
        assert f"partner={hospital.pk}" in [replacing.value_of(rule) for rule, _name in replacing.choices(held, leg)]
        other = agreed(world.school, world.members["centre"], "托育园", "childcare")
        assert str(other.pk) not in str(replacing.choices(held, leg)), "who helps with children is no hospital"
        Institution.objects.filter(pk=hospital.pk).update(contact_phone="请打总机转值班室")
        assert f"partner={hospital.pk}" not in [
            replacing.value_of(rule) for rule, _name in replacing.choices(held, leg)
        ]
        get(world, "duty", f"{page_of(held)}medical/replace/", 302)  # nobody is left to choose, which is said

    def test_on_the_page(self, world: World, held: Incident) -> None:
        page = get(world, "duty", f"{page_of(held)}family/replace/")
        assert "第二联系人" in page and "13900000012" not in page and "家人2" not in page
        press(world, "duty", held, "family/replace", {"choice": "contact:2", "agreed_how": ""})
        assert legs_of(held)["family"].state == "paging"
        assert "第二联系人" in get(world, "centre", page_of(held))
