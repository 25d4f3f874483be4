"""The pages as people open them: the family without an account, the staff, the organiser, the gate (books §6)."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEntry
from content.opendays.links import party_of
from content.opendays.models import Invitation, Mark, OpenDay, OpenDayPage, Party
from content.opendays.rules import gate_code, gate_digits, gate_hash
from content.opendays.workflow.days import call_off_day, change_day
from content.opendays.workflow.gate import open_gate, shut_gate
from content.opendays.workflow.keeping import wipe
from kernel.clock import as_of, end_of_day, start_of_day
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.opendays.world import World, come, family, make_world, plan
from workdays.clock import add_workdays
from workdays.selectors import calendar

CHOICE = {"adult": "2", "teen": "0", "child": "1", "small": "0", "address": "王女士", "plate": ""}


def browser(world: World, actor: Any = None) -> Client:
    client = Client(headers={"host": world.school.host})
    if actor is not None:
        client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_everybody_reads_the_day_its_list_and_its_card_and_nothing_of_a_family(world: World) -> None:
    come(world, family(3, address="欧阳女士", plate="浙A6F2B1"))
    page = OpenDayPage.objects.get(pk=world.day.page_id)
    for address in (page.href, "/open-days/", "/"):
        answer = browser(world).get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert world.day.title in text
        assert "欧阳" not in text and "6F2B1" not in text
    assert "听一节课" in browser(world).get(page.href).content.decode()
    assert page.href in browser(world).get("/search/?q=他们的一天").content.decode()


def test_every_notice_of_a_day_names_whom_to_ask(world: World) -> None:
    """Requirement 1.2: the school's own line with its hours, on the page and on the invitation."""
    world.school.duty_phone, world.school.duty_hours = "0571-5550101", "工作日 8:00–20:00"
    world.school.save()
    for address in (OpenDayPage.objects.get(pk=world.day.page_id).href, f"/open-day/i/{world.invitation.token}/"):
        main = browser(world).get(address).content.decode().split("<main")[1]
        assert 'href="tel:0571-5550101"' in main and "8:00–20:00" in main, address


def test_a_draft_is_read_by_nobody(world: World) -> None:
    OpenDay.objects.update(state="draft")
    OpenDayPage.objects.get(pk=world.day.page_id).unpublish()
    for address in (OpenDayPage.objects.get(pk=world.day.page_id).href, f"/open-day/{world.day.pk}.ics"):
        assert browser(world).get(address).status_code == 404


def test_the_calendar_keeps_its_uid_and_raises_its_sequence(world: World) -> None:
    def entry() -> tuple[str, int, str]:
        text = browser(world).get(f"/open-day/{world.day.pk}.ics").content.decode()
        uid, sequence, status = (re.search(rf"{name}:(.+)\r", text)[1] for name in ("UID", "SEQUENCE", "STATUS"))  # type: ignore[index]
        return uid, int(sequence), status

    first = entry()
    moved = plan(world.school, entrance="南门")
    change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=moved)
    second = entry()
    same = plan(world.school, entrance="南门", way="别处")
    change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=same)
    third = entry()
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    last = entry()
    assert first[0] == second[0] == last[0]
    assert (first[1], second[1], third[1], last[1]) == (0, 1, 1, 2)
    assert last[2] == "CANCELLED"


def test_a_family_answers_checks_and_gets_its_own_link(world: World) -> None:
    client = browser(world)
    address = f"/open-day/i/{world.invitation.token}/"
    shown = client.get(address)
    assert shown.status_code == 200 and "李" in shown.content.decode()
    assert Party.objects.count() == 0, "looking answers nothing"
    checked = client.post(address, {**CHOICE, "key": "k", "sessions": [str(world.lesson.pk)]})
    assert (checked.status_code, checked["Location"]) == (303, f"{address}?check")
    assert "听一节课" in client.get(checked["Location"]).content.decode() and Party.objects.count() == 0
    sent = [client.post(address, {**CHOICE, "key": "k", "sure": "1", "sessions": [str(world.lesson.pk)]}) for _ in "12"]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0]["Location"] == sent[1]["Location"], "twice is once"
    assert Party.objects.count() == 1
    own = client.get(sent[0]["Location"])
    text = own.content.decode()
    assert own.status_code == 200 and "<svg" in text and own["Referrer-Policy"] == "strict-origin"
    assert world.invitation.token not in text


