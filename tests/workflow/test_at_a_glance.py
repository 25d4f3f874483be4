"""What is read at one glance: how grave an answer is, how much waits, and the next appointment before what is long."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from families.workflow import register_child
from notifications.drain import drain
from notifications.models import InboxMessage
from referrals.models import Voucher
from tests.fixtures_journey import Journey
from tests.workflow.apply_steps import always_asks
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def seen(journey: Journey, role: str, path: str) -> BeautifulSoup:
    client = Client(HTTP_HOST=journey.tenant.host, headers={"accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return BeautifulSoup(client.get(path).content.decode(), "html.parser")


def test_a_day_too_early_is_no_alarm_and_a_strange_code_is(journey: Journey) -> None:
    """Amber as for what was used already; red is for what somebody may have forged."""
    answer(journey, ask(journey))
    counter = Client(HTTP_HOST=journey.platform.host, headers={"accept-language": "zh-hans"})
    counter.force_login(journey.counter_user)
    for code, tone in ((Voucher.objects.get().code, "wait"), ("000000000000", "bad")):
        page = counter.post("/partner/scan/look/", {"code": code}, follow=True)
        result = BeautifulSoup(page.content.decode(), "html.parser").select_one(".result")
        assert result is not None
        assert result["class"] == ["result", tone]


def test_the_number_of_unread_messages_stands_on_the_tab(journey: Journey) -> None:
    always_asks(journey.tenant)
    ask(journey)
    drain()
    unread = InboxMessage.objects.filter(membership=journey.members["staff"], read_at=None).count()
    assert unread
    tab = seen(journey, "staff", "/my/").select_one('.tabs a[href="/my/messages/"] .count')
    assert tab is not None
    assert tab.text.split()[0].startswith(str(unread))
    InboxMessage.objects.update(read_at=journey.tenant.created_at + timedelta(1))
    assert seen(journey, "staff", "/my/").select_one('.tabs a[href="/my/messages/"] .count') is None


def test_one_line_of_what_the_school_pays_stands_above_the_next_appointment(journey: Journey) -> None:
    register_child(actor=journey.staff, name="小满", born=date(2020, 5, 1))
    answer(journey, ask(journey))
    page = seen(journey, "staff", "/my/")
    title = page.h1
    assert title is not None
    head = title.parent
    assert head is not None
    assert len(head.find_all("p", recursive=False)) == 1
    (more,) = head.find_all("details")
    assert more.find_all("li") and not more.has_attr("open")
    after = head.find_next("h2")
    assert after is not None
    assert after["id"] == "next"
