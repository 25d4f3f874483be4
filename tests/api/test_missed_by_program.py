"""Missed appointments and objections by program: either side's word, the office's finding, strangers (contract, books §9)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, confirmed, counter_of, office_of, staff_of, window
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.missed_steps import with_terms

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def booking(journey: Journey) -> Booking:
    confirmed(journey, windows=[window(days=3)])
    with use_tenant(journey.tenant.id):
        with_terms(journey)
        return Booking.objects.get()


def says(caller: Caller, booking: Booking, what: str) -> Any:
    if what == "no_show":
        return caller.post(f"{API}bookings/{booking.pk}/no_show/", {})
    return caller.post(f"{API}bookings/{booking.pk}/took_place/", {"says": what})


def test_both_say_yes_and_it_is_redeemed(journey: Journey, booking: Booking) -> None:
    with as_of(day_over_at(booking.ends_at, booking.zone) + HOUR):
        answer = says(staff_of(journey), booking, "yes")
        assert (answer.status_code, answer.json()["state"]) == (200, "unresolved")
        answer = says(counter_of(journey), booking, "yes")
        assert (answer.status_code, answer.json()["state"], answer.json()["due_at"]) == (200, "done", None)


def test_did_not_come_is_objected_to_and_the_centre_decides(journey: Journey, booking: Booking) -> None:
    with as_of(booking.ends_at + HOUR):
        assert says(office_of(journey), booking, "no_show").json()["state"] == "no_show"
        assert says(staff_of(journey), booking, "yes").json()["state"] == "disputed"
        address = f"{API}bookings/{booking.pk}/decide/"
        for stranger in (staff_of(journey), staff_of(journey, "union"), office_of(journey)):
            assert stranger.post(address, {"decision": "neither"}).status_code in (403, 404)
        centre = staff_of(journey, "centre")
        assert centre.post(address, {"decision": "both"}).status_code == 400
        answer = centre.post(address, {"decision": "no_show"})
        assert (answer.status_code, answer.json()["missed_fee_fen"], answer.json()["missed_paid_fen"]) == (
            200, 15_000, 15_000,
        )  # fmt: skip
        assert centre.post(address, {"decision": "neither"}).status_code in (409, 422)


def test_a_late_cancel_and_the_agencys_own(journey: Journey, booking: Booking) -> None:
    address = f"{API}bookings/{booking.pk}/cancel/"
    with as_of(booking.starts_at - HOUR):
        assert office_of(journey).post(address, {}).status_code == 400, "the agency says why"
        assert staff_of(journey, "staff2").post(address, {}).status_code == 404
        answer = staff_of(journey).post(address, {})
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled_late")
        assert answer.json()["missed_paid_fen"] == 9_000


def test_the_agency_cancels_with_a_reason_and_it_costs_nobody(journey: Journey, booking: Booking) -> None:
    with as_of(booking.starts_at - HOUR):
        answer = office_of(journey).post(f"{API}bookings/{booking.pk}/cancel/", {"reason": "ill"})
    assert (answer.status_code, answer.json()["state"], answer.json()["missed_fee_fen"]) == (200, "cancelled", 0)


def test_bad_input_and_strangers(journey: Journey, booking: Booking, other_school: Any) -> None:
    strangers = (staff_of(journey, "staff2"), staff_of(journey, "centre"), office_of(make_journey(other_school)))
    with as_of(day_over_at(booking.ends_at, booking.zone) + HOUR):
        for stranger in strangers:
            assert says(stranger, booking, "yes").status_code == 404
        staff = staff_of(journey)
        for body in ({}, {"says": "no_show"}, {"says": "yes", "why": "x"}, {"says": None}):
            assert staff.post(f"{API}bookings/{booking.pk}/took_place/", body).status_code == 400, body
        assert staff.post(f"{API}bookings/{uuid4()}/took_place/", {"says": "yes"}).status_code == 404
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().person_says == ""


def test_an_objection_to_a_use_and_what_ends_it(journey: Journey, booking: Booking) -> None:
    with as_of(booking.starts_at), use_tenant(journey.tenant.id):
        voucher = booking.vouchers.get()
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + HOUR):
        staff, address = staff_of(journey), f"{API}vouchers/{voucher.pk}/dispute/"
        assert staff.post(address, {"reason": "because"}).status_code == 400
        assert staff_of(journey, "staff2").post(address, {"reason": "other_day"}).status_code == 404
        answer = staff.post(address, {"reason": "other_day"})
        assert (answer.status_code, answer.json()["state"]) == (200, "disputed")
        assert staff.post(f"{API}vouchers/uses/{line.pk}/withdraw/", {}).json()["state"] == "validated"
        assert staff.post(address, {"reason": "other_day"}).json()["code"] == "agreed"
        centre = staff_of(journey, "centre")
        assert centre.post(f"{API}vouchers/uses/{line.pk}/decide/", {"finding": "reverse"}).status_code in (409, 422)
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.get().state == "validated"