def test_what_was_filled_in_stays_when_the_answer_is_refused(world: World) -> None:
    come(world, family(6, sessions=(world.lesson.pk,)))
    address = f"/open-day/i/{world.invitation.token}/"
    wrong = {**CHOICE, "key": "k", "sure": "1", "plate": "浙A12345", "sessions": [str(world.lesson.pk)]}
    answer = browser(world).post(address, wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "浙A12345" in text and 'value="王女士"' in text
    assert Party.objects.count() == 1
    for odd in (
        {"adult": "99"},
        {"adult": "x"},
        {"sessions": ["nonsense"]},
        {"sessions": [str(uuid4())]},
        {"address": ""},
    ):
        assert browser(world).post(address, {**CHOICE, "key": "k", "sure": "1", **odd}).status_code == 422
        assert Party.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    ["/open-day/i/%s/", "/open-day/f/%s/", "/open-day/f/%s/change/", "/open-day/f/%s/leave/", "/open-day/gate/%s/"],
)
def test_links_of_another_kind_school_or_none_open_nothing(world: World, address: str) -> None:
    other = make_school()
    with use_tenant(other.pk):
        foreign = make_world(other)
        secrets = [foreign.invitation.token, come(foreign)]
    mine = [world.invitation.token, come(world)]
    fits = {"/open-day/i/%s/": mine[0]}.get(address, mine[1] if "/f/" in address else None)
    for token in [*secrets, *mine, "0", "x" * 500, "%E7%A0%81"]:
        expected = 200 if token == fits else 404
        assert browser(world).get(address % token).status_code == expected


def test_photographs_are_no_until_somebody_who_may_says_yes(world: World) -> None:
    secret = come(world, family(1, child=1))
    adult, child = party_of(secret).guests.order_by("band")
    client = browser(world)
    assert client.post(f"/open-day/f/{secret}/photo/{adult.pk}/", {"photo": "yes"}).status_code == 303
    assert client.post(f"/open-day/f/{secret}/photo/{child.pk}/", {"photo": "yes"}).status_code == 422
    host = browser(world, world.host)
    own = f"/my/open-days/families/{party_of(secret).pk}/photo/{child.pk}/"
    assert host.post(own, {"photo": "yes"}).status_code == 422, "no child of that age is registered with them"
    from families.workflow import register_child

    born = world.day.starts_at.date() - timedelta(days=365 * 8)
    register_child(actor=world.host, name="知夏", born=born)
    assert host.post(own, {"photo": "yes"}).status_code == 302
    adult.refresh_from_db()
    child.refresh_from_db()
    assert (adult.may_photograph, child.may_photograph) == (True, True)
    cousin = come(world, family(1, child=1))
    second = party_of(cousin).guests.get(band="child")
    answer = host.post(f"/my/open-days/families/{party_of(cousin).pk}/photo/{second.pk}/", {"photo": "yes"})
    assert answer.status_code == 422, "one registered child is one yes"
    client.post(f"/open-day/f/{secret}/photo/{child.pk}/", {"photo": "no"})
    child.refresh_from_db()
    assert child.may_photograph is False and child.photo_ended_at is not None, "anybody of the family may say no"


def test_the_staff_member_sees_a_family_but_neither_its_link_nor_its_car(world: World) -> None:
    secret = come(world, family(2, address="欧阳女士", plate="浙A6F2B1"))
    text = browser(world, world.host).get("/my/open-days/").content.decode()
    assert "欧阳女士" in text and world.invitation.token in text
    assert secret not in text and "6F2B1" not in text
    assert browser(world).get("/my/open-days/").status_code == 302


