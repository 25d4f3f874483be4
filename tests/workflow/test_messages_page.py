"""消息: rows by day that open with one tap; what they are about is said to their owner and to nobody else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from kernel.clock import now
from notifications.drain import drain
from notifications.models import InboxMessage, OutboxMessage
from tests.fixtures_journey import Journey
from tests.workflow.apply_steps import always_asks
from tests.workflow.journey_steps import ask
from ui.templatetags.ui import school_day

pytestmark = pytest.mark.django_db


def browser(journey: Journey, role: str) -> Client:
    client = Client(HTTP_HOST=journey.tenant.host, headers={"accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def test_a_row_says_what_it_is_about_to_its_owner_and_its_mail_does_not(journey: Journey) -> None:
    always_asks(journey.tenant)
    ask(journey)
    drain()
    own = browser(journey, "staff").get("/my/messages/").content.decode()
    assert journey.counselling.name in own
    assert "快速离开" in own, "it names a service, so it can be left at once"
    office = browser(journey, "centre").get("/my/messages/").content.decode()
    assert "有一份申请等您处理" in office
    assert journey.counselling.name not in office.partition("<main")[2], "a list of names is opened by name"
    for row in OutboxMessage.objects.all():
        assert journey.counselling.name not in repr(row.context)


def test_another_persons_link_tells_nothing(journey: Journey) -> None:
    referral = ask(journey)
    drain()
    row = InboxMessage.objects.filter(membership=journey.members["staff"]).get()
    InboxMessage.objects.filter(pk=row.pk).update(membership=journey.members["staff2"])
    assert row.link == f"/my/referrals/{referral.pk}/"
    assert journey.counselling.name not in browser(journey, "staff2").get("/my/messages/").content.decode()


@pytest.mark.at_awkward_moments
def test_rows_stand_below_their_day(journey: Journey) -> None:
    for days in (1, 2):
        ask(journey, days=days)
    drain()
    first, second = InboxMessage.objects.filter(membership=journey.members["staff"]).order_by("pk")
    InboxMessage.objects.filter(pk=first.pk).update(created_at=now() - timedelta(days=3))
    first.refresh_from_db()
    page = browser(journey, "staff").get("/my/messages/").content.decode()
    days = re.findall(r'class="day-head">\s*([^<]+?)\s*<', page)
    with override("zh-hans"):
        assert days == [school_day(second.created_at), school_day(first.created_at)]


def test_one_tap_opens_and_marks_and_looking_marks_nothing(journey: Journey) -> None:
    referral = ask(journey)
    drain()
    client = browser(journey, "staff")
    client.get("/my/messages/")
    (row,) = InboxMessage.objects.filter(membership=journey.members["staff"])
    assert row.read_at is None
    assert client.post(f"/my/messages/{row.pk}/read/")["Location"] == f"/my/referrals/{referral.pk}/"
    row.refresh_from_db()
    assert row.read_at is not None
