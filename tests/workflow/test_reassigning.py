"""The agency gives an appointment to another of its people: time, voucher and books stay, and the person may say no free (books §4)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, IllegalMove, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.calendars.resource_workflow import be_absent
from referrals.models import Booking, Redemption, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.reassigning import reassign
from referrals.workflow.redeeming import redeem
from referrals.workflow.slots import take_seat
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_institution, make_partner_person
from tests.workflow.journey_steps import answer, ask, pool
from tests.workflow.missed_steps import with_terms
from tests.workflow.test_resources import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(journey: Journey) -> tuple[Any, Any]:
    """Two who do counselling; the first stands where the agency stood."""
    return add(journey, "黄春燕"), add(journey, "沈一帆")


@pytest.fixture
def booking(journey: Journey, people: Any) -> Booking:
    return answer(journey, ask(journey, days=3))


def given(journey: Journey, booking: Booking, to: Any, who: Any = None) -> Booking:
    return reassign(actor=who or journey.partner_office, booking_id=booking.pk, resource_id=to.pk)


def test_it_is_with_the_other_one_and_the_first_is_free_again(
    journey: Journey, people: tuple[Any, Any], booking: Booking
) -> None:
    first, second = people
    before, voucher = pool(journey), Voucher.objects.get()
    assert booking.resource == first.place
    with pytest.raises(Conflict):
        take_seat(journey.counselling, booking.starts_at, booking.ends_at, wanted=first.pk, only=True)
    moved = given(journey, booking, second)
    assert (moved.resource, moved.sequence, moved.state) == (second.place, booking.sequence + 1, "confirmed")
    assert (moved.starts_at, moved.ends_at) == (booking.starts_at, booking.ends_at)
    assert (pool(journey), Voucher.objects.get().code) == (before, voucher.code)
    assert OutboxMessage.objects.filter(template="booking_reassigned", to_user=journey.staff.user_id).exists()
    messages = OutboxMessage.objects.count()
    assert given(journey, booking, second).sequence == moved.sequence, "the same one again writes nothing"
    assert OutboxMessage.objects.count() == messages
    with pytest.raises(Conflict):
        take_seat(journey.counselling, booking.starts_at, booking.ends_at, wanted=second.pk, only=True)
    assert take_seat(journey.counselling, booking.starts_at, booking.ends_at, wanted=first.pk, only=True).slot
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert difference() == units_difference() == 0


def test_whoever_is_away_busy_or_does_something_else_does_not_get_it(
    journey: Journey, people: tuple[Any, Any], booking: Booking
) -> None:
    _first, second = people
    other = add(journey, "陈托管", service=journey.childcare)
    for wrong in (other.pk, uuid4()):
        with pytest.raises(NotFound):
            reassign(actor=journey.partner_office, booking_id=booking.pk, resource_id=wrong)
    with use_tenant(journey.platform.id):
        be_absent(
            actor=journey.partner_office, resource_id=second.pk, starts_at=booking.starts_at, ends_at=booking.ends_at
        )
    with pytest.raises(Conflict, match="slot_taken"):
        given(journey, booking, second)
    booking.refresh_from_db()
    assert (booking.resource, booking.sequence, booking.reassigned_at) == (journey.institution.pk, 0, None)
    assert not OutboxMessage.objects.filter(template="booking_reassigned").exists()


def test_only_the_agency_itself_and_only_before_it_begins(
    journey: Journey, people: tuple[Any, Any], booking: Booking
) -> None:
    stranger = make_institution(operator=journey.operator)
    _user, office = make_partner_person(journey.operator, journey.platform, stranger, "partner_office")
    with pytest.raises(NotFound):
        given(journey, booking, people[1], office)
    for who in (journey.staff, journey.union, journey.centre):
        with pytest.raises(Forbidden):
            given(journey, booking, people[1], who)
    with as_of(booking.starts_at), pytest.raises(Refused, match="cancel_started"):
        given(journey, booking, people[1])
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=booking.referral_id)
    with pytest.raises(IllegalMove):
        given(journey, booking, people[1])


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_person_lets_it_go_without_a_fee_until_it_begins(
    journey: Journey, people: tuple[Any, Any], is_changed: bool
) -> None:
    with_terms(journey)
    booking = answer(journey, ask(journey, days=3))
    if is_changed:
        given(journey, booking, people[1])
    with as_of(booking.starts_at - timedelta(minutes=20)):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=booking.referral_id)
    booking.refresh_from_db()
    assert booking.state == ("cancelled" if is_changed else "cancelled_late"), "the control: late, it has its fee"
    assert Redemption.objects.filter(kind="fee").exists() is not is_changed
    assert difference() == units_difference() == 0


def test_the_agencys_lists_name_who_has_it_and_the_page_changes_it(
    journey: Journey, people: tuple[Any, Any], booking: Booking
) -> None:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    page = f"/partner/bookings/{booking.pk}/person/"
    for listed in ("/partner/bookings/", "/partner/bookings/export.csv"):
        assert "黄春燕" in client.get(listed).content.decode()
    assert page in client.get("/partner/bookings/").content.decode()
    shown = client.get(page).content.decode()
    assert "沈一帆" in shown
    assert f'value="{people[0].pk}"' not in shown, "who has it is no choice"
    assert client.post(page, {"counsellor": str(people[0].pk)}).status_code == 422
    assert client.post(page, {"counsellor": str(people[1].pk)}).status_code == 302
    assert "沈一帆" in client.get("/partner/bookings/").content.decode()
    mine = Client(headers={"host": journey.tenant.host})
    user = journey.members["staff"].user
    assert user is not None
    mine.force_login(user)
    assert "沈一帆" in mine.get(f"/my/referrals/{booking.referral_id}/").content.decode()
    with use_tenant(journey.platform.id):
        be_absent(
            actor=journey.partner_office, resource_id=people[0].pk, starts_at=now(), ends_at=now() + timedelta(days=9)
        )
    assert client.get(page).status_code == 302, "nobody else is free"
