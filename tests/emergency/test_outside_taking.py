"""Pressed keys, replies and receipts that a provider hands in: they count by their reference alone (chain §4, §5)."""

from typing import Any

import pytest

from accounts.models import Membership
from kernel.clock import now
from kernel.errors import NotFound
from notifications.answers import Answer, AnswerKind, Source, take_answer
from notifications.receipts import take_receipt
from referrals.emergency import secrets
from referrals.emergency.models import Card, Contact, Delivery, Leg, NeverContact, Recipient, Timeline
from referrals.emergency.outside.finding import codes_in
from referrals.emergency.workflow import ending, holding
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.moving import words_of as timeline_words
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import called, leg_of, recipient_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


@pytest.fixture
def incident(world: World) -> Any:
    return called(world)


def reference_of(world: World, recipient: Recipient, channel: str = "voice") -> str:
    with use_tenant(world.school.pk):
        return secrets.reference_of(Delivery.objects.filter(recipient=recipient, channel=channel).latest("pk").pk)


def say(world: World, key: str, value: str, kind: str = "key", host: Any = None, **values: Any) -> None:
    answer = Answer(key, AnswerKind(kind), value, now(), Source.GATEWAY, **values)
    take_answer(answer, host=host or world.school)


def answer_of(world: World, recipient: Recipient) -> str:
    with use_tenant(world.school.pk):
        return str(Recipient.objects.get(pk=recipient.pk).answer)


@pytest.mark.parametrize(
    ("kind", "value"), [("key", "1"), ("key", "1#"), ("reply", "1"), ("reply", "１。"), ("button", "1")]
)
def test_one_is_yes(world: World, incident: Any, kind: str, value: str) -> None:
    recipient = recipient_of(world, incident)
    for _ in range(2):
        say(world, reference_of(world, recipient), value, kind)
    leg = leg_of(world, incident)
    assert (leg.state, leg.taken_by_id, leg.epoch) == ("acknowledged", recipient.pk, 2)
    with use_tenant(world.school.pk):
        assert Card.objects.filter(recipient=recipient).count() == 1
        assert Timeline.objects.filter(code="leg.acknowledge").count() == 1


