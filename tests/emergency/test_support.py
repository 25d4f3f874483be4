"""What is asked for after an incident (chain §3, §6): the union's own grant, help for a group, a gradual return, telling on paper."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Department
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.emergency.duties import to_arrange
from referrals.emergency.models import DutyChange, GroupCare, Incident, NeverContact, UnionGrant, WatchTask
from referrals.emergency.workflow.companions import accept_companion, plan_companion
from referrals.emergency.workflow.duties import renew_duties, write_return
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.support import ask_care, ask_grant, decide_grant
from tests.conftest import make_person
from tests.emergency.test_board import client, get, page_of
from tests.emergency.test_follow_ups import closed
from tests.emergency.test_incident_tables import refused
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db
YES = "今天下午当面说好，他愿意让工会知道"


@pytest.fixture
def world(open_world: World) -> World:
    found = open_world
    found.members["union"] = make_person(found.school, "staff", "union", name="工会主席")
    return found


@pytest.fixture
def incident(world: World) -> Incident:
    return closed(world)


class TestTheUnionsOwnGrant:
    def ask(self, world: World, incident: Incident, by: str = "duty", how: str = YES) -> UnionGrant:
        return ask_grant(actor=world.actor(by), incident_id=incident.pk, agreed_how=how)

    def test_asked_with_the_persons_yes_and_said_on_a_day(self, world: World, incident: Incident) -> None:
        make_person(world.school, "staff", "union", name="前主席", left_on=world.school.today() - timedelta(days=1))
        grant = self.ask(world, incident)
        [word] = OutboxMessage.objects.filter(template="emergency_grant")
        assert word.to_user_id == world.members["union"].user_id, "who left the union's office last year is not told"
        assert word.link == "/union/grants/"
        text = get(world, "union", "/union/grants/")
        assert world.members["person"].name in text
        for hidden in (incident.number, "两天没有来", YES, "支持"):
            assert hidden not in text
        union = client(world, "union")
        here = f"/union/grants/{grant.pk}/"
        today = world.school.day_of(chain_now())
        assert union.post(here, {"given": "yes", "on": (today + timedelta(days=1)).isoformat()}).status_code == 422
        assert union.post(here, {"given": "yes", "on": today.isoformat()}).status_code == 302
        assert union.post(here, {"given": "no", "on": today.isoformat()}).status_code == 302
        found = UnionGrant.objects.get()
        assert (found.state, found.decided_on, found.decided_by_id) == ("given", today, world.members["union"].pk)
        assert codes(incident)[-1] == "grant.given"
        assert "工会" in get(world, "centre", f"{page_of(incident)}support/")

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        for post in ("union", "head", "principal"):
            with pytest.raises(Forbidden):
                self.ask(world, incident, by=post)
        with pytest.raises(Invalid) as silent:
            self.ask(world, incident, how=" ")
        assert silent.value.reason == "grant_agreement"
        nobody, drill = world.open(person_id=None), world.open(is_drill=True)
        for one, code in ((nobody, "relief_no_person"), (drill, "relief_in_drill")):
            with pytest.raises(Refused) as no:
                self.ask(world, one)
            assert no.value.reason == code
        NeverContact.objects.create(person=world.members["person"], member=world.members["union"])
        with pytest.raises(Refused) as hidden:
            self.ask(world, incident)
        assert hidden.value.reason == "grant_nobody"
        assert not UnionGrant.objects.exists() and "grant.asked" not in codes(incident)

    def test_asked_once_at_a_time_and_decided_once(self, world: World, incident: Incident) -> None:
        grant = self.ask(world, incident)
        with pytest.raises(Conflict) as twice:
            self.ask(world, incident, by="centre")
        assert twice.value.reason == "grant_asked"
        today = world.school.day_of(chain_now())
        for on in (today - timedelta(days=1), today + timedelta(days=1)):
            with pytest.raises(Invalid) as day:
                decide_grant(actor=world.actor("union"), grant_id=grant.pk, given=True, on=on)
            assert day.value.reason == "grant_day"
        for post in ("duty", "centre", "head"):
            with pytest.raises(Forbidden):
                decide_grant(actor=world.actor(post), grant_id=grant.pk, given=True, on=today)
        decide_grant(actor=world.actor("union"), grant_id=grant.pk, given=False, on=today)
        with pytest.raises(Conflict) as done:
            decide_grant(actor=world.actor("union"), grant_id=grant.pk, given=True, on=today)
        assert done.value.reason == "grant_decided"
        assert UnionGrant.objects.get().state == "declined"
        refused("union_grant_said_when", lambda: UnionGrant.objects.update(decided_on=None))

    def test_whoever_of_the_union_must_not_know_finds_none(self, world: World, incident: Incident) -> None:
        grant = self.ask(world, incident)
        world.members["other"] = make_person(world.school, "staff", "union", name="工会委员")
        NeverContact.objects.create(person=world.members["person"], member=world.members["other"])
        assert world.members["person"].name not in get(world, "other", "/union/grants/")
        get(world, "other", f"/union/grants/{grant.pk}/", 404)
        with pytest.raises(NotFound):
            decide_grant(actor=world.actor("other"), grant_id=grant.pk, given=True, on=world.school.today())
        for post in ("duty", "head", "person"):
            get(world, post, "/union/grants/", 404)


class TestOthersWereTouched:
    def test_a_row_without_a_name_that_leads_nowhere(self, world: World, incident: Incident) -> None:
        department = Department.objects.get()
        browser = client(world, "duty")
        said = {"ask": "care", "kind": "group", "department": str(department.pk), "how_many": "12"}
        here = f"{page_of(incident)}support/"
        assert department.name not in browser.get(here).content.decode(), "two people would be named by it"
        assert browser.post(here, said).status_code == 422
        for _person in range(world.school.settings.fewest_people):
            make_person(world.school, "staff", department=department)
        assert browser.post(here, said).status_code == 302
        assert browser.post(here, said).status_code == 422, "the same is asked for today"
        care = GroupCare.objects.get()
        assert (care.kind, care.department_id, care.how_many) == ("group", department.pk, 12)
        names = {field.name for field in GroupCare._meta.concrete_fields}
        assert names == {"id", "tenant", "kind", "department", "how_many", "asked_on", "asked_by"}
        assert codes(incident)[-1] == "care.asked"

    def test_after_a_death_it_does_the_task(self, world: World) -> None:
        died = closed(world, "died")
        ask_care(actor=world.actor("centre"), incident_id=died.pk, kind="single", department_id=None, how_many=30)
        done = WatchTask.objects.get(kind="colleagues")
        assert done.done_by_id == world.members["centre"].pk and done.next_at is None
        ask_care(actor=world.actor("duty"), incident_id=died.pk, kind="group", department_id=None, how_many=9)
        again = WatchTask.objects.get(kind="colleagues")
        assert (again.done_by_id, again.done_at) == (done.done_by_id, done.done_at), "who did it first did it"

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        given: dict[str, Any] = {
            "actor": world.actor("duty"), "incident_id": incident.pk, "kind": "group", "department_id": None, "how_many": 8,
        }  # fmt: skip
        for values, code in (
            ({"kind": "party"}, "not_in_list"), ({"how_many": 1}, "care_how_many"), ({"how_many": 501}, "care_how_many"),
            ({"department_id": incident.pk}, "not_in_list"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as invalid:
                ask_care(**(given | values))
            assert invalid.value.reason == code
        for post in ("union", "principal"):
            with pytest.raises(Forbidden):
                ask_care(**(given | {"actor": world.actor(post)}))
        with pytest.raises(Refused) as drill:
            ask_care(**(given | {"incident_id": world.open(is_drill=True).pk}))
        assert drill.value.reason == "relief_in_drill"
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        with pytest.raises(NotFound):
            ask_care(**(given | {"actor": world.actor("second")}))
        assert not GroupCare.objects.exists() and "care.asked" not in codes(incident)
        ask_care(**given)
        with pytest.raises(Conflict) as twice:
            ask_care(**given)
        assert twice.value.reason == "care_asked"
        assert GroupCare.objects.count() == 1


class TestTheGradualReturn:
    def back(self, world: World, incident: Incident, **values: Any) -> list[DutyChange]:
        given: dict[str, Any] = {
            "actor": world.actor("centre"), "incident_id": incident.pk, "starts_on": world.school.today(),
            "steps": [(2, 25), (3, 50), (1, 75)], "duties": ["evening"], "agreed_how": YES,
        }  # fmt: skip
        return write_return(**(given | values))

    def test_is_one_plan_of_steps_that_follow_each_other(self, world: World, incident: Incident) -> None:
        rows = self.back(world, incident)
        start = world.school.today()
        assert [(row.starts_on, row.until, row.share) for row in rows] == [
            (start, start + timedelta(days=13), 25), (start + timedelta(days=14), start + timedelta(days=34), 50),
            (start + timedelta(days=35), start + timedelta(days=41), 75),
        ]  # fmt: skip
        assert [row.follows_id for row in rows] == [None, rows[0].pk, rows[1].pk]
        assert all(set(row.duties) == {"evening", "lighter"} for row in rows), "fewer hours are what a share is of"
        assert OutboxMessage.objects.filter(template="emergency_duties").count() == 1, "told once"
        assert codes(incident).count("duties.written") == 1
        assert len(to_arrange(world.actor("head"), start)) == 3
        text = get(world, "head", "/my/duties/")
        assert "25%" in text and "75%" in text and incident.number not in text and YES not in text
        assert "25%" in get(world, "person", "/my/duties/")

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        for values, code in (
            ({"steps": []}, "return_steps"), ({"steps": [(1, 25)] * 5}, "return_steps"), ({"steps": [(14, 50)]}, "return_steps"),
            ({"steps": [(1, 40)]}, "return_steps"), ({"steps": [(2, 25), (0, 50)]}, "return_steps"), ({"steps": [(2, 25), (-1, 50)]}, "return_steps"),
            ({"steps": [(7, 25), (7, 50)]}, "return_steps"), ({"duties": ["sleep"]}, "not_in_list"),
            ({"starts_on": world.school.today() - timedelta(days=1)}, "duties_past"), ({"agreed_how": " "}, "duties_agreement"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as invalid:
                self.back(world, incident, **values)
            assert invalid.value.reason == code
        with pytest.raises(Forbidden):
            self.back(world, incident, actor=world.actor("head"))
        person = world.members["person"]
        person.left_on = world.school.today() + timedelta(days=30)
        person.save(update_fields=["left_on"])
        with pytest.raises(Refused) as left:
            self.back(world, incident)
        assert left.value.reason == "duties_person_left"
        with pytest.raises(Refused) as drill:
            self.back(world, world.open(is_drill=True))
        assert drill.value.reason == "duties_in_drill"
        NeverContact.objects.create(person=person, member=world.members["second"])
        with pytest.raises(NotFound):
            self.back(world, incident, actor=world.actor("second"))
        assert not DutyChange.objects.exists()

    def test_thirteen_weeks_are_the_longest_and_a_renewed_step_keeps_its_share(
        self, world: World, incident: Incident
    ) -> None:
        *_others, last = self.back(world, incident, steps=[(6, 25), (7, 50)])
        renewed = renew_duties(
            actor=world.actor("centre"), change_id=last.pk, until=last.until + timedelta(days=7), agreed_how=YES
        )
        assert (renewed.share, renewed.follows_id, renewed.duties) == (50, last.pk, last.duties)

    def test_is_arranged_by_somebody_or_not_written(self, world: World, incident: Incident) -> None:
        for post in ("head", "moral"):
            NeverContact.objects.create(person=world.members["person"], member=world.members[post])
        with pytest.raises(Refused) as nobody:
            self.back(world, incident)
        assert nobody.value.reason == "duties_nobody_arranges"
        assert (
            not DutyChange.objects.exists() and not OutboxMessage.objects.filter(template="emergency_duties").exists()
        )

    def test_over_another_change_nothing_of_it_is_written(self, world: World, incident: Incident) -> None:
        self.back(world, incident, steps=[(1, 50)], starts_on=world.school.today() + timedelta(days=30))
        with pytest.raises(Conflict) as overlaps:
            self.back(world, incident)
        assert overlaps.value.reason == "duties_overlap"
        assert DutyChange.objects.count() == 1

    def test_on_its_page(self, world: World, incident: Incident) -> None:
        browser = client(world, "duty")
        here = f"{page_of(incident)}return/"
        said = {
            "starts_on": world.school.today().isoformat(), "agreed_how": YES, "weeks_1": "2", "share_1": "50", "weeks_2": "1",
            "share_2": "75", "share_3": "75", "share_4": "75",
        }  # fmt: skip
        assert browser.post(here, said | {"weeks_1": ""}).status_code == 422
        assert not DutyChange.objects.exists()
        assert browser.post(here, said).status_code == 302
        assert browser.post(here, said).status_code == 422
        assert [row.share for row in DutyChange.objects.order_by("starts_on")] == [50, 75]
        with pytest.raises(IntegrityError), transaction.atomic():
            DutyChange.objects.update(share=0)


class TestTelling:
    def test_on_paper_says_who_was_told_what_and_not_who_reported(self, world: World, incident: Incident) -> None:
        here = f"{page_of(incident)}told/"
        assert here in get(world, "centre", page_of(incident))
        text = get(world, "centre", here)
        assert "工会" in text and "<dt>上报的人" not in text
        assert f">{world.members['person'].name}<" not in text
        for post in ("person", "principal", "union", "head"):
            get(world, post, here, 404)
        goes_on = world.open(person_id=world.members["moral"].pk)
        assert client(world, "duty").get(f"{page_of(goes_on)}told/").status_code == 302

    def test_who_stayed_and_the_union_stand_there(self, world: World) -> None:
        incident = world.open()
        begins = chain_now() + timedelta(minutes=1)
        row = plan_companion(
            actor=world.actor("duty"), incident_id=incident.pk, companion_id=world.members["moral"].pk, starts_at=begins,
            ends_at=begins + timedelta(hours=2), place="家里", watch="陪着说话",
        )  # fmt: skip
        ask_grant(actor=world.actor("duty"), incident_id=incident.pk, agreed_how=YES)
        before = get(world, "duty", page_of(incident))
        accept_companion(actor=world.actor("moral"), shift_id=row.pk)
        after = get(world, "duty", page_of(incident))
        told = "姓名、地点、要留意什么；没有说原因"
        assert told not in before and told in after
        asked = after.partition("<dt>工会</dt>")[2].partition("</dd>")[0]
        assert "只知道有人申请帮助" in asked
