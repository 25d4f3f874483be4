"""A place that was kept for somebody when the agency closed, or when whoever it is with went away: nothing is agreed on for
a time at which nobody is there (books §4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.errors import Conflict, DomainError
from notifications.models import OutboxMessage
from partners.calendars.resource_workflow import be_absent
from partners.calendars.workflow import close
from partners.models import Absence, Closure, Resource
from referrals.due import run_due
from referrals.models import Booking, Referral, Reschedule, TimeHold, WaitingEntry
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule
from referrals.workflow.submitting import approve_referral
from referrals.workflow.waiting_list import accept_and_send, accept_seat
from seats import places
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked, even
from tests.workflow.test_instant import hold
from tests.workflow.test_instant import send as send_draft
from tests.workflow.test_waiting_list import SESSION, draft_of, fill, group, join, start_in, states

pytestmark = pytest.mark.django_db
__all__ = ["group"]
DAY = timedelta(days=1)


def shut(journey: Journey, what: str, resource: Resource, start: Any) -> None:
    """The agency closes for the day around ``start``, or the one resource is away then."""
    begins, ends = start - timedelta(hours=2), start + timedelta(hours=4)
    with use_tenant(journey.platform.id):
        if what == "closed":
            close(actor=journey.partner_office, starts_at=begins, ends_at=ends)
        else:
            be_absent(actor=journey.partner_office, resource_id=resource.pk, starts_at=begins, ends_at=ends)


def open_again() -> None:
    Closure.objects.all().delete()
    Absence.objects.all().delete()


BOTH = pytest.mark.parametrize("what", ["closed", "away"])


@BOTH
def test_a_seat_at_a_time_that_was_closed_is_offered_to_nobody_and_the_line_stays(
    journey: Journey, group: Resource, what: str
) -> None:
    slots, start = fill(group), start_in()
    first, second = join(journey), join(journey, "staff2")
    shut(journey, what, group, start)
    places.free(slots[0])
    run_due()
    assert states(first, second) == ["waiting", "waiting"]
    assert not OutboxMessage.objects.filter(template="seat_offered").exists()
    assert len(places.busy([group.place], start, start + SESSION)) == 1
    open_again()
    run_due()
    assert states(first, second) == ["offered", "waiting"], "whoever came first is still the first"


@BOTH
def test_an_offer_of_a_time_that_was_closed_meanwhile_is_not_accepted_and_stays_theirs(
    journey: Journey, group: Resource, what: str
) -> None:
    slots, start = fill(group), start_in()
    entry = join(journey)
    places.free(slots[0])
    run_due()
    shut(journey, what, group, start)
    accepting: dict[str, Any] = {"actor": journey.staff, "tenant": journey.tenant, "entry_id": entry.pk}
    with pytest.raises(Conflict, match="slot_taken"):
        accept_seat(**accepting, draft_id=draft_of(journey))
    with pytest.raises(Conflict, match="slot_taken"):
        accept_and_send(**accepting, consent=["referral"])
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    assert journey.members["staff"].user is not None
    client.force_login(journey.members["staff"].user)
    page = client.post(f"/my/waiting/{entry.pk}/accept/")
    assert page.status_code == 409
    assert "This time is no longer free" in page.content.decode()
    assert states(entry) == ["offered"]
    assert not TimeHold.objects.exists()
    assert not Referral.objects.exists()
    open_again()
    assert accept_and_send(**accepting, consent=["referral"]).state == "confirmed"
    assert WaitingEntry.objects.get().state == "taken"
    assert even()


@BOTH
def test_a_time_that_was_held_is_not_confirmed_once_it_is_closed(journey: Journey, group: Resource, what: str) -> None:
    draft, start = draft_of(journey), start_in()
    hold(journey, draft, start)
    shut(journey, what, group, start)
    with pytest.raises(DomainError, match="slot_taken|windows_invalid"):
        send_draft(journey, draft)
    assert not Referral.objects.exists()
    assert TimeHold.objects.exists(), "the draft is kept"
    open_again()
    assert send_draft(journey, draft).state == "confirmed"


@BOTH
def test_a_time_that_waits_for_an_office_is_not_confirmed_once_it_is_closed(
    journey: Journey, group: Resource, what: str
) -> None:
    journey.tenant.rules = {**journey.tenant.rules, "automatic_approval": False}
    journey.tenant.save()
    draft, start = draft_of(journey), start_in()
    hold(journey, draft, start)
    referral = send_draft(journey, draft)
    assert (referral.state, Booking.objects.get().state) == ("submitted", "pending")
    shut(journey, what, group, start)
    with pytest.raises(Conflict, match="slot_taken"):
        approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    assert Booking.objects.get().state == "pending"
    open_again()
    assert approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk).state == "confirmed"
    assert even()


def test_an_appointment_does_not_move_to_a_time_that_was_closed_meanwhile(journey: Journey) -> None:
    """Who asked was held the new time; the agency has closed it since. The old time stands, and the wish waits."""
    _referral, booking, _voucher = booked(journey, days=2)
    old, new = booking.starts_at, booking.starts_at + DAY
    asked = ask_reschedule(
        actor=journey.partner_office,
        tenant=journey.tenant,
        booking_id=booking.pk,
        starts_at=new,
        ends_at=booking.ends_at + DAY,
    )
    with use_tenant(journey.platform.id):
        close(actor=journey.partner_office, starts_at=new - timedelta(hours=1), ends_at=new + timedelta(hours=2))
    accepting: dict[str, Any] = {"actor": journey.staff, "tenant": journey.tenant, "reschedule_id": asked.pk}
    with pytest.raises(Conflict, match="slot_taken"):
        accept_reschedule(**accepting)
    booking.refresh_from_db()
    assert (booking.starts_at, Reschedule.objects.get().state) == (old, "open")
    open_again()
    assert accept_reschedule(**accepting).starts_at == new
    assert even()
