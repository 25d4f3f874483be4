"""The review of a case (chain §3; requirement 14.11): where was waited, what is changed, by whom, until when; the list without a name."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from accounts.actor import system_in
from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.follow_up_clocks import decide_follow_ups
from referrals.emergency.engine.rounds import schools_due
from referrals.emergency.models import CaseReview, FollowUp, Incident, NeverContact, ReviewChange, WatchTask
from referrals.emergency.rules.waits import Wait, waits
from referrals.emergency.workflow import ending, keeping, tasks
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.reviewing import Change, finish_change, may_review, waits_of, write_review
from tenancy.scope import use_tenant
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.test_board import client, get, page_of
from tests.emergency.test_follow_ups import closed
from tests.emergency.test_incident_tables import refused
from tests.emergency.test_keeping import ended
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db
WORDS = {"well": "第一位值班老师两分钟就接了", "waited": "校医线等了九分钟\n校医的电话静音"}
LIST = "/centre/emergency/reviews/"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    return closed(world)


def change(world: World, who: str = "principal", days: int = 7, what: str = "给校医配一部不静音的值班手机") -> Change:
    return Change(what, UUID(str(world.members[who].pk)), world.school.today() + timedelta(days=days))


def write(world: World, incident: Incident, by: str = "duty", after: int = 0, **said: Any) -> CaseReview:
    given = {"words": WORDS, "changes": [change(world)]} | said
    return write_review(actor=world.actor(by), incident_id=incident.pk, after=after, **given)


def test_where_was_waited_is_read_from_what_happened() -> None:
    at = now()
    told = [
        ("school", "leg.step_due", at), ("family", "leg.start", at + timedelta(minutes=1)),
        ("school", "leg.step_due", at + timedelta(minutes=2)), ("school", "leg.acknowledge", at + timedelta(minutes=3, seconds=59)),
        ("medical", "leg.acknowledge", at), ("school", "leg.step_due", at + timedelta(minutes=9)),
        ("school", "leg.acknowledge", at + timedelta(minutes=10)),
    ]  # fmt: skip
    assert waits(told) == [Wait("school", 3), Wait("family", None)]
    assert waits([]) == []


class TestWriting:
    def test_due_in_two_weeks_and_done_by_writing_it(self, world: World, incident: Incident) -> None:
        owed = WatchTask.objects.get(incident=incident, kind="review")
        assert abs(owed.due_at - chain_now() - timedelta(days=14)) < timedelta(minutes=1)
        with pytest.raises(Conflict) as missing:
            tasks.finish(actor=world.actor("duty"), task_id=owed.pk)
        assert missing.value.reason == "review_missing"
        with pytest.raises(Conflict) as waits_not:
            tasks.put_off(
                actor=world.actor("duty"), task_id=owed.pk, reason="大家都很累，想过一阵子再坐下来好好谈一谈这一次的事"
            )
        assert waits_not.value.reason == "task_not_put_off"
        review = write(world, incident)
        assert WatchTask.objects.get(pk=owed.pk).done_by_id == world.members["duty"].pk
        assert review.words(incident.key) == WORDS and "校医".encode() not in bytes(review.words_sealed)
        row = ReviewChange.objects.get()
        assert row.what(incident.key).startswith("给校医") and row.next_at is not None
        assert codes(incident).count("review.written") == 1
        assert review.words(None) == {"well": "", "waited": ""} and row.what(None) == ""

    def test_a_further_version_keeps_what_is_changed_already(self, world: World, incident: Incident) -> None:
        write(world, incident)
        with pytest.raises(Conflict) as moved:
            write(world, incident, by="centre")
        assert moved.value.reason == "review_moved_on"
        write(world, incident, by="centre", after=1, changes=[change(world, "duty")])
        assert (CaseReview.objects.count(), ReviewChange.objects.count()) == (2, 2)

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        for post in ("principal", "moral", "head", "person"):
            with pytest.raises(Forbidden):
                write(world, incident, by=post)
        for said, code in (
            ({"words": WORDS | {"well": " "}}, "words_missing"), ({"words": WORDS | {"waited": "长" * 1001}}, "words_too_long"),
            ({"changes": [change(world, "moral")]}, "change_who"), ({"changes": [change(world, days=-1)]}, "change_day"),
            ({"changes": [change(world, what=" ")]}, "words_missing"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as invalid:
                write(world, incident, **said)
            assert invalid.value.reason == code
        NeverContact.objects.create(person=world.members["person"], member=world.members["principal"])
        with pytest.raises(Invalid) as never:
            write(world, incident)
        assert never.value.reason == "change_who"
        goes_on = world.open(person_id=world.members["moral"].pk)
        with pytest.raises(Conflict) as early:
            write(world, goes_on, changes=[])
        assert early.value.reason == "no_review_now"
        assert not CaseReview.objects.exists() and not ReviewChange.objects.exists()

    def test_whoever_must_not_know_of_the_person_writes_none(self, world: World, incident: Incident) -> None:
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        with pytest.raises(NotFound):
            write(world, incident, by="second")
        assert not CaseReview.objects.exists()

    def test_what_has_no_words_any_more_has_no_review(self, world: World) -> None:
        gone = ended(world, ago=timedelta(days=4000))
        machine = system_in(world.school.pk)
        keeping.end_addresses(actor=machine, incident_id=gone.pk)
        assert keeping.erase(actor=machine, incident_id=gone.pk)
        with pytest.raises(NotFound):
            write(world, gone, changes=[])
        assert not CaseReview.objects.exists()

    def test_a_drill_and_a_joined_one_are_no_case(self, world: World) -> None:
        ended = {"closed_at": now(), "state": "closed"}
        assert may_review(Incident(**ended))
        for other in ({"is_drill": True}, {"state": "merged"}, {"closed_at": None}):
            assert not may_review(Incident(**(ended | other))), other

    @pytest.mark.parametrize(
        "place", [{"left_on": date(2020, 1, 1)}, {"active_from": date(2999, 1, 1)}, {"accepted_at": None, "user": None}]
    )
    def test_who_is_not_here_any_more_or_not_yet_changes_nothing(
        self, world: World, incident: Incident, place: dict[str, Any]
    ) -> None:
        Membership.objects.filter(pk=world.members["principal"].pk).update(**place)
        with pytest.raises(Invalid) as who:
            write(world, incident)
        assert who.value.reason == "change_who"
        assert not ReviewChange.objects.exists()

    def test_a_change_is_said_in_two_hundred_characters(self, world: World, incident: Incident) -> None:
        with pytest.raises(Invalid) as long:
            write(world, incident, changes=[change(world, what="改" * 201)])
        assert long.value.reason == "words_too_long"
        write(world, incident, changes=[change(world, what="改" * 200)])

    def test_its_days_are_the_schools(self, world: World, incident: Incident) -> None:
        """From four in the afternoon on by UTC the school has another day: yesterday there is past, today is not."""
        to_evening = (17 - chain_now().hour) % 24
        with chain_ahead(timedelta(hours=to_evening)):
            today = world.school.day_of(chain_now())
            assert today != chain_now().date()
            principal = UUID(str(world.members["principal"].pk))
            with pytest.raises(Invalid) as past:
                write(world, incident, changes=[Change("改排班", principal, today - timedelta(days=1))])
            assert past.value.reason == "change_day"
            write(world, incident, changes=[Change("改排班", principal, today)])

    def test_after_a_false_alarm_it_may_be_written_and_nobody_asks_for_it(self, world: World) -> None:
        false = world.open(person_id=world.members["moral"].pk)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=false.pk)
        assert not WatchTask.objects.filter(incident=false, kind="review").exists()
        write(world, false, changes=[])

    def test_no_version_is_ever_changed_and_an_open_change_has_a_clock(self, world: World, incident: Incident) -> None:
        write(world, incident)
        with pytest.raises(Exception, match="casereview"):
            CaseReview.objects.update(version=3)

    def test_the_database_keeps_the_clock_of_a_change(self, world: World, incident: Incident) -> None:
        write(world, incident)
        refused("review_change_open_has_a_clock", lambda: ReviewChange.objects.update(next_at=None))
        refused("review_change_open_has_a_clock", lambda: ReviewChange.objects.update(done_at=now()))


class TestChanges:
    def test_whoever_does_it_is_told_on_its_day_and_says_so(self, world: World, incident: Incident) -> None:
        write(world, incident)
        row = ReviewChange.objects.get()
        FollowUp.objects.update(next_at=now() + timedelta(days=99))
        ReviewChange.objects.update(next_at=chain_now() - timedelta(seconds=1))
        assert [one.tenant_id for one in schools_due() if one.words] == [world.school.pk]
        assert decide_follow_ups() == 1
        [word] = OutboxMessage.objects.filter(template="emergency_change_due")
        assert word.to_user_id == world.members["principal"].user_id and word.link == LIST
        for _twice in range(2):
            finish_change(actor=world.actor("principal"), change_id=row.pk)
        assert codes(incident).count("review.changed") == 1
        with use_tenant(world.school.pk):
            assert AuditEntry.objects.filter(action="incident.review_changed").count() == 1
        assert decide_follow_ups() == 0

    def test_overdue_the_head_is_told_and_who_cannot_any_more_is_not(self, world: World, incident: Incident) -> None:
        write(world, incident, changes=[change(world, "second")])
        FollowUp.objects.update(next_at=now() + timedelta(days=99))
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        ReviewChange.objects.update(next_at=chain_now() - timedelta(seconds=1))
        assert decide_follow_ups() == 1
        [word] = OutboxMessage.objects.filter(template="emergency_change_due")
        assert word.to_user_id == world.members["centre"].user_id

    def test_nobody_else_says_so(self, world: World, incident: Incident) -> None:
        write(world, incident, changes=[change(world, "duty")])
        row = ReviewChange.objects.get()
        with pytest.raises(Forbidden):
            finish_change(actor=world.actor("principal"), change_id=row.pk)
        with pytest.raises(Forbidden):
            finish_change(actor=world.actor("moral"), change_id=row.pk)
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        with pytest.raises(NotFound):
            finish_change(actor=world.actor("second"), change_id=row.pk)
        assert ReviewChange.objects.get().done_at is None


class TestThePages:
    def test_filled_in_from_the_legs_and_kept(self, world: World, incident: Incident) -> None:
        assert waits_of(incident) == [Wait("school", 0)]
        here = f"{page_of(incident)}review/"
        assert here in get(world, "centre", page_of(incident))
        browser = client(world, "centre")
        assert "一分钟内就有人接手" in browser.get(here).content.decode()
        day = (world.school.today() + timedelta(days=3)).isoformat()
        said = {**WORDS, "after": "0", "what_1": "配一部手机", "who_1": "", "until_1": day}
        assert browser.post(here, said).status_code == 422
        assert not CaseReview.objects.exists()
        said["who_1"] = str(world.members["principal"].pk)
        assert browser.post(here, said).status_code == 302
        assert browser.post(here, said).status_code == 422, "somebody has written another version"
        assert ReviewChange.objects.count() == 1

    def test_the_list_names_nobody(self, world: World, incident: Incident) -> None:
        write(world, incident)
        for post in ("principal", "centre", "duty"):
            text = get(world, post, LIST)
            assert "值班手机" in text and world.members["person"].name not in text and incident.number not in text
            assert "静音</" not in text and WORDS["well"] not in text
        for post in ("moral", "head", "person"):
            get(world, post, LIST, 404)
        get(world, "principal", f"{page_of(incident)}review/", 404)
        row = ReviewChange.objects.get()
        for _twice in range(2):
            assert client(world, "principal").post(f"{LIST}{row.pk}/done/").status_code == 302
        assert ReviewChange.objects.get().done_at is not None

    def test_whoever_must_not_know_finds_none(self, world: World, incident: Incident) -> None:
        write(world, incident, changes=[change(world, "duty")])
        NeverContact.objects.create(person=world.members["person"], member=world.members["principal"])
        assert "值班手机" not in get(world, "principal", LIST)
        assert "值班手机" in get(world, "centre", LIST)


def test_one_that_goes_on_has_no_review_page(world: World) -> None:
    goes_on = world.open()
    decide_school()
    assert client(world, "duty").get(f"{page_of(goes_on)}review/").status_code == 302
