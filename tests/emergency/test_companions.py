"""Who stays with a person in danger (chain §6, §10): asked, there, relieved; a gap calls who has the incident; what they read."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.emergency.after_refusals import AFTER_ROWS
from referrals.emergency.engine.companion_clocks import decide_companions
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.rounds import schools_due
from referrals.emergency.models import CompanionShift, Delivery, Incident, Leg, NeverContact, WatchTask
from referrals.emergency.rules.companions import (
    AGAIN,
    GRACE,
    LONGEST,
    MOVES,
    OPEN,
    CompanionEvent,
    CompanionState,
    holes,
    move,
    time_fault,
)
from referrals.emergency.workflow import answering, companions, ending
from referrals.emergency.workflow.contacts import barred_now
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.test_board import client, get, page_of
from tests.emergency.test_incident_tables import refused
from tests.emergency.world import World, codes

pytestmark = pytest.mark.django_db
WORDS = {"place": "3 号楼 502 室", "watch": "窗户关好，陪着说说话，不讲道理"}
START = datetime(2026, 12, 31, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=found.pk, kind="school", eta=15)
    answering.engage(actor=world.actor("duty"), incident_id=found.pk, kind="school")
    return found


def plan(
    world: World, incident: Incident, who: str = "moral", *, start: float = 0, hours: float = 6, **values: Any
) -> CompanionShift:
    begins = chain_now() + start * HOUR
    given: dict[str, Any] = {
        "actor": world.actor("duty"), "incident_id": incident.pk, "companion_id": world.members[who].pk,
        "starts_at": begins, "ends_at": begins + hours * HOUR, **WORDS,
    }  # fmt: skip
    return companions.plan_companion(**(given | values))


def state(row: CompanionShift) -> str:
    return CompanionShift.objects.get(pk=row.pk).state


def calls() -> int:
    return Delivery.objects.filter(text="emergency_ask_companion").count()


def out_of_hand(incident: Incident) -> None:
    """Nobody has the school's leg any more; it waits for whoever is called."""
    Leg.objects.filter(incident=incident, kind="school").update(
        state="paging", owner=None, taken_by=None, next_event="step_due", next_at=chain_now()
    )


def run_out(row: CompanionShift) -> None:
    CompanionShift.objects.filter(pk=row.pk).update(next_at=chain_now() - timedelta(seconds=1))


class TestTheRules:
    def test_every_pair_is_a_row_or_refused(self) -> None:
        for before in CompanionState:
            for event in CompanionEvent:
                if (before, event) in MOVES:
                    assert move(before, event) is MOVES[before, event]
                else:
                    with pytest.raises(IllegalMove):
                        move(before, event)
        assert {before for before, _event in MOVES} == OPEN

    def test_times(self) -> None:
        assert time_fault(START, START + LONGEST, START) == ""
        assert time_fault(START - GRACE, START, START) == ""
        assert time_fault(START - 2 * GRACE, START, START) == "companion_past"
        assert time_fault(START + timedelta(days=15), START + timedelta(days=15, hours=1), START) == "companion_far"
        assert time_fault(START, START, START) == time_fault(START, START + 13 * HOUR, START) == "companion_long"

    def test_a_hole_over_the_years_end_is_one(self) -> None:
        night = [(START, START + HOUR), (START + 4 * HOUR, START + 9 * HOUR)]
        assert holes(night, START, START + 8 * HOUR) == [(START + HOUR, START + 4 * HOUR)]
        assert holes([], START, START + HOUR) == [(START, START + HOUR)]
        assert holes([(START - HOUR, START + HOUR), (START + HOUR, START + 2 * HOUR)], START, START + 2 * HOUR) == []

    @given(st.lists(st.tuples(st.integers(-5, 20), st.integers(1, 9)), max_size=8))
    def test_holes_as_a_naive_look_at_each_hour_finds_them(self, drawn: list[tuple[int, int]]) -> None:
        shifts = [(START + begin * HOUR, START + (begin + long) * HOUR) for begin, long in drawn]
        found = holes(shifts, START, START + 12 * HOUR)
        for number in range(12):
            at = START + number * HOUR
            covered = any(begins <= at < ends for begins, ends in shifts)
            assert covered != any(hole.start <= at < hole.end for hole in found)


