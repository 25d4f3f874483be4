"""By program: another agency with the same times, and a no to all that were proposed."""

from datetime import timedelta
from typing import Any

import pytest

from partners.models import Service
from referrals.models import Offer, Referral
from referrals.workflow.answering import decline_offer, propose_times
from tenancy.scope import use_tenant
from tests.api.journey_client import API, staff_of
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import ask, second_agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(journey: Journey) -> tuple[Referral, Service]:
    """A request that waits for its agency, and another agency for it."""
    with use_tenant(journey.tenant.id):
        other = second_agency(journey)
        return ask(journey, days=4), other


def body(journey: Journey, service: Service) -> dict[str, Any]:
    day = journey.tenant.day_of(soon(days=4)[0]).isoformat()
    priced = staff_of(journey).post(
        f"{API}quotes/", {"service": str(service.pk), "units": 1, "service_date": day}
    )  # fmt: skip
    assert priced.status_code == 200, priced.json()
    return {"service": str(service.pk), "token": priced.json()["token"]}


def test_what_no_agency_took_goes_to_another_one_once(journey: Journey, asked: tuple[Referral, Service]) -> None:
    referral, other = asked
    address, staff = f"{API}referrals/{referral.pk}/instead/", staff_of(journey)
    early = staff.post(address, body(journey, other))
    assert (early.status_code, early.json()["code"]) == (422, "not_rerouted")
    with use_tenant(journey.tenant.id):
        decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get().pk, reason="no_capacity")
    assert staff_of(journey, "staff2").post(address, body(journey, other)).status_code == 404
    made = [staff.post(address, body(journey, other)) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"] != str(referral.pk)
    with use_tenant(journey.tenant.id):
        assert Referral.objects.get(instead_of=referral).partner_id == other.institution_id


def test_none_of_the_proposed_times_ends_the_request(journey: Journey, asked: tuple[Referral, Service]) -> None:
    referral, _other = asked
    address, staff = f"{API}referrals/{referral.pk}/proposals/refuse/", staff_of(journey)
    early = staff.post(address, {})
    assert (early.status_code, early.json()["code"]) == (422, "nothing_proposed")
    with use_tenant(journey.tenant.id):
        start = soon(days=5)[0]
        propose_times(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=Offer.objects.get().pk,
            windows=[(start, start + timedelta(minutes=50))],
        )  # fmt: skip
    assert staff_of(journey, "staff2").post(address, {}).status_code == 404
    assert staff.post(address, {}).status_code == 200
    with use_tenant(journey.tenant.id):
        referral.refresh_from_db()
        assert (referral.state, Offer.objects.get().state) == ("expired", "withdrawn")
