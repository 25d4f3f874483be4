"""Which message somebody who has left gets: none names a page that they cannot open (ADR 0046)."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import Membership
from notifications.drain import drain
from notifications.models import OutboxMessage
from notifications.texts import Topic, made_links, texts
from referrals.due import run_due
from referrals.roads import WITH_LINK, for_leaver
from referrals.workflow.notices import person_rows, tell_person
from tests.fixtures_journey import Journey
from tests.tree import ROOT
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db

NAMES_A_PAGE = re.compile(
    r"打开|登录|申请页|预约页|页面上|重新申请|再申请|再选|\bopen\b|sign in|\bpage\b|apply again|apply anew|choose another",
    re.IGNORECASE,
)
TO_OTHERS = {"child_place_offered", "seat_offered"}
"""Sent to a guardian who works here, and to who waits for a seat: a list that a leaver is not in."""


def told_to_people() -> Iterator[str]:
    """Every message about requests, appointments and vouchers that a writer of referrals names."""
    for path in sorted((ROOT / "referrals" / "workflow").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in texts()):
                continue
            if texts()[node.value].topic not in (Topic.WORK, Topic.ACCOUNT):
                yield node.value


def test_no_message_to_who_has_left_names_a_page_that_is_shut() -> None:
    found = set(told_to_people()) - TO_OTHERS
    assert len(found) > 30, "they are found"
    wrong = set()
    for template in found:
        road = for_leaver(template)
        if road is None or road in WITH_LINK:
            continue
        said = texts()[road]
        if any(NAMES_A_PAGE.search(part) for part in (*said.zh, *said.en)):
            wrong.add((template, road))
    assert not wrong


def test_what_carries_the_link_is_made_when_it_is_sent() -> None:
    assert set(WITH_LINK) < set(made_links())
    for template in WITH_LINK:
        assert texts()[template].topic is Topic.ACCOUNT, "whatever they chose, it goes by e-mail"


@pytest.mark.parametrize(
    ("template", "road"),
    [
        ("booking_moved", "leaver_news"),
        ("booking_cancelled_by_agency", "leaver_off"),
        ("agency_paused_move", "leaver_off"),
        ("voucher_upheld", "leaver_upheld"),
        ("booking_decided", "leaver_decided"),
        ("use_corrected", "leaver_decided"),
        ("voucher_reversed", "voucher_reversed"),
        ("was_it_solved", None),
    ],
)
def test_by_mail_alone_and_in_other_words(journey: Journey, template: str, road: str | None) -> None:
    referral = ask(journey, days=5)
    answer(journey, referral)
    member = journey.members["staff"]
    Membership.objects.filter(pk=member.pk).update(left_on=journey.tenant.today() - timedelta(days=1))
    run_due()
    drain()
    OutboxMessage.objects.all().delete()
    mail.outbox.clear()
    with transaction.atomic():
        tell_person(referral, template)
    sent = list(OutboxMessage.objects.values_list("template", "channel", "link"))
    assert sent == ([(road, "email", "")] if road else [])
    rows = person_rows(referral, template, member.user_id, ["sms"], has_left=True)
    assert [(row.template, row.channel, row.link) for row in rows] == sent
    drain()
    for letter in mail.outbox:
        assert ("/left/" in letter.body) is (road in WITH_LINK)
        assert "/my/" not in letter.body


def test_whoever_is_still_here_reads_what_was_meant(journey: Journey) -> None:
    referral = ask(journey, days=5)
    OutboxMessage.objects.all().delete()
    Membership.objects.filter(pk=journey.members["staff"].pk).update(left_on=journey.tenant.today())
    with transaction.atomic():
        tell_person(referral, "voucher_upheld")
    assert set(OutboxMessage.objects.values_list("template", flat=True)) == {"voucher_upheld"}