class TestPlanning:
    def test_asked_and_told_without_a_word_of_it(self, world: World, incident: Incident) -> None:
        row = plan(world, incident, start=2)
        assert (row.state, row.next_at, row.owner_id) == ("asked", row.starts_at + GRACE, world.members["duty"].pk)
        assert row.words(incident.key) == WORDS and b"502" not in bytes(row.words_sealed)
        assert row.words(None) == {"place": "", "watch": ""}
        [word] = OutboxMessage.objects.filter(template="emergency_companion")
        assert word.to_user_id == world.members["moral"].user_id and word.link == "/my/companion/"
        assert calls() == 0

    def test_refused_and_nothing_is_kept(self, world: World, incident: Incident) -> None:
        for post in ("moral", "principal", "head"):
            with pytest.raises(Forbidden):
                plan(world, incident, actor=world.actor(post))
        NeverContact.objects.create(person=world.members["person"], member=world.members["doctor"])
        for who in ("person", "doctor"):
            with pytest.raises(Invalid) as unknown:
                plan(world, incident, who)
            assert unknown.value.reason == "companion_unknown"
        for values, code in (
            ({"start": -1}, "companion_past"), ({"start": 400}, "companion_far"), ({"hours": 13}, "companion_long"),
            ({"place": " "}, "words_missing"), ({"watch": "长" * 301}, "words_too_long"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as invalid:
                plan(world, incident, **values)
            assert invalid.value.reason == code
        nobody, drill = world.open(person_id=None), world.open(is_drill=True, person_id=world.members["head"].pk)
        with pytest.raises(Conflict) as nameless:
            plan(world, nobody)
        assert nameless.value.reason == "person_unknown"
        with pytest.raises(Refused) as played:
            plan(world, drill)
        assert played.value.reason == "companion_in_drill"
        assert not CompanionShift.objects.exists()

    def test_one_at_a_time_and_in_one_place(self, world: World, incident: Incident) -> None:
        plan(world, incident, "moral", hours=6)
        with pytest.raises(Conflict) as both:
            plan(world, incident, "doctor", start=5)
        assert both.value.reason == "companion_overlaps"
        other = world.open(person_id=world.members["head"].pk)
        with pytest.raises(Conflict) as elsewhere:
            plan(world, other, "moral", start=5)
        assert elsewhere.value.reason == "companion_elsewhere"
        row = AFTER_ROWS["companion_elsewhere"]
        for language, word in (("en", "stay"), ("zh-hans", "陪")):
            with override(language):
                said = f"{row.title} {row.detail} {row.next_step}"
            assert said.isascii() == (language == "en"), "said in that language"
            assert word not in said, "that they are somebody's companion is not this reader's to know"
        plan(world, incident, "doctor", start=6.1)
        assert CompanionShift.objects.count() == 2

    def test_the_database_keeps_the_clock(self, world: World, incident: Incident) -> None:
        rows = CompanionShift.objects.filter(pk=plan(world, incident).pk)
        refused("companion_open_has_a_clock", lambda: rows.update(next_at=None))
        refused("companion_open_has_a_clock", lambda: rows.update(state="over", here_at=chain_now()))
        refused("companion_here_says_when", lambda: rows.update(state="here"))
        refused("companion_times", lambda: rows.update(ends_at=chain_now() - HOUR))


class TestTheCompanion:
    def test_comes_is_there_and_is_relieved_by_the_next(self, world: World, incident: Incident) -> None:
        first = plan(world, incident, "moral", hours=0.25)
        second = plan(world, incident, "doctor", start=0.3)
        for act in (companions.accept_companion, companions.report_companion):
            for _twice in range(2):
                act(actor=world.actor("moral"), shift_id=first.pk)
        here = CompanionShift.objects.get(pk=first.pk)
        assert (here.state, here.next_at) == ("here", first.ends_at + GRACE)
        companions.report_companion(actor=world.actor("doctor"), shift_id=second.pk)
        assert (state(first), state(second)) == ("over", "here")
        assert CompanionShift.objects.get(pk=first.pk).left_at is not None
        over = OutboxMessage.objects.filter(template="emergency_companion_over")
        assert [row.to_user_id for row in over] == [world.members["moral"].user_id]
        assert [code for code in codes(incident) if code.startswith("companion.")] == [
            "companion.planned", "companion.planned", "companion.accept", "companion.report", "companion.accept",
            "companion.relieved", "companion.report",
        ]  # fmt: skip
        assert calls() == 0

    def test_not_there_early(self, world: World, incident: Incident) -> None:
        row = plan(world, incident, start=2)
        with pytest.raises(Conflict) as early:
            companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
        assert early.value.reason == "companion_early"
        assert state(row) == "asked"

    def test_nobody_else_answers_for_them(self, world: World, incident: Incident) -> None:
        row = plan(world, incident)
        for post in ("duty", "doctor", "person", "centre"):
            for act in (
                companions.accept_companion, companions.decline_companion, companions.report_companion, companions.leave_companion,
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    act(actor=world.actor(post), shift_id=row.pk)
        assert state(row) == "asked"

    def test_a_no_is_told_and_called_when_it_is_soon(self, world: World, incident: Incident) -> None:
        later = plan(world, incident, "moral", start=5)
        for _twice in range(2):
            companions.decline_companion(actor=world.actor("moral"), shift_id=later.pk)
        assert calls() == 0
        [gap] = OutboxMessage.objects.filter(template="emergency_companion_gap")
        assert gap.to_user_id == world.members["duty"].user_id
        soon = plan(world, incident, "doctor", start=1)
        companions.decline_companion(actor=world.actor("doctor"), shift_id=soon.pk)
        assert calls() > 0
        with pytest.raises(IllegalMove):
            companions.report_companion(actor=world.actor("doctor"), shift_id=soon.pk)

    @pytest.mark.parametrize("how", ["left", "never"])
    def test_a_no_that_its_planner_cannot_hear_calls_whoever_has_it(
        self, world: World, incident: Incident, how: str
    ) -> None:
        later = plan(world, incident, "moral", start=5, actor=world.actor("second"))
        planner = world.members["second"]
        if how == "never":
            NeverContact.objects.create(person=world.members["person"], member=planner)
        else:
            planner.left_on = world.school.today() - timedelta(days=1)
            planner.save(update_fields=["left_on"])
        companions.decline_companion(actor=world.actor("moral"), shift_id=later.pk)
        assert not OutboxMessage.objects.filter(template="emergency_companion_gap").exists()
        assert calls() > 0

    def test_must_go_calls_at_once(self, world: World, incident: Incident) -> None:
        row = plan(world, incident)
        with pytest.raises(IllegalMove):
            companions.leave_companion(actor=world.actor("moral"), shift_id=row.pk)
        companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
        for _twice in range(2):
            companions.leave_companion(actor=world.actor("moral"), shift_id=row.pk)
        asked = set(Delivery.objects.filter(text="emergency_ask_companion").values_list("recipient__member", flat=True))
        assert world.members["duty"].pk in asked and world.members["moral"].pk not in asked
        assert codes(incident).count("companion.must_go") == 1

    def test_reads_when_then_whom_where_and_what_to_watch_for(self, world: World, incident: Incident) -> None:
        row = plan(world, incident)
        name = world.members["person"].name
        text = get(world, "moral", "/my/companion/")
        assert "502 室" not in text and f"<b>{name}</b>" not in text
        seen = AuditEntry.objects.filter(action="incident.read", object_id=str(incident.pk))
        assert not seen.exists(), "who was shown nothing has looked at nothing"
        assert "/my/companion/" in get(world, "moral", "/my/")
        browser = client(world, "moral")
        assert browser.post(f"/my/companion/{row.pk}/accept/").status_code == 302
        text = get(world, "moral", "/my/companion/")
        assert "502 室" in text and f"<b>{name}</b>" in text and "窗户关好" in text
        assert seen.exists()
        for hidden in ("两天没有来", incident.number, "extreme", world.members["duty"].name):
            assert hidden not in text
        for post in ("doctor", "person", "head"):
            assert "502 室" not in get(world, post, "/my/companion/")
        assert browser.post(f"/my/companion/{row.pk}/sleep/").status_code == 404
        assert client(world, "doctor").post(f"/my/companion/{row.pk}/here/").status_code == 404
        for act in ("here", "leave", "leave", "decline"):
            assert browser.post(f"/my/companion/{row.pk}/{act}/").status_code == 302
        assert state(row) == "over"
        assert "502 室" not in get(world, "moral", "/my/companion/")
        get(world, "moral", f"{page_of(incident)}companions/", 404)


class TestTheClock:
    def test_whoever_does_not_come_calls_again_and_again_and_coming_ends_it(
        self, world: World, incident: Incident
    ) -> None:
        row = plan(world, incident)
        assert decide_companions() == 0
        run_out(row)
        assert [one.tenant_id for one in schools_due() if one.incidents] == [world.school.pk]
        assert decide_companions() == 1
        first = calls()
        assert first > 0
        run_out(row)
        assert decide_companions() == 1
        assert calls() > first
        here = f"{page_of(incident)}companions/"
        assert "还没有到" not in get(world, "duty", here)
        CompanionShift.objects.filter(pk=row.pk).update(starts_at=chain_now() - 2 * GRACE)
        text = get(world, "duty", here)
        assert "还没有到" in text and "没有安排人" in text, "who has not come covers nothing"
        companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
        assert not Delivery.objects.filter(text="emergency_ask_companion", state="queued").exists()
        assert codes(incident).count("companion.absent") == 2

    def test_not_relieved(self, world: World, incident: Incident) -> None:
        row = plan(world, incident)
        companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
        run_out(row)
        assert decide_companions() == 1
        assert calls() > 0 and state(row) == "here"
        assert codes(incident)[-1] == "companion.not_relieved"


class TestItEnds:
    def test_with_the_incident(self, world: World, incident: Incident) -> None:
        there, later = plan(world, incident, "moral"), plan(world, incident, "doctor", start=7)
        companions.report_companion(actor=world.actor("moral"), shift_id=there.pk)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
        assert (state(there), state(later)) == ("over", "cancelled")
        over = OutboxMessage.objects.filter(template="emergency_companion_over")
        assert {row.to_user_id for row in over} == {world.members[post].user_id for post in ("moral", "doctor")}
        assert "502 室" not in get(world, "moral", "/my/companion/")
        with pytest.raises(Conflict) as ended:
            plan(world, incident)
        assert ended.value.reason == "incident_ended"

    def test_taken_out(self, world: World, incident: Incident) -> None:
        row = plan(world, incident)
        here = f"{page_of(incident)}companions/{row.pk}/cancel/"
        for post, status in (("moral", 404), ("principal", 404), ("centre", 302), ("centre", 302)):
            assert client(world, post).post(here).status_code == status
        assert state(row) == "cancelled"
        assert codes(incident).count("companion.cancel") == 1

    def test_whoever_may_no_longer_know_stays_no_more_and_somebody_is_called(
        self, world: World, incident: Incident
    ) -> None:
        row = plan(world, incident)
        companions.accept_companion(actor=world.actor("moral"), shift_id=row.pk)
        never = NeverContact.objects.create(person=world.members["person"], member=world.members["moral"])
        barred_now(never)
        assert state(row) == "cancelled"
        assert calls() > 0
        assert "502 室" not in get(world, "moral", "/my/companion/")
        assert "/my/companion/" not in get(world, "moral", "/my/")
        assert not OutboxMessage.objects.filter(template="emergency_companion_over").exists(), "or they would know"
        for act in (companions.accept_companion, companions.report_companion):
            with pytest.raises(NotFound):
                act(actor=world.actor("moral"), shift_id=row.pk)

    @pytest.mark.parametrize("is_owned", [True, False])
    def test_whoever_is_taken_out_leaves_a_look_that_is_asked_for(
        self, is_owned: bool, world: World, incident: Incident
    ) -> None:
        row = plan(world, incident)
        companions.report_companion(actor=world.actor("moral"), shift_id=row.pk)
        if not is_owned:
            out_of_hand(incident)
        barred_now(NeverContact.objects.create(person=world.members["person"], member=world.members["moral"]))
        look = WatchTask.objects.get(incident=incident, kind="watch")
        assert look.done_at is None and look.next_at is not None and look.next_at <= chain_now() + AGAIN
        assert look.by_id == world.members["duty"].pk
        assert codes(incident).count("task.watch") == 1

    def test_a_companion_of_another_day_leaves_no_look(self, world: World, incident: Incident) -> None:
        plan(world, incident, start=30)
        barred_now(NeverContact.objects.create(person=world.members["person"], member=world.members["moral"]))
        assert calls() > 0 and not WatchTask.objects.exists()


def test_its_page_says_every_hole(world: World, incident: Incident) -> None:
    here = f"{page_of(incident)}companions/"
    assert here in get(world, "duty", page_of(incident))
    browser = client(world, "duty")
    begins = (chain_now() + timedelta(minutes=2)).astimezone(ZoneInfo(world.school.time_zone))
    said = {
        "colleague": world.members["moral"].name, "department": "", "hours": "4", "where": WORDS["place"], "watch": WORDS["watch"],
        "starts_at": begins.strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    for missing in ("watch", "where"):
        assert browser.post(here, said | {missing: " "}).status_code == 422
    assert browser.post(here, said | {"colleague": "没有这个人"}).status_code == 422
    assert not CompanionShift.objects.exists()
    assert browser.post(here, said).status_code == 302
    assert browser.post(here, said).status_code == 422, "somebody is planned for this time already"
    row = CompanionShift.objects.get()
    assert row.ends_at - row.starts_at == 4 * HOUR and abs(row.starts_at - chain_now()) < timedelta(minutes=3)
    text = get(world, "centre", here)
    assert world.members["moral"].name in text and "没有安排人" in text, "the rest of the day"
    assert "502 室" not in text