def test_the_organiser_sees_numbers_and_the_list_is_in_the_record(world: World) -> None:
    come(world, family(2, child=1, address="欧阳女士", plate="浙A6F2B1"))
    desk = browser(world, world.organiser)
    number_page = desk.get(f"/union/open-days/{world.day.pk}/")
    assert number_page.status_code == 200 and "欧阳" not in number_page.content.decode()
    listed = desk.get(f"/union/open-days/{world.day.pk}/visitors/").content.decode()
    assert "欧阳女士" in listed and "浙A6F2B1" in listed
    assert AuditEntry.objects.filter(action="openday.visitors").count() == 1
    paper = desk.post(f"/union/open-days/{world.day.pk}/visitors/paper/")
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(action="openday.visitors").count() == 2
    assert browser(world, world.host).get(f"/union/open-days/{world.day.pk}/visitors/").status_code == 404


def test_a_day_is_planned_changed_and_published_by_hand(world: World) -> None:
    desk = browser(world, world.organiser)
    ahead = (world.day.starts_at + timedelta(days=7)).date().isoformat()
    form = {
        "title": "春天的一天",
        "day": ahead,
        "starts": "09:00",
        "ends": "11:30",
        "entrance": "南门",
        "capacity": "80",
        "until": ahead,
    }
    answer = desk.post("/union/open-days/new/", form)
    assert answer.status_code == 302
    address = answer["Location"]
    assert desk.get(address).status_code == 200
    assert (
        desk.post(
            f"{address}sessions/new/", {"title": "走一走校园", "starts": "09:20", "ends": "10:00", "capacity": "20"}
        ).status_code
        == 302
    )
    assert (
        desk.post(f"{address}sessions/new/", {"title": "太晚", "starts": "12:20", "ends": "13:00"}).status_code == 422
    )
    assert desk.post("/union/open-days/new/", {**form, "ends": "08:00"}).status_code == 422
    assert desk.post("/union/open-days/new/", {**form, "day": "2020-01-01"}).status_code == 422
    assert desk.get(f"{address}publish/").status_code == 200
    assert desk.post(f"{address}publish/").status_code == 302
    assert browser(world).get("/open-days/").content.decode().count("春天的一天") == 1
    assert desk.post(f"{address}change/", {**form, "capacity": "0"}).status_code == 422
    assert desk.get(f"{address}call-off/").status_code == 200


def test_plates_go_at_noon_of_the_day_after_and_names_after_seven_days(world: World) -> None:
    secret = come(world, family(address="王女士", plate="浙A6F2B1"))
    pk = party_of(secret).pk
    zone = world.school.time_zone
    noon = start_of_day(world.school.day_of(world.day.starts_at) + timedelta(days=1), zone) + timedelta(hours=12)

    def stands() -> tuple[str, str]:
        party = Party.objects.get(pk=pk)
        return party.address, party.plate

    for moment, expected in (
        (noon - timedelta(seconds=1), ("王女士", "浙A6F2B1")),
        (noon, ("王女士", "")),
        (world.day.ends_at + timedelta(days=7) - timedelta(seconds=1), ("王女士", "")),
        (world.day.ends_at + timedelta(days=7), ("", "")),
    ):
        with as_of(moment):
            wipe(day=world.day)
            assert stands() == expected
    assert browser(world).get(f"/open-day/f/{secret}/").status_code == 404


