"""What becomes of a report of anybody: who is called, what is joined, what waits, and what calls by itself (chain §1)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import system_in
from audit.models import AuditEntry
from kernel.errors import Invalid, Refused, TooMany
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.models import Chain, Delivery, Incident, LeftOut, Leg, Recipient, Report, ReportLetter
from referrals.emergency.receipts import DIGITS, in_parts, new_receipt, receipt_hash, receipt_in
from referrals.emergency.rules.reporting import MOST_QUEUED, MOST_WORDS
from referrals.emergency.workflow import ending, keeping
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import NEW_REPORT, Told, send_report, told_in, write_letter
from tests.emergency.report_steps import SEEN, calls, earlier, end, send, solved, take, unread_since_long
from tests.emergency.test_left_out import called
from tests.emergency.world import World, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


# what is opened and who is called


def test_the_first_opens_an_incident_without_person_and_calls_the_school_at_once(world: World) -> None:
    report = send()
    incident = report.incident
    assert (incident.person_id, incident.reported_by_id, incident.state) == (None, None, "reported")
    assert (incident.suggested, report.opened, incident.read_words("signs")) == ("major", True, "")
    decide_school()
    assert paged(incident) == ["on_duty:1"] and world.members["duty"].pk in called(incident)
    assert {kind: legs_of(incident)[kind].state for kind in ("family", "medical", "community")} == dict.fromkeys(
        ("family", "medical", "community"), "not_required"
    )
    assert told_in(report) == SEEN


def test_danger_now_calls_the_team_as_well(world: World) -> None:
    incident = send(danger=True).incident
    assert (incident.suggested, incident.danger_now, incident.next_event) == ("extreme", True, "suggestion_due")
    decide_school()
    assert legs_of(incident)["team"].state == "paging"
    assert world.members["principal"].pk in called(incident)


def test_while_nobody_has_it_others_join_and_nobody_is_called_anew(world: World) -> None:
    first = send()
    decide_school()
    pages = Delivery.objects.count()
    others = [send(Told(words=f"第 {n} 份")) for n in range(5)]
    assert {row.incident_id for row in others} == {first.incident_id} and not any(row.opened for row in others)
    assert Delivery.objects.count() == pages
    decide_school()
    assert Delivery.objects.count() == pages


def test_one_that_says_danger_now_makes_it_as_grave_and_calls_the_team(world: World) -> None:
    first = send()
    decide_school()
    second = send(danger=True)
    assert second.incident_id == first.incident_id
    incident = Incident.objects.get(pk=first.incident_id)
    assert (incident.suggested, incident.danger_now) == ("extreme", True)
    assert legs_of(incident)["team"].state == "paging" and legs_of(incident)["school"].grade == "extreme"


def test_it_joins_one_without_person_that_a_head_has_reported(world: World) -> None:
    theirs = world.open(by="head", person_id=None, grade="major")
    assert send().incident_id == theirs.pk
    with_person = world.open(by="duty")
    end(world, theirs)
    assert send().incident_id not in (theirs.pk, with_person.pk)


@pytest.mark.parametrize("state", ["off", "rehearsal"])
def test_a_chain_that_is_not_live_takes_none(state: str, world: World) -> None:
    Chain.objects.update(state=state)
    with pytest.raises(Refused, match="chain_off"):
        send(danger=True)
    assert not Report.objects.exists() and not Incident.objects.exists()


# after somebody has it


def test_afterwards_each_is_told_to_its_owner_by_one_call_a_minute(world: World) -> None:
    incident = send(danger=True).incident
    decide_school()
    take(world, incident)
    for _ in range(4):
        assert send(danger=True).incident_id == incident.pk
    school = legs_of(incident)["school"]
    told = Recipient.objects.filter(leg=school, deliveries__text=NEW_REPORT).values_list("member_id", flat=True)
    assert set(told) == {world.members["duty"].pk, world.members["centre"].pk}
    before = calls(incident, in_house=False)
    assert before and calls(incident, in_house=True)
    Delivery.objects.filter(text=NEW_REPORT).update(due_at=chain_now() - timedelta(seconds=61))
    send(danger=True)
    assert calls(incident, in_house=False) > before


def test_within_the_minute_it_is_told_in_the_house_without_a_call(world: World) -> None:
    incident = send(danger=True).incident
    decide_school()
    take(world, incident)
    send(danger=True)
    Delivery.objects.filter(text=NEW_REPORT).update(due_at=chain_now() - timedelta(seconds=20))
    called_before, shown_before = calls(incident, in_house=False), calls(incident, in_house=True)
    send(danger=True)
    assert calls(incident, in_house=False) == called_before
    assert calls(incident, in_house=True) > shown_before


@pytest.mark.parametrize(("worked", "rings"), [(False, False), (True, True)])
def test_what_is_no_danger_and_comes_without_work_calls_once_in_ten_minutes(
    worked: bool, rings: bool, world: World
) -> None:
    incident = send().incident
    decide_school()
    take(world, incident)
    send()
    Delivery.objects.filter(text=NEW_REPORT).update(due_at=chain_now() - timedelta(minutes=5))
    before = calls(incident, in_house=False)
    send(worked=worked)
    assert (calls(incident, in_house=False) > before) is rings


# the queue


def test_the_next_incident_of_what_is_no_danger_waits_its_ten_minutes_on_the_board(world: World) -> None:
    first = send().incident
    end(world, first)
    second = send().incident
    assert second.pk != first.pk
    school = legs_of(second)["school"]
    assert school.state == "paging" and school.next_at == first.opened_at + timedelta(minutes=10)
    decide_school()
    assert called(second) == set()
    assert send().incident_id == second.pk, "one page for all that came meanwhile"
    make_due(second, "school", "step_due")
    decide_school()
    assert world.members["duty"].pk in called(second)


@pytest.mark.parametrize("how", ["danger", "worked", "later"])
def test_it_waits_for_nothing(how: str, world: World) -> None:
    end(world, send().incident)
    if how == "later":
        earlier(11)
    second = send(danger=how == "danger", worked=how == "worked").incident
    decide_school()
    assert world.members["duty"].pk in called(second)


@pytest.mark.parametrize("how", ["danger", "worked"])
def test_what_waits_is_called_as_soon_as_one_comes_that_does_not(how: str, world: World) -> None:
    end(world, send().incident)
    waiting = send().incident
    assert send(danger=how == "danger", worked=how == "worked").incident_id == waiting.pk
    decide_school()
    assert world.members["duty"].pk in called(waiting)


def test_a_flood_makes_the_others_wait_but_never_a_life_in_danger_nor_one_that_brings_work(world: World) -> None:
    first = send()
    Report.objects.bulk_create(
        Report(
            incident=first.incident, receipt_hash=bytes([n // 256, n % 256]), own_key=b"", next_at=chain_now()
        )
        for n in range(MOST_QUEUED)
    )  # fmt: skip
    with pytest.raises(TooMany, match="reports_wait"):
        send()
    assert Report.objects.count() == MOST_QUEUED + 1
    assert send(danger=True).danger_now
    assert send(worked=True).work_hash is not None


def test_work_counts_once_and_only_when_it_was_done(world: World) -> None:
    asked, answer = solved()
    receipt = send_report(told=SEEN, danger_now=False, asked=asked, answer=answer)
    assert Report.objects.get(receipt_hash=receipt_hash(receipt)).work_hash is not None
    for again in ((asked, answer), (asked + "x", answer), ("", ""), (asked, "x"), ("a" * 900, answer)):
        receipt = send_report(told=SEEN, danger_now=False, asked=again[0], answer=again[1])
        assert Report.objects.get(receipt_hash=receipt_hash(receipt)).work_hash is None


# what lies unread


def test_unread_after_somebody_took_it_calls_as_an_incident_of_its_own(world: World) -> None:
    first = send()
    joined = [send(danger=True), send(danger=True)]
    take(world, first.incident)
    Leg.objects.filter(kind="school").update(since=chain_now() - timedelta(minutes=6))
    unread_since_long()
    own = {Report.objects.get(pk=row.pk).incident_id for row in joined}
    assert len(own) == 1 and own != {first.incident_id}
    incident = Incident.objects.get(pk=own.pop())
    assert incident.danger_now and incident.person_id is None
    decide_school()
    assert world.members["duty"].pk in called(incident)
    assert Incident.objects.count() == 2
    take(world, incident)
    Leg.objects.filter(kind="school").update(since=chain_now() - timedelta(minutes=6))
    unread_since_long()
    assert Incident.objects.count() == 2, "once: afterwards whoever has it is called again"
    assert calls(incident, in_house=False)


def test_while_the_school_is_being_called_and_just_after_somebody_took_it_they_wait(world: World) -> None:
    first = send()
    send()
    decide_school()
    unread_since_long()
    assert Incident.objects.count() == 1
    take(world, first.incident)
    unread_since_long()
    assert Incident.objects.count() == 1 and not calls(first.incident, in_house=False)
    since = legs_of(first.incident)["school"].since
    assert set(Report.objects.values_list("next_at", flat=True)) == {since + timedelta(minutes=5)}


def test_what_joined_one_that_has_ended_unread_calls_by_itself(world: World) -> None:
    first = send()
    joined = send(danger=True)
    end(world, first.incident)
    unread_since_long()
    moved = Report.objects.get(pk=joined.pk)
    assert moved.incident_id != first.incident_id and moved.next_at is not None
    assert Report.objects.get(pk=first.pk).next_at is None


def test_an_unread_one_leaves_out_the_same_people_wherever_it_goes(world: World) -> None:
    told = Told(words="x", not_told=("centre_head",))
    first, joined = send(told), send(told, danger=True)
    take(world, first.incident)
    Leg.objects.filter(kind="school").update(since=chain_now() - timedelta(minutes=6))
    unread_since_long()
    moved = Report.objects.get(pk=joined.pk)
    assert moved.incident_id != first.incident_id
    assert [row.member_id for row in moved.incident.left_out.all()] == [world.members["centre"].pk]


def test_unread_without_a_clock_is_refused_by_the_database(world: World) -> None:
    report = send()
    with pytest.raises(IntegrityError, match="report_unread_has_a_clock"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(next_at=None)


# what is kept


@pytest.mark.parametrize("told", [Told(), Told(words="  \n"), Told(name="某人", number="123")], ids=str)
def test_nothing_said_is_no_report_unless_a_life_is_in_danger(told: Told, world: World) -> None:
    with pytest.raises(Invalid, match="report_says_nothing"):
        send(told)
    assert not Report.objects.exists()
    assert send(told, danger=True).danger_now


def test_what_is_too_long_is_refused_and_of_a_life_in_danger_cut(world: World) -> None:
    for told in (Told(words="长" * (MOST_WORDS + 1)), Told(words="x", where="长" * 201)):
        with pytest.raises(Invalid, match="report_too_long"):
            send(told)
    assert not Report.objects.exists()
    assert len(told_in(send(Told(words="长" * 9_000), danger=True)).words) == MOST_WORDS


def test_no_word_stands_in_plain_and_no_key_or_time_tells_when(world: World) -> None:
    told = Told(words="很想死", about="李四", name="赵六", number="13912345678", where="顶楼")
    report = send(told, picture="cGljdHVyZQ==")
    stored = b"".join(bytes(value or b"") for value in (report.words_sealed, report.picture_sealed, report.own_key))
    for word in ("很想死", "李四", "赵六", "13912345678", "顶楼"):
        assert word.encode() not in stored
    assert report.pk.version == 4
    assert (report.received_at.minute % 10, report.received_at.second, report.received_at.microsecond) == (0, 0, 0)
    assert report.read("picture") == "cGljdHVyZQ=="


def test_no_row_of_the_record_is_written(world: World) -> None:
    before = AuditEntry.objects.count()
    report = send(danger=True)
    send()
    write_letter(report_id=report.pk, words="他在顶楼")
    assert AuditEntry.objects.count() == before


def test_a_receipt_is_read_in_any_spelling_and_kept_as_a_hash() -> None:
    receipt = new_receipt()
    assert len(receipt) == DIGITS and receipt.isdigit()
    wide = "".join(chr(ord("０") + int(sign)) for sign in receipt)
    chinese = "".join("〇一二三四五六七八九"[int(sign)] for sign in receipt)
    for typed in (receipt, in_parts(receipt), wide, chinese, f"  {in_parts(receipt).replace(' ', '-')} "):
        assert receipt_in(typed) == receipt
    slip = ("1" if receipt[0] != "1" else "2") + receipt[1:]
    for typed in ("", "x", receipt[:-1], receipt + "0", slip, "²" * DIGITS, "1" * 5_000):
        assert receipt_in(typed) == ""


# the incident afterwards


def test_a_life_in_danger_that_nobody_takes_counts_as_graded_and_goes_on(world: World) -> None:
    incident = send(danger=True).incident
    Incident.objects.filter(pk=incident.pk).update(next_at=chain_now() - timedelta(seconds=1))
    assert decide_incidents() == 1
    found = Incident.objects.get(pk=incident.pk)
    assert (found.state, found.grade, found.person_id) == ("open", "extreme", None)
    decide_school()
    take(world, found)
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=found.pk)
    assert Incident.objects.get(pk=incident.pk).state == "false_alarm"


def test_nothing_of_a_report_is_left_when_its_incident_is_erased(world: World) -> None:
    report = send(Told(words="x", not_told=("principal",)))
    write_letter(report_id=report.pk, words="y")
    end(world, report.incident)
    Report.objects.update(next_at=None, read_at=chain_now())
    Incident.objects.update(closed_at=chain_now() - timedelta(days=400))
    machine = system_in(world.school.pk)
    assert keeping.end_addresses(actor=machine, incident_id=report.incident_id) is True
    assert keeping.erase(actor=machine, incident_id=report.incident_id) is True
    assert not Report.objects.exists() and not ReportLetter.objects.exists() and not LeftOut.objects.exists()
