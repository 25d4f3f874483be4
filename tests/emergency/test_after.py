"""After an incident (chain §3, §6): the agreed plan, who has looked, what the person is told and when they may read it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.html import strip_tags

from audit import record_read
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import AgreedPlan, Delivery, Incident, Leg, NeverContact, WatchTask
from referrals.emergency.workflow import agreeing, answering, ending, tasks
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.incident_rows import task_row
from tests.emergency.test_board import client, get, page_of
from tests.emergency.world import World, codes
from ui.templatetags.ui import school_day

pytestmark = pytest.mark.django_db
WORDS = {
    "signs": "连着两晚睡不着",
    "person": "先给弟弟打电话，再打十二三五六",
    "family": "弟弟当晚过来住",
    "centre": "每周三下午见一面",
}
LATER = "本人正在住院，主管医生说这一周先不要和他谈这件事"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open(grade="general")
    decide_school()
    return found


def close(world: World, incident: Incident, outcome: str = "supported") -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    Leg.objects.filter(incident=incident).exclude(kind="school").update(
        state="not_required", next_event="", next_at=None
    )
    assert ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome=outcome)


def write(world: World, incident: Incident, by: str = "duty", after: int = 0, **said: Any) -> AgreedPlan:
    given = {"agreed_on": world.school.today(), "words": WORDS} | said
    return agreeing.write_plan(actor=world.actor(by), incident_id=incident.pk, after=after, **given)


def task(kind: str) -> WatchTask:
    return WatchTask.objects.get(kind=kind)


class TestThePlan:
    def test_versions_are_kept_and_sealed_by_the_incidents_key(self, world: World, incident: Incident) -> None:
        first = write(world, incident)
        second = write(
            world, incident, after=1, words=WORDS | {"family": "妈妈住过来", "person": "先深呼吸\n再打给弟弟"}
        )
        assert agreeing.words_of(incident, second)["person"] == "先深呼吸\n再打给弟弟", "line by line"
        assert (first.version, second.version) == (1, 2)
        newest = agreeing.newest(incident)
        assert newest is not None and agreeing.words_of(incident, newest)["family"] == "妈妈住过来"
        assert agreeing.words_of(incident, first)["family"] == "弟弟当晚过来住"
        assert agreeing.words_of(incident, first)["person"] == WORDS["person"], (
            "it lies on a table: its signs as written"
        )
        for plan in AgreedPlan.objects.all():
            assert "弟弟".encode() not in bytes(plan.words_sealed)
            with pytest.raises(json.JSONDecodeError):
                json.loads(bytes(plan.words_sealed).decode("latin-1"))
        Incident.objects.filter(pk=incident.pk).update(own_key=None)
        gone = Incident.objects.get(pk=incident.pk)
        assert set(agreeing.words_of(gone, second).values()) == {""}
        assert codes(incident).count("plan.agreed") == 2
        assert AuditEntry.objects.filter(action="incident.plan").count() == 2

    def test_no_version_is_ever_changed(self, world: World, incident: Incident) -> None:
        plan = write(world, incident)
        for sql in ("UPDATE emergency_agreedplan SET version = 7", "DELETE FROM emergency_agreedplan"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"{sql} WHERE id = %s", [plan.pk])
        assert AgreedPlan.objects.get().version == 1

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        for post in ("moral", "principal", "head"):
            with pytest.raises(Forbidden):
                write(world, incident, by=post)
        with pytest.raises((NotFound, Forbidden)):
            write(world, incident, by="person")
        today = world.school.today()
        for said, code in (
            ({"words": WORDS | {"centre": " "}}, "words_missing"),
            ({"words": WORDS | {"signs": "长" * 601}}, "words_too_long"),
            ({"agreed_on": today + timedelta(days=1)}, "plan_day"),
            ({"agreed_on": today - timedelta(days=3)}, "plan_day"),
        ):
            with pytest.raises(Invalid) as invalid:
                write(world, incident, **said)
            assert invalid.value.reason == code
        nobody = world.open(person_id=None)
        with pytest.raises(Conflict) as unknown:
            write(world, nobody)
        assert unknown.value.reason == "person_unknown"
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
        with pytest.raises(Conflict) as ended:
            write(world, incident)
        assert ended.value.reason == "no_plan_now"
        assert not AgreedPlan.objects.exists()

    def test_who_has_not_seen_the_newest_version_writes_none(self, world: World, incident: Incident) -> None:
        write(world, incident)
        with pytest.raises(Conflict) as moved:
            write(world, incident, by="centre")
        assert moved.value.reason == "plan_moved_on"
        assert AgreedPlan.objects.count() == 1

    def test_excluded_colleagues_find_none(self, world: World, incident: Incident) -> None:
        write(world, incident)
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        for tail in ("agreed/", "agreed/write/", "looks/"):
            get(world, "second", f"{page_of(incident)}{tail}", 404)
        with pytest.raises(NotFound):
            write(world, incident, by="second", after=1)

    def test_closing_without_one_asks_for_it_and_writing_it_is_doing_it(self, world: World, incident: Incident) -> None:
        close(world, incident)
        owed = task("plan")
        assert owed.done_at is None
        with pytest.raises(Conflict) as missing:
            tasks.finish(actor=world.actor("duty"), task_id=owed.pk)
        assert missing.value.reason == "plan_missing"
        assert f"{page_of(incident)}agreed/write/" in get(world, "centre", page_of(incident))
        write(world, incident)
        assert task("plan").done_by_id == world.members["duty"].pk

    def test_closing_with_one_asks_for_none_and_a_death_only_for_those_who_are_left(
        self, world: World, incident: Incident
    ) -> None:
        write(world, incident)
        close(world, incident)
        assert not WatchTask.objects.filter(kind="plan").exists()
        other = world.open(grade="general", person_id=world.members["moral"].pk)
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=other.pk, outcome="died")
        assert {row.kind for row in WatchTask.objects.filter(incident=other)} == {"review", "colleagues"}

    def test_on_its_pages_to_read_to_print_and_to_change(self, world: World, incident: Incident) -> None:
        browser = client(world, "duty")
        here = f"{page_of(incident)}agreed/"
        assert browser.get(here).headers["Location"] == f"{here}write/"
        said = {"agreed_on": world.school.today().isoformat(), "after": "0", **WORDS}
        assert browser.post(f"{here}write/", said | {"family": ""}).status_code == 422
        assert browser.post(f"{here}write/", said).headers["Location"] == here
        stale = browser.post(f"{here}write/", said)
        assert stale.status_code == 422 and "另一版" in stale.content.decode()
        text = get(world, "centre", here)
        assert "弟弟当晚过来住" in text and world.members["person"].name not in text
        assert AuditEntry.objects.filter(action="incident.plan_read").count() == 1
        assert "弟弟当晚过来住" in get(world, "duty", f"{here}write/")
        for post in ("principal", "moral", "person", "head"):
            get(world, post, here, 404)


class TestWhoLooked:
    def test_each_look_is_one_row_and_the_centre_reads_who_and_when(self, world: World, incident: Incident) -> None:
        for post in ("duty", "duty", "second"):
            get(world, post, page_of(incident))
        text = get(world, "centre", f"{page_of(incident)}looks/")
        assert text.count(f"<b>{world.members['duty'].name}</b>") == 2
        assert text.count(f"<b>{world.members['second'].name}</b>") == 1
        for post in ("duty", "principal", "moral", "person"):
            get(world, post, f"{page_of(incident)}looks/", 404)
        assert f"{page_of(incident)}looks/" in get(world, "centre", page_of(incident))
        assert f"{page_of(incident)}looks/" not in get(world, "duty", page_of(incident))


class TestThePersonIsTold:
    def test_within_three_days_of_the_end_and_reads_it_afterwards(self, world: World, incident: Incident) -> None:
        get(world, "duty", page_of(incident))
        write(world, incident)
        get(world, "person", "/my/incidents/", 404)
        close(world, incident)
        owed = task("tell")
        assert abs(owed.due_at - chain_now() - timedelta(hours=72)) < timedelta(seconds=5)
        get(world, "person", "/my/incidents/", 404)
        assert not OutboxMessage.objects.filter(template="emergency_told").exists()
        tasks.finish(actor=world.actor("centre"), task_id=owed.pk)
        told = OutboxMessage.objects.filter(template="emergency_told")
        assert {row.to_user_id for row in told} == {world.members["person"].user_id}
        text = get(world, "person", "/my/incidents/")
        assert "弟弟当晚过来住" in text, "their own plan"
        assert "上报的人" not in text, "who reported it appears in no list"
        assert "两天没有来" not in text, "what was noticed, and by whom, is told and not shown"
        for member in world.members.values():
            if member.pk != world.members["person"].pk:
                assert f">{member.name}<" not in text and f"{member.name} ·" not in text
        for post in ("duty", "moral", "centre"):
            get(world, post, "/my/incidents/", 404)

    def test_looks_stand_by_office_and_day_with_how_many(self, world: World, incident: Incident) -> None:
        """However many there were: three of one office on one day are one line, and none is left out."""
        for post in ("duty", "second", "duty"):
            get(world, post, page_of(incident))
        for _ in range(60):
            record_read(actor=world.actor("centre"), action="incident.read", obj=incident)
        close(world, incident)
        tasks.finish(actor=world.actor("centre"), task_id=task("tell").pk)
        with as_of(now() + timedelta(days=1)):
            record_read(actor=world.actor("duty"), action="incident.read", obj=incident)
        text = get(world, "person", "/my/incidents/")
        part = strip_tags(text.rpartition("谁看过<")[2].partition("</article>")[0])
        found = re.findall(r"(\d+) 次", part)
        looks = AuditEntry.objects.filter(action="incident.read", object_id=str(incident.pk))
        assert sum(map(int, found)) == looks.count() > 60
        assert sorted(found, key=int)[:2] == ["1", "3"] and len(found) == 3
        days = [school_day(now() + timedelta(days=1)), school_day(now())]
        assert part.index(days[0]) < part.index(days[1])

    def test_reopened_it_is_hidden_again_until_it_was_told_anew(self, world: World, incident: Incident) -> None:
        close(world, incident)
        tasks.finish(actor=world.actor("centre"), task_id=task("tell").pk)
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
        get(world, "person", "/my/incidents/", 404)
        decide_school()
        close(world, incident)
        get(world, "person", "/my/incidents/", 404)
        tasks.finish(actor=world.actor("centre"), task_id=WatchTask.objects.get(kind="tell", done_at=None).pk)
        get(world, "person", "/my/incidents/")

    def test_put_off_by_two_it_stays_unseen_and_overdue_the_head_is_told(
        self, world: World, incident: Incident
    ) -> None:
        close(world, incident)
        owed = task("tell")
        assert not tasks.put_off(actor=world.actor("duty"), task_id=owed.pk, reason=LATER)
        assert tasks.put_off(actor=world.actor("centre"), task_id=owed.pk, reason=LATER)
        assert task("tell").due_at == owed.due_at + timedelta(hours=72)
        get(world, "person", "/my/incidents/", 404)
        ago = chain_now() - timedelta(minutes=1)
        WatchTask.objects.filter(kind="tell").update(due_at=ago, next_at=ago)
        assert decide_tasks() == 1
        assert OutboxMessage.objects.filter(template="emergency_task_overdue").exists()

    def test_after_the_end_an_overdue_look_pages_nobody_and_the_head_is_told(
        self, world: World, incident: Incident
    ) -> None:
        ago = chain_now() - timedelta(minutes=1)
        look = task_row(incident, world.members["duty"], due_at=ago, next_at=ago)
        close(world, incident)
        paged = Delivery.objects.count()
        assert decide_tasks() == 1
        assert Delivery.objects.count() == paged
        [word] = OutboxMessage.objects.filter(template="emergency_task_overdue")
        assert word.to_user_id == world.members["centre"].user_id
        WatchTask.objects.filter(pk=look.pk).update(next_at=ago)
        NeverContact.objects.create(person=world.members["person"], member=world.members["centre"])
        assert decide_tasks() == 1
        told = OutboxMessage.objects.filter(template="emergency_task_overdue").exclude(pk=word.pk)
        assert [row.to_user_id for row in told] == [world.members["deputy"].user_id], (
            "who stands in, not who must not know"
        )

    def test_of_a_false_alarm_the_person_is_told_too_and_of_a_drill_nobody(self, world: World) -> None:
        false = world.open()
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=false.pk)
        assert [row.kind for row in WatchTask.objects.filter(incident=false)] == ["tell"]
        drill = world.open(is_drill=True)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=drill.pk)
        assert not WatchTask.objects.filter(incident=drill).exists()
