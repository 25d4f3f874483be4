"""A course goes on by program as it does on the pages: the next appointment, one let go, a second look."""

from typing import Any
from uuid import uuid4

import pytest

from referrals.models import Booking, Voucher
from referrals.workflow.redeeming import redeem
from referrals.workflow.submitting import decline_referral
from tenancy.scope import use_tenant
from tests.api.journey_client import (
    API,
    at_the_appointment,
    confirmed,
    counter_of,
    office_of,
    request_body,
    staff_of,
    window,
)
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.django_db


def test_the_agency_enters_the_next_appointment_and_the_person_lets_it_go(journey: Journey, other_school: Any) -> None:
    referral = confirmed(journey, units=2)
    with use_tenant(journey.tenant.id):
        voucher = Voucher.objects.get()
    address = f"{API}partner/vouchers/{voucher.pk}/appointment/"
    counter, staff = counter_of(journey), staff_of(journey)
    with at_the_appointment(journey):
        stands = counter.post(address, window(days=3))
        assert stands.status_code == 201, "the second of two, beside the first"
        full = counter.post(address, window(days=7))
        assert (full.status_code, full.json()["code"]) == (409, "has_appointment")
        cancel = f"{API}referrals/{referral['id']}/appointment/cancel/"
        assert staff.post(cancel, {"booking": str(uuid4())}).status_code == 404
        assert staff.post(cancel, {"booking": 7}).status_code == 400
        assert staff.post(cancel, {"booking": stands.json()["id"]}).status_code == 200
        with use_tenant(journey.tenant.id):
            redeem(actor=journey.partner_counter, text=voucher.code)
        assert office_of(make_journey(other_school)).post(address, window(days=7)).status_code == 404
        assert counter.post(f"{API}partner/vouchers/{uuid4()}/appointment/", window(days=7)).status_code == 404
        assert counter.post(address, window(days=-7)).status_code == 400
        assert counter.post(address, {"starts_at": "soon"}).status_code == 400
        with use_tenant(journey.tenant.id):
            assert Booking.objects.count() == 2
        entered = counter.post(address, window(days=7))
        assert entered.status_code == 201, entered.content
        assert entered.json()["voucher"] == str(voucher.pk)
        gone = staff.post(f"{API}referrals/{referral['id']}/appointment/cancel/", {})
        assert gone.status_code == 200, gone.content
        assert staff.post(f"{API}referrals/{referral['id']}/appointment/cancel/", {}).status_code == 404
        assert (
            staff_of(journey, "staff2").post(f"{API}referrals/{referral['id']}/appointment/cancel/").status_code == 404
        )
    with use_tenant(journey.tenant.id):
        assert sorted(Booking.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "done"]
        voucher.refresh_from_db()
        assert (voucher.units_left, voucher.state) == (1, "active")


def test_a_course_is_stopped_by_the_person_or_the_office_that_decides_it(journey: Journey) -> None:
    referral = confirmed(journey, units=3)
    address = f"{API}referrals/{referral['id']}/stop/"
    for stranger in (staff_of(journey, "staff2"), staff_of(journey, "union"), counter_of(journey)):
        assert stranger.post(address, {}).status_code in {403, 404}
    with use_tenant(journey.tenant.id):
        voucher = Voucher.objects.get()
    with at_the_appointment(journey):
        begun = staff_of(journey).post(address, {})
        assert (begun.status_code, begun.json()["code"]) == (422, "cancel_started")
        with use_tenant(journey.tenant.id):
            redeem(actor=journey.partner_counter, text=voucher.code)
        stopped = staff_of(journey, "centre").post(address, {})
        assert (stopped.status_code, stopped.json()["state"]) == (200, "completed")
        again = staff_of(journey).post(address, {})
        assert (again.status_code, again.json()["code"]) == (422, "nothing_left")


def test_a_person_asks_a_human_to_look_again_once(journey: Journey) -> None:
    staff = staff_of(journey)
    asked = staff.post(f"{API}referrals/", request_body(journey, units=4, windows=[window(days=3, length=120)])).json()
    address = f"{API}referrals/{asked['id']}/again/"
    assert staff.post(address, {}).status_code == 409, "nobody said no"
    for status in (200, 422):
        with use_tenant(journey.tenant.id):
            decline_referral(actor=journey.centre, referral_id=asked["id"], reason="talk_first")
        assert staff_of(journey, "staff2").post(address, {}).status_code == 404
        assert staff.post(address, {}).status_code == status
