"""Outbox, drain, inbox, preferences: what is written, sent once, shown and chosen."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Membership
from kernel.errors import Invalid, NotFound
from notifications import inbox, outbox
from notifications.channels import SendFailed
from notifications.drain import LEASE, MAX_TRIES, back_off, claim, drain
from notifications.drain import _put_back as put_back
from notifications.models import InboxMessage, OutboxMessage
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person


@pytest.fixture
def person(school: Any) -> Iterator[Membership]:
    with use_tenant(school.id):
        yield make_person(school)


def enqueue(person: Any, key: str = "k1", template: str = "booking_confirmed", **more: Any) -> None:
    with transaction.atomic():
        outbox.enqueue(key=key, template=template, to=person, **more)


def test_the_same_key_twice_is_one_row_and_one_message(person: Membership) -> None:
    enqueue(person)
    enqueue(person)
    assert OutboxMessage.objects.count() == 1
    assert drain() == 1
    assert drain() == 0
    assert InboxMessage.objects.get().membership_id == person.pk
    assert OutboxMessage.objects.get().state == "sent"


def test_an_act_that_fails_tells_nobody(person: Membership) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue(key="k1", template="booking_confirmed", to=person)
        raise ZeroDivisionError
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"template": "no_such_template"},
        {"context": {"name": "李明华"}},
        {"link": "https://elsewhere.example/"},
        {"link": "//elsewhere.example/"},
        {"channels": ["pigeon"]},
    ],
)
def test_what_may_not_leave_is_refused_when_it_is_written(person: Membership, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        enqueue(person, **wrong)
    assert OutboxMessage.objects.count() == 0


def test_mail_is_neutral_in_the_readers_language_and_carries_its_key(person: Membership) -> None:
    person.user.language = "en"
    person.user.save()
    enqueue(person, channels=["email"], link="/my/", context={"number": "YC-1"})
    drain()
    (sent,) = mail.outbox
    assert sent.subject == "Your appointment is confirmed"
    assert "Reference: YC-1" in sent.body
    assert person.tenant.host in sent.body
    assert str(OutboxMessage.objects.get().pk) in sent.extra_headers["Message-ID"]


def test_preferences_add_channels_and_account_matters_always_go_by_mail(person: Membership) -> None:
    actor = actor_of(person)
    inbox.set_preferences(actor=actor, chosen={"appointments": ["email"]})
    assert outbox.channels_for(person, "booking_confirmed") == ["in_app", "email"]
    assert outbox.channels_for(person, "voucher_expired") == ["in_app"]
    assert outbox.channels_for(person, "account_created") == ["email"]
    assert outbox.channels_for(person.user, "offer_new") == ["email"]
    for chosen in ({"appointments": ["pigeon"]}, {"account": ["email"]}, {"appointments": ["wecom"]}):
        with pytest.raises(Invalid, match="preference_unknown"):
            inbox.set_preferences(actor=actor, chosen=chosen)
    assert inbox.preferences(actor)["appointments"] == ["email"]


def test_a_failing_channel_is_tried_eight_times_with_growing_waits_and_then_given_up(
    person: Membership, settings: Any
) -> None:
    settings.GATEWAY_URL = "http://127.0.0.1:1/"
    enqueue(person, channels=["gateway"])
    for tries in range(1, MAX_TRIES + 1):
        assert drain() == 0
        row = OutboxMessage.objects.get()
        assert row.attempts == tries
        assert row.state == ("dead" if tries == MAX_TRIES else "failed")
        assert row.last_error == "gateway_unreachable"
        assert drain() == 0  # not due yet
        assert OutboxMessage.objects.get().attempts == tries
        OutboxMessage.objects.update(next_at=Now())
    assert drain() == 0
    assert OutboxMessage.objects.get().attempts == MAX_TRIES
    assert [back_off(n).seconds for n in (1, 2, 7)] == [10, 20, 640]


def test_a_recipient_without_an_address_is_given_up_at_once(person: Membership) -> None:
    person.user.email = None
    person.user.save()
    enqueue(person, channels=["email"])
    drain()
    row = OutboxMessage.objects.get()
    assert (row.state, row.last_error, row.attempts) == ("dead", "no_address", 1)
    assert mail.outbox == []


def test_who_is_gone_is_written_to_no_more(person: Membership) -> None:
    enqueue(person, channels=["email"], template="offer_expired")
    person.user.is_active = False
    person.user.save()
    drain()
    row = OutboxMessage.objects.get()
    assert (row.state, row.last_error, row.attempts) == ("dead", "recipient_gone", 1)
    assert mail.outbox == []


def test_all_read_is_said_of_ones_own_messages_only(person: Membership, school: Any) -> None:
    other = make_person(school)
    for key, who in (("a", person), ("b", person), ("c", other)):
        enqueue(who, key=key)
    drain()
    assert inbox.mark_all_read(actor=actor_of(person)) == 2
    assert (inbox.unread_up_to(10, actor_of(person)), inbox.unread_up_to(10, actor_of(other))) == (0, 1)


def test_an_address_is_sealed_at_rest(person: Membership) -> None:
    enqueue(person, channels=["email"], address="someone@else.example")
    row = OutboxMessage.objects.get()
    assert b"someone" not in bytes(row.to_address_sealed)
    drain()
    assert mail.outbox[0].to == ["someone@else.example"]


def test_a_claimed_message_is_nobody_elses_until_its_lease_ends(person: Membership) -> None:
    enqueue(person)
    (first,) = claim([OutboxMessage.objects.get().pk], LEASE)
    assert drain() == 0
    OutboxMessage.objects.update(next_at=Now() - timedelta(seconds=1))
    assert drain() == 1
    row = OutboxMessage.objects.get()
    assert (row.state, row.attempts, first.attempts) == ("sent", 2, 1)
    assert InboxMessage.objects.count() == 1


def test_a_message_whose_workers_keep_dying_is_given_up_unsent(person: Membership) -> None:
    """Each of them may have sent it: the ninth would write to the person a ninth time."""
    enqueue(person, channels=["email"])
    over = Now() - timedelta(seconds=1)
    OutboxMessage.objects.update(state="claimed", attempts=MAX_TRIES, next_at=over, claimed_until=over)
    assert drain() == 0
    row = OutboxMessage.objects.get()
    assert (row.state, row.last_error, mail.outbox) == ("dead", "lease_lost", [])


def test_who_lost_the_lease_does_not_say_how_it_went(person: Membership) -> None:
    enqueue(person)
    (late,) = claim([OutboxMessage.objects.get().pk], LEASE)
    OutboxMessage.objects.update(next_at=Now() - timedelta(seconds=1))
    assert drain() == 1
    sent = OutboxMessage.objects.values().get()
    for answer in (SendFailed("mail"), SendFailed("no_address", final=True)):
        put_back(late, answer)
        assert OutboxMessage.objects.values().get() == sent


def test_one_schools_drain_leaves_the_others_rows_where_they_belong(person: Membership, other_school: Any) -> None:
    with use_tenant(other_school.id):
        enqueue(make_person(other_school))
    enqueue(person)
    assert drain() == 2
    assert InboxMessage.objects.count() == 1
    with use_tenant(other_school.id):
        assert InboxMessage.objects.count() == 1


def test_reading_is_the_owners_alone(person: Membership, school: Any) -> None:
    enqueue(person, link="/my/")
    drain()
    mine, other = actor_of(person), actor_of(make_person(school))
    message = InboxMessage.objects.get()
    with pytest.raises(NotFound):
        inbox.mark_read(actor=other, message_id=message.pk)
    assert (inbox.unread_up_to(10, mine), inbox.unread_up_to(10, other)) == (1, 0)
    assert inbox.mark_read(actor=mine, message_id=message.pk) == "/my/"
    assert inbox.unread_up_to(10, mine) == 0
    assert inbox.mark_all_read(actor=mine) == 0


def test_pages_list_filter_and_mark(person: Membership, school: Any, client: Any) -> None:
    enqueue(person)
    drain()
    client.force_login(person.user)
    host = {"headers": {"host": school.host}}
    page = client.get("/my/messages/", **host)
    assert page.status_code == 200
    assert "预约已确认" in page.content.decode()
    assert InboxMessage.objects.get().read_at is None
    assert client.get(f"/my/messages/{InboxMessage.objects.get().pk}/read/", **host).status_code == 302
    assert client.post(f"/my/messages/{InboxMessage.objects.get().pk}/read/", **host).status_code == 302
    assert InboxMessage.objects.get().read_at is not None
    assert "预约已确认" not in client.get("/my/messages/?unread=1", **host).content.decode()
    assert client.get("/my/messages/preferences/", **host).status_code == 200
    assert client.post("/my/messages/preferences/", {"vouchers": ["email"]}, **host).status_code == 302
    assert inbox.preferences(actor_of(person))["vouchers"] == ["email"]
    stranger = make_person(school)
    client.force_login(stranger.user)
    assert client.post(f"/my/messages/{InboxMessage.objects.get().pk}/read/", **host).status_code == 404


def test_the_tab_says_how_many_wait_and_stops_counting(person: Membership, school: Any, client: Any) -> None:
    client.force_login(person.user)
    host = {"headers": {"host": school.host}}

    def told() -> str | None:
        found = re.search(r'class="count num">\s*([\d+]+)', client.get("/my/messages/", **host).content.decode())
        return found and found[1]

    assert told() is None
    for number in range(3):
        enqueue(person, key=f"one-{number}")
    drain()
    assert told() == "3"
    for number in range(12):
        enqueue(person, key=f"many-{number}")
    drain()
    assert told() == "9+"
    inbox.mark_all_read(actor=actor_of(person))
    assert told() is None