def test_a_no_to_photographs_after_the_day_stands_on_the_organisers_page_until_three_workdays_later(
    world: World,
) -> None:
    secret = come(world, family(2))
    first, second = party_of(secret).guests.all()
    for guest in (first, second):
        browser(world).post(f"/open-day/f/{secret}/photo/{guest.pk}/", {"photo": "yes"})
    browser(world).post(f"/open-day/f/{secret}/photo/{first.pk}/", {"photo": "no"})
    desk, address = browser(world, world.organiser), f"/union/open-days/{world.day.pk}/"
    assert "要撤下的照片" not in desk.get(address).content.decode(), "before the day there is no picture of them"
    with as_of(world.day.ends_at + timedelta(hours=1)):
        browser(world).post(f"/open-day/f/{secret}/photo/{second.pk}/", {"photo": "no"})
        text = desk.get(address).content.decode()
    assert "要撤下的照片" in text
    due = add_workdays(world.day.ends_at + timedelta(hours=1), 3, calendar(), world.school.time_zone)
    assert f"{due.astimezone(ZoneInfo(world.school.time_zone)):%H:%M}" in text


def test_whoever_called_off_reads_how_to_come_after_all_and_no_way(world: World) -> None:
    secret = come(world)
    page = f"/open-day/f/{secret}/"
    assert "怎么来" in browser(world).get(page).content.decode()
    left = browser(world).post(f"{page}leave/")
    text = browser(world).get(left["Location"]).content.decode()
    assert "怎么来" not in text and "想来的话，用邀请链接再报一次" in text


def test_whoever_called_off_is_shown_no_form_that_cannot_be_sent(world: World) -> None:
    """By the way back of the browser: their own page says how to come after all."""
    secret = come(world)
    page = f"/open-day/f/{secret}/"
    browser(world).post(f"{page}leave/")
    for answered in (browser(world).get(f"{page}change/"), browser(world).post(f"{page}change/", CHOICE)):
        assert (answered.status_code, answered["Location"]) == (303, page)


def test_a_session_that_is_full_is_named_in_whole_sentences(world: World) -> None:
    """The entry has room: which of the places are gone must be said."""
    come(world, family(5, sessions=(world.lesson.pk,)))
    address = f"/open-day/i/{world.invitation.token}/"
    sent = {**CHOICE, "child": "0", "adult": "2", "sessions": [str(world.lesson.pk)], "sure": "1"}
    text = browser(world).post(address, sent).content.decode()
    assert "位置不够了。“听一节课”还剩 1 个位置。" in text


def test_nobody_leaves_the_list_once_the_gates_are_open(world: World) -> None:
    secret = come(world, family(2))
    with as_of(world.day.starts_at):
        assert browser(world).post(f"/open-day/f/{secret}/leave/").status_code == 409
        own = f"/my/open-days/families/{party_of(secret).pk}/remove/"
        assert browser(world, world.host).post(own).status_code == 409
    assert party_of(secret).left_at is None


def marks(*rows: dict[str, Any]) -> str:
    return json.dumps({"marks": list(rows)})


def mark(party: str = "", people: int = 1, **values: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "party": party, "people": people, "at": "2026-12-19T01:05:00Z", **values}