def test_two_is_no_and_the_next_is_called(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    say(world, reference_of(world, recipient), "2")
    assert answer_of(world, recipient) == "declined"
    assert leg_of(world, incident).next_at <= chain_now()


@pytest.mark.parametrize("value", ["9", "打错了", "您打错了，我不认识"])
def test_nine_or_the_words_are_a_wrong_number(world: World, incident: Any, value: str) -> None:
    recipient = recipient_of(world, incident)
    say(world, reference_of(world, recipient), value, "key" if value == "9" else "reply")
    assert answer_of(world, recipient) == "wrong_number"
    with use_tenant(world.school.pk):
        assert Contact.objects.get(pk=world.contacts["wife"].pk).fault == "wrong"


@pytest.mark.parametrize(
    ("kind", "value"), [("reply", "我在路上"), ("key", "5"), ("key", "*"), ("reply", "11"), ("reply", "1点到")]
)
def test_anything_else_is_kept_and_acknowledges_nothing(world: World, incident: Any, kind: str, value: str) -> None:
    recipient = recipient_of(world, incident)
    say(world, reference_of(world, recipient), value, kind)
    assert leg_of(world, incident).state == "paging"
    with use_tenant(world.school.pk):
        row = Timeline.objects.get(code="outside.said")
        assert timeline_words(incident, row) == value
        assert value not in str(row.facts)


def test_a_key_pressed_on_a_notice_takes_nothing(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    reference = reference_of(world, recipient)
    with use_tenant(world.school.pk):
        Delivery.objects.filter(recipient=recipient).update(text="emergency_stood_down")
    for value in ("1", "2", "9"):
        say(world, reference, value)
    with use_tenant(world.school.pk):
        assert Recipient.objects.get(pk=recipient.pk).answer == ""
        assert Timeline.objects.filter(code="outside.said").count() == 3, "kept for whoever is on duty to read"
    assert leg_of(world, incident).state == "paging"


def test_no_after_yes_lets_the_next_one_be_called(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    key = reference_of(world, recipient)
    say(world, key, "1")
    say(world, key, "2")
    leg = leg_of(world, incident)
    assert (leg.state, leg.taken_by_id) == ("paging", None)
    say(world, key, "1")
    assert leg_of(world, incident).state == "paging"


def test_a_code_in_a_reply_is_a_yes_of_its_recipient(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    code = secrets.code_of(recipient.pk)
    say(world, "from the line", f"{code[:3]} {code[3:6]} {code[6:]}", "reply", host=platform_tenant())
    assert leg_of(world, incident).taken_by_id == recipient.pk


def test_a_code_with_a_two_is_a_no(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    say(world, "x", f"{secrets.code_of(recipient.pk)} 2", "reply")
    assert answer_of(world, recipient) == "declined"


def test_nine_digits_of_a_longer_number_are_no_code(world: World, incident: Any) -> None:
    code = secrets.code_of(recipient_of(world, incident, "family").pk)
    assert codes_in(f"编号{code}。") == [code]
    for number in (f"1{code}", f"{code}1", f"+86{code}", f"0571{code}"):
        assert codes_in(f"回电 {number}") == [], number


def test_a_code_that_two_have_counts_for_neither(world: World, incident: Any) -> None:
    one, other = recipient_of(world, incident), recipient_of(world, incident, "medical")
    code = secrets.code_of(one.pk)
    with use_tenant(world.school.pk):
        Recipient.objects.filter(pk=other.pk).update(code_hash=secrets.code_hash(code))
    with pytest.raises(NotFound):
        say(world, "", f"1 {code}", "reply", is_signed=True)
    assert [answer_of(world, row) for row in (one, other)] == ["", ""]


def test_without_a_signature_a_code_leaves_a_note_and_takes_nothing(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    say(world, "x", secrets.code_of(recipient.pk), "reply", is_signed=False)
    assert (leg_of(world, incident).state, answer_of(world, recipient)) == ("paging", "")
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="outside.said").exists()
    say(world, reference_of(world, recipient), "1", is_signed=False)
    assert leg_of(world, incident).state == "acknowledged", "the reference is known to provider and house alone"


def test_the_code_of_somebody_else_counts_for_nobody(world: World, incident: Any) -> None:
    family, medical = recipient_of(world, incident), recipient_of(world, incident, "medical")
    with pytest.raises(NotFound):
        say(world, reference_of(world, family), secrets.code_of(medical.pk), "reply")
    for leg in ("family", "medical"):
        assert leg_of(world, incident, leg).state == "paging"


def test_what_is_unknown_foreign_or_over_is_the_same_nothing(world: World, incident: Any, other_school: Any) -> None:
    recipient = recipient_of(world, incident)
    key, code = reference_of(world, recipient), secrets.code_of(recipient.pk)
    forged = key[:-1] + ("0" if key[-1] != "0" else "1")
    with use_tenant(world.school.pk):
        delivery = Delivery.objects.filter(recipient=recipient)[0]
    for host, wrong, value, kind in (
        (world.school, forged, "1", "key"), (world.school, "", "1", "key"), (world.school, key.upper() + "0", "1", "key"),
        (world.school, str(delivery.pk), "1", "key"), (world.school, delivery.key, "1", "key"),
        (other_school, key, "1", "key"), (other_school, "x", code, "reply"), (world.school, code, "1", "key"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            say(world, wrong, value, kind, host=host)
    assert leg_of(world, incident).state == "paging"
    with use_tenant(world.school.pk):
        for post in ("centre", "deputy"):
            ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="merged")
        Leg.objects.filter(incident=incident).update(since=chain_now().replace(year=2020))
    for value in ("1", "我在路上"):
        with pytest.raises(NotFound):
            say(world, key, value, "reply")


def test_a_key_pressed_after_a_hold_or_for_the_excluded_takes_nothing(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    key = reference_of(world, recipient)
    with use_tenant(world.school.pk):
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    say(world, key, "1")
    assert leg_of(world, incident).state == "held"
    with use_tenant(world.school.pk):
        assert not Card.objects.exists()
        NeverContact.objects.create(person=world.members["person"], number_hash=bytes(recipient.target_hash))
    with pytest.raises(NotFound):
        say(world, key, "1")


def test_a_colleague_who_presses_a_key_is_the_owner(world: World, incident: Any) -> None:
    with use_tenant(world.school.pk):
        recipient = Recipient.objects.get(leg__incident=incident, role="on_duty:1")
    say(world, reference_of(world, recipient), "1")
    leg = leg_of(world, incident, "school")
    assert (leg.state, leg.owner_id) == ("acknowledged", world.members["duty"].pk)
    with use_tenant(world.school.pk):
        assert not Card.objects.exists()


def test_a_colleague_who_has_left_is_nobody(world: World, incident: Any) -> None:
    with use_tenant(world.school.pk):
        recipient = Recipient.objects.get(leg__incident=incident, role="on_duty:1")
        Membership.objects.filter(pk=world.members["duty"].pk).update(left_on="2020-01-01")
    with pytest.raises(NotFound):
        say(world, reference_of(world, recipient), "1")
    assert leg_of(world, incident, "school").state == "paging"


def test_a_receipt_is_kept_and_is_no_answer(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident)
    key = reference_of(world, recipient, "sms")
    for said in ("delivered", "read", "delivered", "failed"):
        take_receipt(key=key, said=said, at=now(), host=world.school)
    with use_tenant(world.school.pk):
        delivery = Delivery.objects.get(recipient=recipient, channel="sms")
        assert delivery.receipt == "read", "what says less than is known changes nothing"
    assert (leg_of(world, incident).state, answer_of(world, recipient)) == ("paging", "")


def test_a_receipt_that_it_failed_brings_the_next_way(world: World, incident: Any) -> None:
    recipient = recipient_of(world, incident, "medical")
    with use_tenant(world.school.pk):
        Delivery.objects.filter(recipient=recipient, channel="sms").update(state="sent")
        assert Delivery.objects.filter(recipient=recipient, channel="voice", due_at__gt=chain_now()).exists()
    take_receipt(key=reference_of(world, recipient, "sms"), said="failed", at=now(), host=platform_tenant())
    with use_tenant(world.school.pk):
        assert Delivery.objects.get(recipient=recipient, channel="sms").state == "failed"
        calls = Delivery.objects.filter(recipient=recipient, channel="voice").order_by("due_at")
        assert [call.due_at <= chain_now() for call in calls] == [True, False], "the repeated call stays a repeated one"


def test_a_receipt_of_an_unknown_or_foreign_page_is_nothing(world: World, incident: Any, other_school: Any) -> None:
    key = reference_of(world, recipient_of(world, incident), "sms")
    for host, wrong in ((other_school, key), (world.school, "0" * 32), (world.school, "x")):
        with pytest.raises(NotFound):
            take_receipt(key=wrong, said="delivered", at=now(), host=host)
    with use_tenant(world.school.pk):
        assert not Delivery.objects.exclude(receipt="").exists()
