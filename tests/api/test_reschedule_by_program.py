"""Another time for an appointment by program, asked for and answered by either side (contract, books §4)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from referrals.models import Booking, Reschedule
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, confirmed, contents, counter_of, office_of, staff_of, window
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.django_db
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")
"""Tables in which a refusal, and the use of a key, is noted."""


@pytest.fixture
def booking(journey: Journey) -> Booking:
    confirmed(journey, windows=[window(days=3)])
    with use_tenant(journey.tenant.id):
        return Booking.objects.get()


def other_time(booking: Booking, **later: Any) -> dict[str, Any]:
    by = timedelta(**(later or {"days": 1}))
    start, end = booking.starts_at + by, booking.ends_at + by
    return {"windows": [{"starts_at": start.isoformat(), "ends_at": end.isoformat()}]}


def asked(caller: Caller, booking: Booking, **later: Any) -> str:
    answer = caller.post(f"{API}bookings/{booking.pk}/reschedule/", other_time(booking, **later))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["booking"], body["state"]) == (str(booking.pk), "open")
    return f"{API}bookings/{booking.pk}/reschedule/{body['id']}/"


@pytest.mark.parametrize("side", ["person", "agency"])
def test_one_side_asks_and_the_other_accepts(journey: Journey, booking: Booking, side: str) -> None:
    mine, other = (
        (staff_of(journey), counter_of(journey)) if side == "person" else (office_of(journey), staff_of(journey))
    )
    address = asked(mine, booking)
    assert mine.post(f"{address}accept/", {}).json()["code"] == "own_wish"
    answer = other.post(f"{address}accept/", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert other.post(f"{address}accept/", {}).status_code == 409, "it was answered"
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().starts_at == booking.starts_at + timedelta(days=1)


@pytest.mark.parametrize(("end", "state"), [("decline", "declined"), ("withdraw", "withdrawn")])
def test_whatever_ends_it_leaves_the_old_time(journey: Journey, booking: Booking, end: str, state: str) -> None:
    staff, office = staff_of(journey), office_of(journey)
    address = asked(staff, booking)
    caller, stranger = (office, staff) if end == "decline" else (staff, office)
    assert stranger.post(f"{address}{end}/", {}).json()["code"] == "own_wish"
    assert caller.post(f"{address}{end}/", {}).json()["state"] == state
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().starts_at == booking.starts_at
    assert asked(staff, booking, days=2)


def test_bad_input_and_strangers_change_nothing(journey: Journey, booking: Booking, other_school: Any) -> None:
    staff = staff_of(journey)
    address = f"{API}bookings/{booking.pk}/reschedule/"
    two = other_time(booking)["windows"] * 2
    strangers = (staff_of(journey, "staff2"), staff_of(journey, "centre"), office_of(make_journey(other_school)))
    before = contents(journey.tenant, without=NOTED)
    for body in (
        {}, {"windows": []}, {"windows": two}, {"windows": "soon"}, other_time(booking, days=-30),
        other_time(booking, days=0, seconds=0),
    ):  # fmt: skip
        assert staff.post(address, body).status_code == 400, body
    assert staff.post(address, other_time(booking, days=40)).json()["code"] == "too_far_to_move"
    for caller in strangers:
        assert caller.post(address, other_time(booking)).status_code == 404
    assert staff.post(f"{API}bookings/{uuid4()}/reschedule/", other_time(booking)).status_code == 404
    assert staff.post(f"{address}{uuid4()}/accept/", {}).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before


def test_a_wish_of_another_appointment_is_a_missing_one(journey: Journey, booking: Booking) -> None:
    address = asked(staff_of(journey), booking)
    foreign = address.replace(str(booking.pk), str(uuid4()))
    assert office_of(journey).post(f"{foreign}accept/", {}).status_code == 404
    with use_tenant(journey.tenant.id):
        assert Reschedule.objects.get().state == "open"
