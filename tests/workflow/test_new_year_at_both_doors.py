"""A move that the new year's pool does not pay: said before the click, refused at it by page and by program, and nothing has moved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.actor import system_in
from kernel.clock import as_of, now
from ledger.keys import AccountKey
from ledger.selectors import balance
from ledger.workflow import reserve
from referrals.models import Booking, Reschedule
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.api.journey_client import API, office_of, staff_of
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer

pytestmark = pytest.mark.django_db
NOT_FUNDED = "新一年的预算还没有到位"
LENGTH = timedelta(minutes=50)


@pytest.fixture
def booking(journey: Journey) -> Iterator[Booking]:
    """An appointment on 30 December in Shanghai, asked for on the 28th."""
    year = now().astimezone(UTC).year
    with as_of(datetime(year, 12, 28, 2, 0, tzinfo=UTC)):
        start = datetime(year, 12, 30, 3, 0, tzinfo=UTC)
        asked = submit_referral(
            actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[(start, start + timedelta(hours=3))], consent=["referral"],
        )  # fmt: skip
        yield answer(journey, asked)


def browser(journey: Journey, side: str) -> Client:
    host, user = (
        (journey.tenant.host, journey.members["staff"].user)
        if side == "person"
        else (journey.platform.host, journey.partner_user)
    )
    client = Client(headers={"host": host, "accept-language": "zh-hans"})
    client.force_login(user)  # type: ignore[arg-type]
    return client


def empty_new_year(journey: Journey, booking: Booking) -> None:
    """Next year's pool is reserved to the last fen."""
    key = AccountKey("pool", "counselling", journey.tenant.day_of(booking.starts_at).year + 1, "fen")
    reserve(actor=system_in(journey.tenant.id), account=key, amount=balance(key).available, reference="somebody/else")


def other_time(booking: Booking) -> tuple[datetime, datetime]:
    """1 January in Shanghai, which is next year's."""
    start = booking.starts_at + timedelta(days=2)
    return start, start + LENGTH


def waiting(journey: Journey, booking: Booking, side: str) -> Reschedule:
    """The wish of the side that does not answer, from when the money was there."""
    start, end = other_time(booking)
    by = journey.partner_office if side == "person" else journey.staff
    asked = ask_reschedule(actor=by, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=end)
    empty_new_year(journey, booking)
    return asked


def stands(journey: Journey, booking: Booking) -> tuple[Any, ...]:
    with use_tenant(journey.tenant.id):
        row = Booking.objects.get(pk=booking.pk)
        wishes = tuple(Reschedule.objects.order_by("pk").values_list("pk", "state"))
        money = [balance(AccountKey("pool", "counselling", row.starts_at.year + more, "fen")) for more in (0, 1)]
    return row.state, row.starts_at, row.sequence, wishes, money


@pytest.mark.parametrize("side", ["person", "agency"])
def test_whoever_asks_by_page_is_told_before_the_click_and_at_it(journey: Journey, booking: Booking, side: str) -> None:
    empty_new_year(journey, booking)
    before = stands(journey, booking)
    client, start = browser(journey, side), other_time(booking)[0].isoformat()
    page = (
        f"/my/referrals/{booking.referral_id}/appointments/{booking.pk}/move/check/"
        if side == "person"
        else f"/partner/bookings/{booking.pk}/move/check/"
    )
    for answered in (client.get(f"{page}?{urlencode({'start': start})}"), client.post(page, {"start": start})):
        assert answered.status_code == 422
        assert NOT_FUNDED in answered.content.decode()
    assert stands(journey, booking) == before


@pytest.mark.parametrize("side", ["person", "agency"])
def test_whoever_answers_by_page_sees_no_button_and_a_press_is_refused(
    journey: Journey, booking: Booking, side: str
) -> None:
    asked = waiting(journey, booking, side)
    before = stands(journey, booking)
    client = browser(journey, side)
    page = (
        f"/my/referrals/{booking.referral_id}/wishes/{asked.pk}/"
        if side == "person"
        else f"/partner/wishes/{asked.pk}/"
    )
    shown = client.get(page).content.decode()
    assert f"{page}accept/" not in shown
    assert f"{page}decline/" in shown, "whoever cannot say yes can still say no"
    answered = client.post(f"{page}accept/")
    assert answered.status_code == 422
    assert NOT_FUNDED in answered.content.decode()
    assert stands(journey, booking) == before


@pytest.mark.parametrize("side", ["person", "agency"])
def test_by_program_asking_and_accepting_are_refused_by_name(journey: Journey, booking: Booking, side: str) -> None:
    asked = waiting(journey, booking, side)
    before = stands(journey, booking)
    program = staff_of(journey) if side == "person" else office_of(journey)
    address = f"{API}bookings/{booking.pk}/reschedule/"
    answered = program.post(f"{address}{asked.pk}/accept/", {})
    assert (answered.status_code, answered.json()["code"]) == (422, "new_year_not_funded")
    assert stands(journey, booking) == before
    assert program.post(f"{address}{asked.pk}/decline/", {}).json()["state"] == "declined"
    start, end = other_time(booking)
    span = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    again = program.post(address, {"windows": [span]})
    assert (again.status_code, again.json()["code"]) == (422, "new_year_not_funded")
    assert stands(journey, booking)[:3] == before[:3]