def test_the_gate_counts_each_mark_once_shows_no_more_than_came_and_sends_nobody_out(world: World) -> None:
    secret = come(world, family(3, address="王女士", plate="浙A6F2B1"))
    known = gate_hash(gate_code(secret))
    east = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    west = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="西门")
    client = browser(world)
    said = gate_digits(gate_code(secret))
    assert f">{said[:3]} {said[3:]}<" in client.get(f"/open-day/f/{secret}/").content.decode(), (
        "for a gate without camera"
    )
    with as_of(world.day.starts_at):
        page = client.get(f"/open-day/gate/{east.token}/")
        text = page.content.decode()
        held = json.loads(re.search(r'<script id="held"[^>]*>(.+?)</script>', text)[1])  # type: ignore[index]
        assert page.status_code == 200
        assert held["families"] == [
            {"hash": known, "address": "王女士", "size": 3, "grown": 3, "leaves": 3, "inside": 0}
        ], "no car, no link, no name of a child"
        assert "6F2B1" not in text and gate_code(secret) not in text and page["Cache-Control"].count("no-store")
        send = lambda gate, body: client.post(  # noqa: E731
            f"/open-day/gate/{gate.token}/marks/", body, content_type="application/json"
        )
        offline = marks(mark(known, 3), mark("", 2), mark("0" * 32, 1))
        for _ in range(2):
            told = send(east, offline).json()
            assert told["inside"][known] == 3 and told["here"] == 6
        told = send(west, marks(mark(known, 2))).json()
        assert told["inside"][known] == 5 and told["here"] == 8, (
            "the same code at another gate: two beyond their number"
        )
        desk = browser(world, world.organiser).get(f"/union/open-days/{world.day.pk}/visitors/").content.decode()
        assert "3 / 3 + 2" in desk
        for wrong in ("", "[]", "{}", marks(mark(people=0)), marks(mark(people=10**9)), marks(mark(id="x")),
                      marks(mark(party="\0")), marks(mark(at="yesterday")), marks(mark(people=1.5)), "[" * 90_000,
                      marks(*(mark() for _ in range(501)))):  # fmt: skip
            assert send(east, wrong).status_code == 400
        assert Mark.objects.count() == 4
        numbers = browser(world, world.organiser)
        report = numbers.get(f"/union/open-days/{world.day.pk}/report/").content.decode()
        assert re.findall(r'<td class="n">(\d+)</td>', report)[:5] == ["1", "3", "8", "2", "3"], (
            "walked in: two and one"
        )
        assert "王女士" not in report
        assert numbers.post(f"/union/open-days/{world.day.pk}/report/paper/").content.startswith(b"%PDF")
        shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=east.pk)
        assert client.get(f"/open-day/gate/{east.token}/").status_code == 404
        assert send(east, marks(mark())).status_code == 404


def test_a_stewards_link_opens_on_the_day_itself_and_on_no_other(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    zone, day = world.school.time_zone, world.school.day_of(world.day.starts_at)
    for moment, status in (
        (start_of_day(day, zone) - timedelta(seconds=1), 404),
        (start_of_day(day, zone), 200),
        (end_of_day(day, zone) - timedelta(seconds=1), 200),
        (end_of_day(day, zone), 404),
    ):
        with as_of(moment):
            assert browser(world).get(f"/open-day/gate/{gate.token}/").status_code == status


def test_the_morning_after_the_link_takes_what_was_kept_and_tells_nothing(world: World) -> None:
    come(world, family(3, address="欧阳女士"))
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    address = f"/open-day/gate/{gate.token}/"
    ends = end_of_day(world.school.day_of(world.day.starts_at), world.school.time_zone)
    with as_of(ends):
        page = browser(world).get(address)
        assert page.status_code == 404 and "欧阳" not in page.content.decode()
        assert f'data-late="{world.day.pk}"' in page.content.decode()
        row = mark(people=2, at=world.day.starts_at.isoformat())
        told = browser(world).post(f"{address}marks/", marks(row), content_type="application/json")
        assert (told.status_code, told.json()) == (200, {"stands": [row["id"]]})
    with as_of(ends + timedelta(hours=12)):
        page = browser(world).get(address)
        assert page.status_code == 404 and "data-late" not in page.content.decode()
        assert browser(world).post(f"{address}marks/", marks(row), content_type="application/json").status_code == 404


def test_two_thousand_marks_kept_offline_and_sent_twice_count_once_each(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    rows = [mark() for _ in range(2000)]
    with as_of(world.day.starts_at):
        for _ in range(2):
            for start in range(0, 2000, 500):
                answer = browser(world).post(
                    f"/open-day/gate/{gate.token}/marks/",
                    marks(*rows[start : start + 500]),
                    content_type="application/json",
                )
                assert len(answer.json()["stands"]) == 500
    assert Mark.objects.count() == 2000
    assert answer.json()["here"] == 2000


def test_invitations_of_two_schools_do_not_meet(world: World) -> None:
    assert Invitation.objects.count() == 1
