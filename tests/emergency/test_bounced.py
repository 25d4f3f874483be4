"""A contact's number to which no provider sends is marked by the engine: once, for that person, and in no drill."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.clock import now
from notifications.models import OutboxMessage
from notifications.providers.ports import Outcome, Trouble, failed
from referrals.emergency.engine.queue import Tried, settle_all
from referrals.emergency.engine.send import claim
from referrals.emergency.models import Contact, Delivery, Leg
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import agreed, called, member_of, somebody
from tests.emergency.incident_rows import delivery_row, incident_row, leg_row, recipient_row
from tests.emergency.sending_steps import page_row, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]


@pytest.fixture
def here(school: Tenant) -> Iterator[Tenant]:
    with use_tenant(school.pk):
        yield school


def family(actor: Any, **values: Any) -> Leg:
    """The family's leg of an incident about the actor."""
    return leg_row(incident_row(member_of(actor), **values), kind="family")


def pages(leg: Leg, made: Contact, **values: Any) -> tuple[Delivery, Delivery]:
    """A text and a call to the contact's number."""
    number = made.relative.phone
    text, call = (page_row(leg, number, channel=channel, **values) for channel in ("sms", "voice"))
    return text, call


def end(page: Delivery, outcome: Outcome) -> None:
    """The engine takes the page, and this is how it went."""
    (taken,) = claim([page.pk])
    settle_all([(taken.page, Tried(outcome, "aliyun"))])


NO_NUMBER = failed(Trouble.NUMBER)


def faults() -> list[str]:
    return list(Contact.objects.order_by("person_id", "rank").values_list("fault", flat=True))


def test_a_number_that_nobody_sends_to_is_marked_and_the_person_told_once(here: Tenant) -> None:
    actor, other = somebody(here), somebody(here)
    made, _token = agreed(actor)
    theirs, _token = agreed(other)  # the same number, somebody else's contact
    leg = family(actor)
    text, call = pages(leg, made)
    end(text, NO_NUMBER)
    assert faults() == ["", ""], "the call still waits, and may ring"
    end(call, NO_NUMBER)
    assert state(call) == ("failed", "aliyun", "bad_number")
    made.refresh_from_db()
    theirs.refresh_from_db()
    assert (made.fault, theirs.fault) == ("bounced", "")
    assert called(actor) == []
    assert len(called(other)) == 1
    for page in pages(leg, made):
        end(page, NO_NUMBER)
    told = OutboxMessage.objects.filter(template="contact_number_fails")
    assert list(told.values_list("to_user", flat=True)) == [actor.user_id]
    assert AuditEntry.objects.filter(action="contact.fault").count() == 1


@pytest.mark.parametrize("how", [Trouble.NOT_REACHED, Trouble.TEMPLATE])
def test_a_call_that_failed_for_another_reason_leaves_the_number_good(here: Tenant, how: Trouble) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    text, call = pages(family(actor), made)
    end(call, failed(how))
    end(text, NO_NUMBER)
    assert state(text)[2] == "bad_number"
    assert faults() == [""]


def test_nothing_is_marked_in_a_drill(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    recipient = recipient_row(
        family(actor, is_drill=True), target_hash=bytes(made.number_hash), member=member_of(somebody(here))
    )
    page = delivery_row(recipient, channel="in_app", due_at=now() - timedelta(seconds=1))
    end(page, NO_NUMBER)
    assert state(page)[2] == "bad_number"
    assert faults() == [""]


def test_a_colleague_with_the_same_number_says_nothing_of_the_contact(here: Tenant) -> None:
    actor, colleague = somebody(here), somebody(here)
    made, _token = agreed(actor)
    for page in pages(family(actor), made, member=member_of(colleague)):
        end(page, NO_NUMBER)
    assert faults() == [""]


def test_a_number_that_was_changed_meanwhile_is_not_marked(here: Tenant) -> None:
    actor = somebody(here)
    made, _token = agreed(actor)
    both = pages(family(actor), made)
    Contact.objects.filter(pk=made.pk).update(number_hash=b"y" * 32)
    for page in both:
        end(page, NO_NUMBER)
    assert faults() == [""]
