"""The link and the code of an old message: what a family finds there after the end, and after it was opened again (chain §4, §8)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import now
from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Card, Incident, Leg, Recipient, WatchTask
from referrals.emergency.tasks import end_what_is_over
from referrals.emergency.workflow import ending, grading
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import LAST, browser, called, leg_of, link_of, press, recipient_of, words_of
from tests.emergency.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
CLOSED = "这个链接已经关闭"


@pytest.fixture
def incident(world: World) -> Any:
    """The family has answered, and it has ended."""
    opened = called(world)
    press(browser(), link_of(recipient_of(world, opened)), "take")
    ended(world, opened)
    return opened


def ended(world: World, incident: Any) -> None:
    with use_tenant(world.school.pk):
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="died")
        owed = WatchTask.objects.filter(incident=incident, done_at=None)
        owed.update(done_at=now(), done_by=world.members["centre"], next_at=None)


def days_pass(world: World, incident: Any, days: int) -> None:
    with use_tenant(world.school.pk):
        ago = timedelta(days=days)
        for one in Incident.objects.filter(pk=incident.pk, closed_at__isnull=False):
            Incident.objects.filter(pk=one.pk).update(closed_at=one.closed_at - ago)
        for leg in Leg.objects.filter(incident=incident):
            Leg.objects.filter(pk=leg.pk).update(since=leg.since - ago)
        for card in Card.objects.filter(recipient__leg__incident=incident, until__isnull=False):
            Card.objects.filter(pk=card.pk).update(until=card.until - ago)


def bare(page: Any) -> str:
    """The page without what differs with every answer."""
    return re.sub(r' (nonce|data-answers)="[^"]*"', "", page.content.decode())


def test_a_link_that_is_over_says_so_and_looks_like_one_that_never_was(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    path, code = link_of(recipient), secrets.code_of(recipient.pk)
    days_pass(world, incident, 2)
    over = browser().get(path)
    assert over.status_code == 404 and CLOSED in words_of(over)
    assert "会有新的短信或电话" in words_of(over) and "请打短信里的电话" in words_of(over)
    never = browser().get(f"/a/{'A' * 27}/")
    days_pass(world, incident, 29)
    with use_tenant(world.school.pk):
        assert end_what_is_over() >= 1
        assert not Recipient.objects.filter(leg__incident=incident, token_hash__isnull=False).exists()
        assert not Card.objects.exists(), "no key holds the card back"
    assert bare(over) == bare(never) == bare(browser().get(path)) == bare(browser().post(path, {"act": "take"}))
    typed = browser().post("/a/", {"code": code, "digits": LAST["family"]})
    assert "或者这件事已经结束" in words_of(typed)


def test_after_it_was_opened_again_the_old_link_is_closed_and_the_new_message_counts(
    world: World, incident: Any
) -> None:
    """Opened again on the 29th day; more than thirty days after the first end the family is called once more."""
    old = recipient_of(world, incident)
    days_pass(world, incident, 29)
    with use_tenant(world.school.pk):
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    days_pass(world, incident, 16)
    with use_tenant(world.school.pk):
        end_what_is_over()
        assert Recipient.objects.filter(leg__incident=incident, address_sealed__isnull=False).exists(), "it goes on"
    assert CLOSED in words_of(browser().get(link_of(old)))
    with use_tenant(world.school.pk):
        assert grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="family", agreed_how="")
        decide_school()
    new = recipient_of(world, incident)
    assert new.pk != old.pk
    was_old = words_of(browser().get(link_of(old)))
    assert CLOSED not in was_old and "新的短信" in was_old, (
        "the message that they still have says that a newer one counts"
    )
    press(browser(), link_of(old), "take")
    assert leg_of(world, incident).state == "paging", "what was meant then answers for nothing now"
    client = browser()
    press(client, link_of(new), "take")
    assert leg_of(world, incident).taken_by_id == new.pk
    assert "您已接下" in words_of(client.get(link_of(new)))
    ended(world, incident)
    days_pass(world, incident, 31)
    with use_tenant(world.school.pk):
        end_what_is_over()
        again = Incident.objects.get(pk=incident.pk)
        assert again.addresses_gone_at is not None
        rows = Recipient.objects.filter(leg__incident=incident)
        assert not rows.exclude(address_sealed=None, token_hash=None, code_hash=None).exists()
        assert Leg.objects.get(incident=incident, kind="family").taken_by_id == new.pk, "that somebody came stays"
    for recipient in (old, new):
        assert CLOSED in words_of(browser().get(link_of(recipient)))


def test_what_was_opened_twice_is_forgotten_whole_when_its_time_is_over(world: World, incident: Any) -> None:
    days_pass(world, incident, 29)
    with use_tenant(world.school.pk):
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    ended(world, incident)
    days_pass(world, incident, 31)
    with use_tenant(world.school.pk):
        end_what_is_over()
    days_pass(world, incident, 4 * 366)
    with use_tenant(world.school.pk):
        end_what_is_over()
        assert Incident.objects.get(pk=incident.pk).erased_at is not None
