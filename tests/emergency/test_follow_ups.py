"""Weekly talks after an incident (chain §3, §10): who keeps them, when each is due, when they end, what the person reads."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from audit.models import AuditEntry
from kernel.clock import months_after, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.follow_up_clocks import decide_follow_ups
from referrals.emergency.engine.rounds import schools_due
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import FollowUp, FollowUpTalk, Leg, NeverContact, Seat, WatchTask
from referrals.emergency.rules.follow_ups import Went, ends_by, morning_of, next_due, soonest_end
from referrals.emergency.workflow import answering, ending, following_up
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.follow_up_steps import REASON, closed, make_due, of, talk, told
from tests.emergency.test_board import get, page_of
from tests.emergency.test_incident_tables import refused
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db
ZONE = "Asia/Shanghai"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


class TestTheRule:
    def test_a_week_later_in_the_morning_over_the_end_of_the_year_too(self) -> None:
        at = next_due(date(2026, 12, 28), ZONE)
        assert at == datetime(2027, 1, 4, 9, tzinfo=ZoneInfo(ZONE))
        assert morning_of(date(2027, 1, 1), ZONE).utcoffset() == timedelta(hours=8)

    def test_recovered_ends_it_from_a_month_on(self) -> None:
        began = date(2026, 1, 31)
        assert soonest_end(began) == date(2026, 2, 28)
        assert not ends_by(Went.RECOVERED, date(2026, 2, 27), began)
        assert ends_by(Went.RECOVERED, date(2026, 2, 28), began)
        for went in set(Went) - {Went.RECOVERED}:
            assert not ends_by(went, date(2027, 1, 1), began)


class TestItBegins:
    @pytest.mark.parametrize("outcome", ["safe_with_family", "admitted", "in_treatment", "supported"])
    def test_with_the_end_and_belongs_to_who_had_the_persons_school(self, world: World, outcome: str) -> None:
        row = of(closed(world, outcome))
        today = world.school.day_of(chain_now())
        assert (row.mode, row.owner_id, row.began_on) == ("talk", world.members["duty"].pk, today)
        assert row.until == months_after(today, 3)
        assert row.due_at == row.next_at == next_due(today, ZONE)

    def test_the_school_says_how_many_months(self, world: World) -> None:
        world.school.rules = {"follow_up_months": 1}
        world.school.save()
        row = of(closed(world))
        assert row.until == months_after(row.began_on, 1)

    def test_a_no_to_help_keeps_a_watch(self, world: World) -> None:
        incident = closed(world, "refused_watch")
        assert of(incident).mode == "watch"
        text = get(world, "centre", f"{page_of(incident)}follow-up/")
        assert "没有人会打电话" in text
        card = get(world, "centre", f"{page_of(incident)}ask-card/")
        assert "12356" in card and world.members["person"].name not in card

    def test_whoever_may_not_keep_it_does_not(self, world: World) -> None:
        """The doctor is no psychologist: then whoever closed it keeps the talks."""
        incident = world.open(grade="general")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        Leg.objects.filter(incident=incident, kind="school").update(owner=world.members["doctor"])
        Leg.objects.filter(incident=incident).exclude(kind="school").update(
            state="not_required", next_event="", next_at=None
        )
        ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="supported")
        assert of(incident).owner_id == world.members["centre"].pk

    def test_not_after_a_death_nor_a_false_alarm_nor_without_a_person(self, world: World) -> None:
        for incident in (closed(world, "died"), closed(world, post="moral")):
            pass
        false = world.open(person_id=world.members["doctor"].pk)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=false.pk)
        assert [row.incident_id for row in FollowUp.objects.all()] == [incident.pk]

    def test_a_death_ends_those_of_every_incident_and_asks_for_the_colleagues(self, world: World) -> None:
        first = closed(world)
        last = closed(world, "died")
        row = of(first)
        assert (row.ended_why, row.next_at) == ("died", None)
        assert WatchTask.objects.filter(incident=last, kind="colleagues", done_at=None).exists()
        assert not FollowUp.objects.filter(ended_at=None).exists()

    def test_a_person_is_not_rung_twice_a_week(self, world: World) -> None:
        first, second = closed(world), closed(world)
        assert of(first).ended_why == "newer" and of(second).ended_at is None

    def test_reopened_it_ends_and_begins_anew(self, world: World) -> None:
        incident = closed(world)
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
        assert of(incident).ended_why == "reopened"
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="refused_watch")
        assert FollowUp.objects.get(incident=incident, ended_at=None).mode == "watch"


class TestTalks:
    def test_each_is_kept_sealed_and_the_next_is_a_week_on(self, world: World) -> None:
        incident = closed(world)
        row = talk(world, of(incident), words="睡得好些了，想回去上课")
        assert row.due_at == row.next_at == next_due(world.school.day_of(chain_now()), ZONE)
        kept = FollowUpTalk.objects.get()
        assert (kept.number, kept.went, kept.by_id) == (1, "better", world.members["duty"].pk)
        assert kept.words(incident.key) == "睡得好些了，想回去上课" and kept.words(None) == ""
        assert "睡得".encode() not in bytes(kept.words_sealed)
        assert AuditEntry.objects.filter(action="incident.follow_up").count() == 1

    def test_a_second_press_keeps_none(self, world: World) -> None:
        row = of(closed(world))
        talk(world, row)
        with pytest.raises(Conflict) as moved:
            following_up.record_talk(actor=world.actor("centre"), follow_up_id=row.pk, seen=0, went="worse")
        assert moved.value.reason == "follow_up_moved_on"
        assert FollowUpTalk.objects.count() == 1 and FollowUp.objects.get(pk=row.pk).talks == 1

    def test_recovered_ends_them_after_a_month_and_not_before(self, world: World) -> None:
        row = of(closed(world))
        assert talk(world, row, "recovered").ended_at is None
        FollowUp.objects.filter(pk=row.pk).update(began_on=months_after(row.began_on, -1))
        ended = talk(world, row, "recovered")
        assert (ended.ended_why, ended.next_at, ended.talks) == ("recovered", None, 2)
        with pytest.raises(Conflict) as over:
            talk(world, row)
        assert over.value.reason == "follow_up_over"
        assert FollowUpTalk.objects.count() == 2

    def test_past_its_planned_end_it_goes_on_until_somebody_says_recovered(self, world: World) -> None:
        row = of(closed(world))
        FollowUp.objects.filter(pk=row.pk).update(
            began_on=months_after(row.began_on, -4), until=months_after(row.began_on, -1)
        )
        assert talk(world, row, "same").ended_at is None

    def test_wanting_no_talk_is_respected_and_the_watch_kept(self, world: World) -> None:
        row = talk(world, of(closed(world)), "refused")
        assert row.mode == "watch" and row.ended_at is None and row.next_at is not None

    def test_refused_and_nothing_is_kept(self, world: World) -> None:
        row = of(closed(world))
        for post in ("moral", "principal", "head", "person"):
            with pytest.raises(Forbidden):
                talk(world, row, by=post)
        for said, code in (({"went": "fine"}, "not_in_list"), ({"words": "长" * 601}, "words_too_long")):
            with pytest.raises(Invalid) as invalid:
                talk(world, row, **said)
            assert invalid.value.reason == code
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        with pytest.raises(NotFound):
            talk(world, row, by="second")
        assert not FollowUpTalk.objects.exists() and FollowUp.objects.get(pk=row.pk).talks == 0

    def test_longer_by_one_tap_and_two_taps_are_one(self, world: World) -> None:
        row = of(closed(world))
        longer = following_up.extend(actor=world.actor("duty"), follow_up_id=row.pk, seen=row.until)
        assert longer.until == months_after(row.until, 1)
        with pytest.raises(Conflict) as moved:
            following_up.extend(actor=world.actor("centre"), follow_up_id=row.pk, seen=row.until)
        assert moved.value.reason == "follow_up_moved_on"
        assert FollowUp.objects.get(pk=row.pk).until == longer.until

    def test_somebody_else_takes_them(self, world: World) -> None:
        row = of(closed(world))
        for _again in range(2):
            following_up.take(actor=world.actor("second"), follow_up_id=row.pk)
        assert FollowUp.objects.get(pk=row.pk).owner_id == world.members["second"].pk
        assert codes(row.incident).count("follow_up.taken") == 1


class TestWhoLeftOrDied:
    def leave(self, world: World) -> None:
        person = world.members["person"]
        person.left_on = world.school.today() - timedelta(days=1)
        person.save(update_fields=["left_on"])

    def test_who_left_is_asked_first(self, world: World) -> None:
        row = of(closed(world))
        with pytest.raises(Conflict) as here:
            following_up.go_on(actor=world.actor("duty"), follow_up_id=row.pk)
        assert here.value.reason == "follow_up_person_here"
        with pytest.raises(Conflict):
            following_up.stop(actor=world.actor("duty"), follow_up_id=row.pk, why="left", reason=REASON)
        self.leave(world)
        with pytest.raises(Refused) as left:
            talk(world, row)
        assert left.value.reason == "follow_up_person_left"
        assert not FollowUpTalk.objects.exists()
        for _again in range(2):
            following_up.go_on(actor=world.actor("duty"), follow_up_id=row.pk)
        assert talk(world, row).talks == 1
        assert codes(row.incident).count("follow_up.goes_on") == 1

    def test_or_it_ends_with_a_word(self, world: World) -> None:
        row = of(closed(world))
        self.leave(world)
        with pytest.raises(Invalid):
            following_up.stop(actor=world.actor("duty"), follow_up_id=row.pk, why="left", reason="走了")
        with pytest.raises(Invalid):
            following_up.stop(actor=world.actor("duty"), follow_up_id=row.pk, why="recovered", reason=REASON)
        assert FollowUp.objects.get(pk=row.pk).ended_at is None
        assert (
            following_up.stop(actor=world.actor("duty"), follow_up_id=row.pk, why="left", reason=REASON).ended_why
            == "left"
        )
        text = get(world, "centre", page_of(row.incident))
        assert REASON in text

    def test_who_has_died_meanwhile(self, world: World) -> None:
        row = of(closed(world))
        following_up.stop(
            actor=world.actor("duty"),
            follow_up_id=row.pk,
            why="died",
            reason="家属今天上午来电，人昨晚在医院走了，请安排同事",
        )
        assert WatchTask.objects.get(kind="colleagues").incident_id == row.incident_id
        assert decide_follow_ups() == 0


class TestTheClock:
    def test_whoever_keeps_it_is_told_once_however_late(self, world: World) -> None:
        """Seven weeks nobody looked: one talk is due, not seven."""
        row = of(closed(world))
        make_due(row, days=1)
        assert [one.tenant_id for one in schools_due() if one.words] == [world.school.pk]
        assert decide_follow_ups() == 1
        assert told("emergency_follow_up_due") == [world.members["duty"].user_id]
        assert decide_follow_ups() == 0, "asked again tomorrow morning"
        again = FollowUp.objects.get(pk=row.pk)
        tomorrow = world.school.day_of(chain_now()) + timedelta(days=1)
        assert again.next_at == morning_of(tomorrow, ZONE) and again.due_at is not None

    def test_seven_weeks_late_over_the_years_end(self, world: World) -> None:
        row = of(closed(world))
        with chain_ahead(timedelta(days=49)):
            assert decide_follow_ups() == 1
            assert len(told("emergency_follow_up_due")) == 2, "who keeps it, and the head of the centre"
            assert decide_follow_ups() == 0
            after = talk(world, row)
            assert after.due_at == next_due(world.school.day_of(chain_now()), ZONE)

    def test_overdue_two_days_the_head_is_told_too(self, world: World) -> None:
        row = of(closed(world))
        make_due(row, days=2)
        assert decide_follow_ups() == 1
        assert set(told("emergency_follow_up_due")) == {world.members["duty"].user_id, world.members["centre"].user_id}

    @pytest.mark.parametrize("how", ["left", "never", "role"])
    def test_who_cannot_keep_it_is_not_told_and_the_head_is(self, world: World, how: str) -> None:
        row = of(closed(world))
        keeper = world.members["duty"]
        if how == "never":
            NeverContact.objects.create(person=world.members["person"], member=keeper)
        elif how == "left":
            keeper.left_on = world.school.today() - timedelta(days=1)
            keeper.save(update_fields=["left_on"])
        else:
            keeper.roles = ["staff"]
            keeper.save(update_fields=["roles"])
        make_due(row)
        assert decide_follow_ups() == 1
        assert told("emergency_follow_up_due") == [world.members["centre"].user_id]

    def test_where_there_is_no_head_every_psychologist_who_may_know_is_told(self, world: World) -> None:
        row = of(closed(world))
        Seat.objects.filter(kind="centre_head").delete()
        NeverContact.objects.create(person=world.members["person"], member=world.members["duty"])
        NeverContact.objects.create(person=world.members["person"], member=world.members["deputy"])
        make_due(row)
        assert decide_follow_ups() == 1
        assert set(told("emergency_follow_up_due")) == {world.members[post].user_id for post in ("second", "centre")}

    def test_a_task_that_is_overdue_is_heard_where_there_is_no_head(self, world: World) -> None:
        closed(world)
        Seat.objects.filter(kind="centre_head").delete()
        ago = chain_now() - timedelta(seconds=1)
        WatchTask.objects.filter(kind="tell", done_at=None).update(next_at=ago)
        assert decide_tasks() == 1
        psychologists = ("duty", "second", "centre", "deputy")
        assert set(told("emergency_task_overdue")) == {world.members[post].user_id for post in psychologists}

    def test_an_open_one_has_a_clock_an_ended_one_none(self, world: World) -> None:
        row = FollowUp.objects.filter(pk=of(closed(world)).pk)
        refused("follow_up_open_has_a_clock", lambda: row.update(next_at=None))
        refused("follow_up_open_has_a_clock", lambda: row.update(due_at=None))
        refused("follow_up_open_has_a_clock", lambda: row.update(ended_at=now(), ended_why="left"))
        refused("follow_up_open_has_a_clock", lambda: row.update(ended_at=now(), next_at=None, due_at=None))
        refused("follow_up_days", lambda: row.update(until=date(2020, 1, 1)))

    def test_one_open_of_an_incident_and_no_talk_is_changed(self, world: World) -> None:
        row = of(closed(world))
        talk(world, row)
        twin = FollowUp(
            incident=row.incident,
            mode="talk",
            owner=row.owner,
            began_on=row.began_on,
            until=row.until,
            due_at=now(),
            next_at=now(),
        )
        refused("follow_up_once_open", lambda: twin.save(force_insert=True))
        with pytest.raises(Exception, match="append-only|emergency_followuptalk"):
            FollowUpTalk.objects.update(went="recovered")
