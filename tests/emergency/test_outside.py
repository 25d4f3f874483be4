"""``/a/<token>/``: whoever was called answers without an account, and reads the card of their own leg (chain §4, §6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Card, Contact, Delivery, Leg, NeverContact, Recipient, Timeline
from referrals.emergency.workflow import answering, ending, holding
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.moving import words_of as timeline_words
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import (
    LAST,
    STREET,
    browser,
    called,
    leg_of,
    link_of,
    press,
    recipient_of,
    words_of,
)
from tests.emergency.world import World, make_due

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
KINDS = ("family", "medical", "community")


@pytest.fixture
def incident(world: World) -> Any:
    return called(world, place="home", place_words="家里，反锁了门", can_be_asked=False, company="child")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_asks_and_tells_neither_school_nor_name_nor_reason(world: World, incident: Any, kind: str) -> None:
    recipient = recipient_of(world, incident, kind)
    page = browser().get(link_of(recipient))
    text, number = words_of(page), recipient.shown_number
    assert page.status_code == 200
    assert f"{number[:2]} {number[2:]}" in text
    person = world.members["person"]
    for secret in (world.school.name, world.school.slug, person.name, "不想活", "反锁", STREET, incident.number):
        assert secret not in page.content.decode(), secret
    assert "心理" not in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies, "to look needs no cookie, and leaves none"


def test_it_says_until_when_by_the_clock_of_the_leg(world: World, incident: Any) -> None:
    text = words_of(browser().get(link_of(recipient_of(world, incident))))
    assert "还有 2 分钟，之后我们会去找下一位" in text
    with use_tenant(world.school.pk):
        make_due(incident, "family", "step_due")
        decide_school()
    first = Recipient.objects
    with use_tenant(world.school.pk):
        first = Recipient.objects.get(leg__incident=incident, role="contact:1")
    assert "您仍然可以接" in words_of(browser().get(link_of(first)))


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_takes_nothing(world: World, incident: Any, method: str) -> None:
    recipient = recipient_of(world, incident)
    with use_tenant(world.school.pk):
        before = Timeline.objects.count(), AuditEntry.objects.count(), Card.objects.count()
    for agent in ("facebookexternalhit/1.1", "MicroMessenger", "Mozilla/5.0"):
        client = browser(user_agent=agent)
        for query in ("", "?act=take", "?act=take&eta=15&name=x"):
            assert getattr(client, method)(link_of(recipient) + query).status_code == 200
    with use_tenant(world.school.pk):
        assert (Timeline.objects.count(), AuditEntry.objects.count(), Card.objects.count()) == before
    assert leg_of(world, incident).state == "paging"
    assert recipient_of(world, incident).answer == ""


def test_pressing_takes_it_and_the_same_browser_reads_the_card(world: World, incident: Any) -> None:
    recipient, client = recipient_of(world, incident), browser()
    answer = client.post(link_of(recipient), {"act": "take", "eta": "15", "name": "　周敏 的姐姐 "})
    assert answer.status_code == 303
    assert answer["Location"] == link_of(recipient)
    cookie = next(iter(answer.cookies.values()))
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/a/")
    leg = leg_of(world, incident)
    assert (leg.state, leg.taken_by_id, leg.owner_id) == ("acknowledged", recipient.pk, None)
    assert (leg.next_at - leg.since).total_seconds() == 25 * 60
    card = client.get(link_of(recipient))
    assert "您已接下" in words_of(card)
    with use_tenant(world.school.pk):
        row = Timeline.objects.get(code="leg.acknowledge", leg=leg)
        assert timeline_words(incident, row) == "周敏 的姐姐"
        assert (row.who, row.by_id, row.facts["eta"]) == ("contact:1", None, 15)
        entry = AuditEntry.objects.get(action="incident.acknowledge")
        assert (entry.actor_kind, entry.actor_id, entry.facts) == ("outside", None, {"leg": "family"})
        assert Delivery.objects.filter(leg=leg, state="queued").exclude(text="emergency_stood_down").count() == 0


def test_the_name_is_bounded_and_sealed_whatever_is_typed(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    answer = browser().post(link_of(recipient), {"act": "take", "name": "王" * 5000 + "\0"})
    assert answer.status_code == 303
    with use_tenant(world.school.pk):
        row = Timeline.objects.get(code="leg.acknowledge", leg__kind="family")
        assert timeline_words(incident, row) == "王" * 60
        assert "王".encode() not in bytes(row.words_sealed)


@pytest.mark.parametrize("eta", ["0", "45", "-15", "abc", "１５", "9" * 50])
def test_a_time_that_nobody_may_name_moves_nothing(world: World, incident: Any, eta: str) -> None:
    page = browser().post(link_of(recipient_of(world, incident)), {"act": "take", "eta": eta})
    assert page.status_code == 400
    assert "我来处理" in words_of(page), "the page is there again, and can be answered"
    assert leg_of(world, incident).state == "paging"


def test_pressed_twice_is_once(world: World, incident: Any) -> None:
    recipient, client = recipient_of(world, incident), browser()
    for _ in range(3):
        assert press(client, link_of(recipient), "take").status_code == 200
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="leg.acknowledge").count() == 1
        assert Card.objects.count() == 1
    assert leg_of(world, incident).epoch == 2


def test_a_forwarded_link_shows_the_card_only_to_who_knows_the_number(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident, "medical")
    press(browser(), link_of(recipient), "take")
    colleague = browser()
    page = colleague.get(link_of(recipient))
    assert "您这边已经接下" in words_of(page)
    assert world.members["person"].name not in page.content.decode()
    wrong = press(colleague, link_of(recipient), "prove", digits="0000")
    assert world.members["person"].name not in wrong.content.decode()
    opened = press(colleague, link_of(recipient), "prove", digits=LAST["medical"])
    assert world.members["person"].name in opened.content.decode()
    assert world.members["person"].name in colleague.get(link_of(recipient)).content.decode()
    assert press(browser(), link_of(recipient), "take").status_code == 200
    assert world.members["person"].name not in press(browser(), link_of(recipient), "take").content.decode(), (
        "who presses after somebody else gets no card by that"
    )


def test_no_is_no_and_the_next_is_called(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    page = press(browser(), link_of(recipient), "decline")
    assert "谢谢您告诉我们" in words_of(page)
    leg = leg_of(world, incident)
    assert leg.state == "paging"
    assert leg.next_at <= chain_now()
    assert press(browser(), link_of(recipient), "take").status_code == 200
    assert leg_of(world, incident).state == "paging", "who has left this incident does not come back by a link"


@pytest.mark.parametrize("act", ["decline", "wrong_number"])
@pytest.mark.parametrize("kind", ["family", "community", "medical"])
def test_who_said_no_is_not_called_again_by_what_waits_already(
    world: World, incident: Any, act: str, kind: str
) -> None:
    if kind == "medical":
        with use_tenant(world.school.pk):
            make_due(incident, "medical")
            decide_school()
    recipient = recipient_of(world, incident, kind)
    with use_tenant(world.school.pk):
        waiting = Delivery.objects.filter(leg__incident=incident, state="queued")
        theirs = waiting.filter(recipient__target_hash=recipient.target_hash)
        others = waiting.exclude(recipient__target_hash=recipient.target_hash)
        assert theirs.exists()
        before = set(others.values_list("pk", flat=True))
    press(browser(), link_of(recipient), act)
    with use_tenant(world.school.pk):
        assert not theirs.exists()
        assert before <= set(others.values_list("pk", flat=True)), "the others are still called"


def test_a_wrong_number_leaves_the_incident_and_the_contact_is_marked(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    page = press(browser(), link_of(recipient), "wrong_number")
    text = words_of(page)
    assert "打扰" in text
    assert recipient.shown_number not in text
    with use_tenant(world.school.pk):
        contact = Contact.objects.get(pk=world.contacts["wife"].pk)
        assert (contact.fault, contact.bounced_at is not None) == ("wrong", True)
        other = Contact.objects.get(pk=world.contacts["brother"].pk)
        assert other.fault == ""


def test_a_wrong_number_that_says_so_late_is_marked_all_the_same(world: World, incident: Any) -> None:
    with use_tenant(world.school.pk):
        make_due(incident, "family")
        decide_school()
        first = Recipient.objects.get(leg__incident=incident, role="contact:1")
    press(browser(), link_of(recipient_of(world, incident)), "take")
    before = leg_of(world, incident)
    press(browser(), link_of(first), "wrong_number")
    after = leg_of(world, incident)
    assert (after.state, after.taken_by_id, after.epoch) == (before.state, before.taken_by_id, before.epoch)
    with use_tenant(world.school.pk):
        assert Contact.objects.get(pk=world.contacts["wife"].pk).fault == "wrong"


def test_somebody_else_has_it_and_late_is_kept(world: World, incident: Any) -> None:
    with use_tenant(world.school.pk):
        make_due(incident, "family")
        decide_school()
        first = Recipient.objects.get(leg__incident=incident, role="contact:1")
    press(browser(), link_of(recipient_of(world, incident)), "take")
    late = press(browser(), link_of(first), "take")
    assert "已有人接手" in words_of(late)
    with use_tenant(world.school.pk):
        assert Recipient.objects.get(pk=first.pk).answer == "also"
        assert Timeline.objects.filter(code="leg.late_answer").count() == 1
        assert not Card.objects.filter(recipient=first).exists()


def test_who_did_not_come_in_time_may_still_arrive_until_somebody_else_does(world: World, incident: Any) -> None:
    client, first = browser(), recipient_of(world, incident)
    press(client, link_of(first), "take", eta="15")
    with use_tenant(world.school.pk):
        for _ in range(2):
            make_due(incident, "family")
            decide_school()
    assert leg_of(world, incident).state == "paging"
    assert "到了" in words_of(client.get(link_of(first)))
    second = recipient_of(world, incident)
    assert second.pk != first.pk
    press(browser(), link_of(second), "take")
    assert "已有人接手" in words_of(client.get(link_of(first)))
    assert press(client, link_of(first), "arrived").status_code == 409
    assert leg_of(world, incident).taken_by_id == second.pk


def test_a_hold_kills_link_and_card_in_the_same_breath(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident, "medical")
    path = link_of(recipient)
    press(client, path, "take")
    with use_tenant(world.school.pk):
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="medical", reason=REASON)
    page = client.get(path)
    assert "现在不用做什么" in words_of(page)
    assert world.members["person"].name not in page.content.decode()
    for act in ("arrived", "done", "later", "cannot", "take", "decline"):
        assert world.members["person"].name not in press(client, path, act, eta="15").content.decode()
    assert leg_of(world, incident, "medical").state == "held"
    with use_tenant(world.school.pk):
        for post in ("duty", "centre"):
            holding.lift(actor=world.actor(post), incident_id=incident.pk, kind="medical")
    assert leg_of(world, incident, "medical").state == "paging"
    assert "已经过时" in words_of(client.get(path)), "lifted, it is another call: the old link stays dead"
    press(client, path, "take")
    press(browser(), path, "take")
    assert leg_of(world, incident, "medical").state == "paging"


def test_a_link_that_was_held_before_anybody_answered_stays_dead(world: World, incident: Any) -> None:
    """The danger may be whoever holds the link: after the hold somebody else is meant."""
    recipient = recipient_of(world, incident)
    with use_tenant(world.school.pk):
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    press(browser(), link_of(recipient), "take")
    assert leg_of(world, incident).state == "held"
    with use_tenant(world.school.pk):
        assert not Card.objects.exists()
        for post in ("duty", "centre"):
            holding.lift(actor=world.actor(post), incident_id=incident.pk, kind="family")
    press(browser(), link_of(recipient), "take")
    assert leg_of(world, incident).state == "paging"


def test_an_hour_after_the_end_there_is_nothing_here(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident, "medical")
    other = recipient_of(world, incident)
    path = link_of(recipient)
    press(client, path, "take")
    with use_tenant(world.school.pk):
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="merged")
        card = Card.objects.get()
        assert card.until is not None
        assert "这件事已经结束" in words_of(client.get(path))
        assert "这件事已经结束" in words_of(browser().get(link_of(other)))
        assert press(client, path, "done").status_code == 409
        Leg.objects.filter(incident=incident).update(since=chain_now() - timedelta(minutes=59))
    assert browser().get(link_of(other)).status_code == 200
    with use_tenant(world.school.pk):
        Leg.objects.filter(incident=incident).update(since=chain_now() - timedelta(minutes=61))
    for page in (client.get(path), client.post(path, {"act": "take"}), browser().get(link_of(other))):
        assert page.status_code == 404
        assert world.members["person"].name not in page.content.decode()


def test_whoever_is_never_to_be_told_finds_nothing_however_late_that_was_said(world: World, incident: Any) -> None:
    client, recipient = browser(), recipient_of(world, incident)
    press(client, link_of(recipient), "take")
    with use_tenant(world.school.pk):
        NeverContact.objects.create(person=world.members["person"], number_hash=bytes(recipient.target_hash))
    for page in (client.get(link_of(recipient)), client.post(link_of(recipient), {"act": "arrived"})):
        assert page.status_code == 404
    assert leg_of(world, incident).state == "acknowledged"


def test_forged_and_foreign_links_are_the_same_nothing(world: World, incident: Any, other_school: Any) -> None:
    recipient = recipient_of(world, incident)
    token = secrets.token_of(recipient.pk)
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for path in (
        f"/a/{flipped}/",
        "/a/x/",
        f"/a/{'A' * 27}/",
        f"/a/{token.lower()}/",
        f"/a/{token}x/",
        f"/a/{recipient.pk}/",
    ):
        for method in ("get", "post"):
            page = getattr(browser(), method)(path, {"act": "take"})
            assert page.status_code == 404, path
    for host in (world.school.host, other_school.host):
        for path in (f"/a/{token}/", "/a/"):
            assert browser(host).get(path).status_code == 404
            assert browser(host).post(path, {"act": "take"}).status_code == 404
    assert leg_of(world, incident).state == "paging"


def test_a_drill_has_no_link_no_code_and_no_card(world: World) -> None:
    drill = called(world, is_drill=True)
    with use_tenant(world.school.pk):
        rows = Recipient.objects.filter(leg__incident=drill)
        assert rows.exists()
        assert not rows.exclude(token_hash=None, code_hash=None).exists()
        leg = Leg.objects.get(incident=drill, kind="school")
        answering.acknowledge(actor=world.actor("duty"), incident_id=drill.pk, kind=leg.kind)
        assert not Card.objects.exists()


def test_a_signed_in_reader_is_nobody_here(world: World, incident: Any) -> None:
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["person"].user)
    assert client.get(link_of(recipient_of(world, incident))).status_code == 404
