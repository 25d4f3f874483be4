"""Nobody takes an extreme incident for 25 minutes: how often each person's telephone rings (chain §3, §5)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery, Recipient
from referrals.emergency.rules.folding import WITHIN, Wants, wants_of
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.world import PHONES, World
from tests.gateway import Gateway, open_gateway

pytestmark = pytest.mark.django_db

STEP = timedelta(seconds=10)
LONG = timedelta(minutes=25)
CARRIED = ("sms", "voice", "email")
POSTS = ("centre", "principal", "moral", "doctor")


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def nobody_answers(length: timedelta = LONG) -> None:
    """The engine works, and nobody takes anything."""
    ahead = timedelta()
    while ahead <= length:
        with chain_ahead(ahead):
            while decide_incidents() + decide_school():
                pass
            for channel in ("in_app", *CARRIED):
                while send_due(channel):
                    pass
        ahead += STEP


def left() -> Mapping[tuple[str, str], list[Delivery]]:
    """Who, by which channel → what left to them, in its order."""
    names = {number: name for name, number in PHONES.items()}
    found = defaultdict(list)
    for page in Delivery.objects.filter(channel__in=CARRIED, state="sent").order_by("tried_at", "pk"):
        found[names.get(page.recipient.address, "operator"), page.channel].append(page)
    return found


def after(one: Delivery, page: Delivery) -> timedelta:
    """How long ``page`` left after ``one``: those of one round left together. A day for one that left later."""
    assert one.tried_at is not None and page.tried_at is not None
    long = page.tried_at - one.tried_at
    return long if long > -timedelta(seconds=1) else timedelta(days=1)


def counted(**values: Any) -> Counter[tuple[str, str]]:
    """(channel, state) → how many pages of one post's number."""
    return Counter(Delivery.objects.filter(**values).values_list("channel", "state"))


def test_one_persons_telephone_rings_once_a_minute_and_all_of_it_stands_in_the_house(
    world: World, gateway: Gateway
) -> None:
    world.open()
    nobody_answers()
    for post in POSTS:
        pages = counted(recipient__member=world.members[post])
        asked = {channel: pages[channel, "sent"] + pages[channel, "folded"] for channel in CARRIED}
        assert asked["sms"] >= 20 and asked["voice"] >= 38, (post, asked)
        assert pages["sms", "sent"] < asked["sms"] and pages["email", "sent"] < asked["email"], (post, pages)
        assert pages["voice", "sent"] <= 24, (post, pages)
        assert pages["in_app", "sent"] == asked["sms"], "in the house nothing is folded"
    for (who, channel), pages in left().items():
        for number, page in enumerate(pages):
            others = [one for one in pages if one.pk != page.pk and after(one, page) < WITHIN]
            before = [one for one in pages[:number] if (one.leg_id, one.text) == (page.leg_id, page.text)]
            is_told_by_it_alone = wants_of(page.text) is Wants.ALONE or not before
            assert is_told_by_it_alone or not others, (who, channel, page.text, [one.text for one in others])
    carried = sum(len(pages) for (_who, channel), pages in left().items() if channel != "email")
    assert len(gateway.taken) == carried
    assert len(mail.outbox) == sum(len(pages) for (_who, channel), pages in left().items() if channel == "email")


def test_no_leg_waits_longer_for_anybody_because_another_was_told_with_it(world: World, gateway: Gateway) -> None:
    """Who is called by which step and when is the same; each of them was reached by each channel that they have."""
    world.open()
    nobody_answers(timedelta(minutes=10))
    late = timedelta(minutes=6)
    for recipient in Recipient.objects.filter(paged_at__lt=Recipient.objects.earliest("paged_at").paged_at + late):
        pages = counted(recipient=recipient)
        assert {state for _channel, state in pages} <= {"sent", "folded"}, (recipient.role, pages)
    for page in Delivery.objects.filter(state="folded").select_related("folded_into__recipient", "recipient"):
        into = page.folded_into
        assert into is not None and into.state == "sent" and into.channel == page.channel
        assert bytes(into.recipient.target_hash) == bytes(page.recipient.target_hash)
        assert into.tried_at is not None and abs(into.tried_at - page.due_at) <= WITHIN + STEP
