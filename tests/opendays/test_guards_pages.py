"""Guards of the pages, of the sweep and of what is over: each by itself, without the one that stands before it (books §6)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from content.opendays.access import invited_party
from content.opendays.links import party_of
from content.opendays.models import Mark, OpenDay, OpenDayPage, Session
from content.opendays.workflow.answering import call_off_answer
from content.opendays.workflow.days import Item, call_off_day, plan_day, put_session
from content.opendays.workflow.gate import open_gate
from content.opendays.workflow.inviting import remove_party
from content.opendays.workflow.keeping import move_up, remind, wipe
from content.opendays.workflow.surveying import ask_families
from kernel.clock import as_of
from kernel.errors import Conflict, NotFound
from tests.conftest import actor_of, make_person
from tests.opendays.test_guards_told import told
from tests.opendays.test_pages import CHOICE, browser, mark
from tests.opendays.world import World, another_invitation, claim_of, come, family, make_world, plan


def test_two_sweeps_at_once_remind_once(world: World) -> None:
    """Each round found the day before the other wrote that it had reminded."""
    come(world)
    with as_of(world.day.starts_at - timedelta(hours=20)):
        assert [remind(day=world.day) for _ in range(2)] == [1, 0]
    assert AuditEntry.objects.get(action="openday.remind").facts["people"] == 1


def test_a_round_that_found_a_day_before_it_was_called_off_reminds_nobody(world: World) -> None:
    come(world)
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    with as_of(world.day.starts_at - timedelta(hours=20)):
        assert remind(day=world.day) == 0
    assert told("openday_reminder") == []


def test_whom_the_sweep_offers_seats_is_told(world: World) -> None:
    come(world, family(6, sessions=(world.lesson.pk,)))
    other = another_invitation(world)
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True), invitation=other)
    Session.objects.filter(pk=world.lesson.pk).update(capacity=8)
    assert move_up(day=world.day) == 1
    assert claim_of(waits, world.lesson).offered == 2
    assert [to for _key, to in told("openday_offer")] == [other.person.user_id]


def test_who_comes_is_told_that_the_day_is_off(world: World) -> None:
    come(world)
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    assert [to for _key, to in told("openday_called_off")] == [world.host.user_id]


def test_places_that_were_given_go_on_being_counted(world: World) -> None:
    come(world, family(2, sessions=(world.lesson.pk,)))
    uncounted = Item(world.lesson.title, world.lesson.starts_at, world.lesson.ends_at, capacity=None)
    with pytest.raises(Conflict, match="seats_given"):
        put_session(actor=world.organiser, open_day_id=world.day.pk, item=uncounted, session_id=world.lesson.pk)
    world.lesson.refresh_from_db()
    assert world.lesson.capacity == 6


def test_the_page_of_a_plan_is_not_published_with_it(world: World) -> None:
    draft = plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, days=30))
    page = OpenDayPage.objects.get(pk=draft.page_id)
    assert not page.live
    assert browser(world).get(page.href).status_code == 404


def test_who_removed_a_family_finds_it_no_more_and_nobody_after_its_names_are_gone(world: World) -> None:
    first, second = party_of(come(world)), party_of(come(world))
    remove_party(actor=world.host, party_id=first.pk)
    with pytest.raises(NotFound):
        invited_party(world.host, first.pk)
    assert invited_party(world.host, second.pk).pk == second.pk
    with as_of(world.day.ends_at + timedelta(days=7)):
        wipe(day=OpenDay.objects.get(pk=world.day.pk))
    with pytest.raises(NotFound):
        invited_party(world.host, second.pk)
    assert browser(world).get(f"/open-day/i/{world.invitation.token}/").status_code == 404


def refusals(action: str) -> list[Any]:
    return list(AuditEntry.objects.filter(action=f"{action}.refused").order_by("seq").values_list("facts", flat=True))


def test_every_no_to_a_family_is_in_the_record(world: World) -> None:
    secret = come(world)
    page, sent = f"/open-day/f/{secret}/", {**CHOICE, "sure": "1"}
    with as_of(world.day.answers_until):
        assert browser(world).post(f"/open-day/i/{world.invitation.token}/", sent).status_code == 422
        assert browser(world).post(f"{page}change/", CHOICE).status_code == 422
    with as_of(world.day.starts_at):
        assert browser(world).post(f"{page}leave/").status_code == 409
    for action, code in (
        ("party.answer", "answers_over"),
        ("party.change", "answers_over"),
        ("party.leave", "openday_begun"),
    ):
        assert code in str(refusals(action)), action


@pytest.mark.parametrize(
    ("sent", "status", "claim"),
    [
        ({"people": "3", "rest": "wait"}, 303, (3, 1)),
        ({"people": "3"}, 303, (3, 0)),
        ({"people": "4"}, 303, (4, 0)),
        ({"people": "0", "rest": "wait"}, 303, None),
        ({"people": "5"}, 400, (0, 4)),
        ({"people": "-1"}, 400, (0, 4)),
        ({"people": "³"}, 400, (0, 4)),
        ({"people": "9" * 5000}, 400, (0, 4)),
        ({}, 400, (0, 4)),
    ],
)
def test_an_offer_is_answered_on_the_page(
    world: World, sent: dict[str, str], status: int, claim: tuple[int, int] | None
) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    answer = browser(world).post(f"/open-day/f/{waits}/offer/{world.lesson.pk}/", sent)
    assert answer.status_code == status
    row = claim_of(waits, world.lesson)
    assert (row.seats, row.wants) == (claim or (0, 0))


def test_who_waits_for_a_seat_on_the_day_has_no_code_for_the_gate(world: World) -> None:
    full = come(world, family(12))
    Session.objects.filter(pk=world.entry.pk).update(capacity=12)
    waits = come(world, family(2, may_wait=True))
    assert claim_of(waits, world.entry).seats == 0
    shown = {secret: browser(world).get(f"/open-day/f/{secret}/").content.decode() for secret in (full, waits)}
    assert "您的入校码" in shown[full] and "您的入校码" not in shown[waits]


def test_words_of_one_day_go_and_those_of_the_next_stay(world: World) -> None:
    come(world, family(plate="浙A12345"))
    later = make_world(world.school, days=40)
    stays = come(later, family(plate="浙B67890"))
    with as_of(world.day.ends_at + timedelta(days=8)):
        assert wipe(day=world.day) == 2
        assert wipe(day=world.day) == 0
        party = party_of(stays)
        assert (party.plate, party.address) == ("浙B67890", "王女士")
    world.day.refresh_from_db()
    assert world.day.plates_wiped_at is not None and world.day.names_wiped_at is not None
    assert [row.facts["rows"] for row in AuditEntry.objects.filter(action="openday.wipe")] == [2]


def test_what_a_family_may_still_do_hangs_on_the_hour(world: World) -> None:
    page = f"/open-day/f/{come(world)}/"

    def offers() -> tuple[bool, bool]:
        answer = browser(world).get(page)
        assert "noindex" in answer["X-Robots-Tag"]
        text = answer.content.decode()
        return f"{page}change/" in text, f"{page}leave/" in text

    assert offers() == (True, True)
    with as_of(world.day.answers_until):
        assert offers() == (False, True)
    with as_of(world.day.starts_at):
        assert offers() == (False, False)


def test_who_called_off_is_asked_nothing_afterwards(world: World) -> None:
    came, left = come(world), come(world)
    call_off_answer(token=left)
    asked = ask_families(actor=world.organiser, school=world.school, open_day_id=world.day.pk)
    with as_of(world.day.ends_at):
        shown = [browser(world).get(f"/open-day/f/{secret}/").content.decode() for secret in (came, left)]
    assert [asked.token in text for text in shown] == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": 5},
        {"party": ["x"]},
        {"party": "x" * 65},
        {"at": "2026-12-19T01:05:00"},
        {"more": "x" * 200_000},
    ],
    ids=["number", "list", "long", "no zone", "heavy"],
)
def test_a_mark_that_no_telephone_of_ours_sends_is_refused(world: World, wrong: dict[str, Any]) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    body = json.dumps({"marks": [mark(**wrong)]})
    with as_of(world.day.starts_at):
        sent = browser(world).post(f"/open-day/gate/{gate.token}/marks/", body, content_type="application/json")
    assert sent.status_code == 400
    assert not Mark.objects.exists()


def test_the_list_of_who_invited_shows_their_own_families_that_come(world: World) -> None:
    other = another_invitation(world)
    come(world, family(1, child=1, address="王女士"))
    gone = come(world, family(1, child=1, address="赵女士"))
    call_off_answer(token=gone)
    come(world, family(1, child=1, address="孙女士"), invitation=other)
    text = browser(world, world.host).get("/my/open-days/").content.decode()
    assert "王女士" in text and "赵女士" not in text and "孙女士" not in text
    assert other.token not in text and text.count("/photo/") == 1


def test_a_colleague_opens_no_page_about_a_family_of_somebody_else(world: World) -> None:
    party = party_of(come(world, family(address="王女士")))
    stranger = browser(world, actor_of(make_person(world.school, "staff")))
    address = f"/my/open-days/families/{party.pk}/remove/"
    for answer in (stranger.get(address), stranger.post(address)):
        assert answer.status_code == 404 and "王女士" not in answer.content.decode()
    assert "王女士" in browser(world, world.host).get(address).content.decode()


def test_the_address_of_a_gate_is_told_to_no_other_host(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    with as_of(world.day.starts_at):
        answer = browser(world).get(f"/open-day/gate/{gate.token}/")
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")
