"""The page that asks before an act, opened when the act can no longer be done: by Back, or from an old tab.

It leads to the page of the thing, which says how it stands, and never promises what its button would be refused.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.clock import now
from partners.models import Agreement
from partners.states import AgreementState
from partners.workflow import end_agreement
from referrals.models import Booking, Offer, Referral, SubsidyPolicy
from referrals.states import BookingState, OfferState, PolicyState, ReferralState
from referrals.workflow.cancelling import cancel_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True


def _browser(host: str, user: Any) -> Client:
    client = Client(headers={"host": host, "accept-language": "en"})
    client.force_login(user)
    return client


def _taken_back(journey: Journey) -> Referral:
    """Confirmed by the agency, then cancelled by the person."""
    with use_tenant(journey.tenant.id):
        referral = ask(journey, days=3)
        answer(journey, referral)
        return cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)


def _leads_to(client: Client, address: str, back: str) -> None:
    answered = client.get(address)
    assert (answered.status_code, answered.headers.get("Location")) == (302, back), address
    shown = client.get(back)
    assert shown.status_code == 200
    assert address not in shown.content.decode()


@pytest.mark.parametrize("act", ["cancel", "again", "none-fits"])
def test_of_a_request_that_has_ended(journey: Journey, act: str) -> None:
    found = _taken_back(journey)
    person = _browser(journey.tenant.host, journey.members["staff"].user)
    _leads_to(person, f"/my/referrals/{found.pk}/{act}/", f"/my/referrals/{found.pk}/")


def test_of_a_request_that_time_has_ended_and_no_sweep_has_seen(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        found = ask(journey, days=3)
        Offer.objects.update(deadline=now() - timedelta(minutes=1))
    person = _browser(journey.tenant.host, journey.members["staff"].user)
    _leads_to(person, f"/my/referrals/{found.pk}/cancel/", f"/my/referrals/{found.pk}/")
    office = _browser(journey.platform.host, journey.partner_user)
    with use_tenant(journey.tenant.id):
        offer = Offer.objects.get()
    assert offer.state == OfferState.OPEN
    for act in ("propose", "decline"):
        _leads_to(office, f"/partner/offers/{offer.pk}/{act}/", f"/partner/offers/{offer.pk}/")


@pytest.mark.parametrize("act", ["propose", "decline"])
def test_of_an_offer_that_was_answered(journey: Journey, act: str) -> None:
    _taken_back(journey)
    office = _browser(journey.platform.host, journey.partner_user)
    with use_tenant(journey.tenant.id):
        offer = Offer.objects.get()
    _leads_to(office, f"/partner/offers/{offer.pk}/{act}/", f"/partner/offers/{offer.pk}/")


def test_of_an_appointment_that_is_off(journey: Journey) -> None:
    _taken_back(journey)
    with use_tenant(journey.tenant.id):
        booking = Booking.objects.get()
    assert booking.state == BookingState.CANCELLED
    office = _browser(journey.platform.host, journey.partner_user)
    _leads_to(office, f"/partner/bookings/{booking.pk}/cancel/", "/partner/bookings/")


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_of_a_request_that_was_decided(journey: Journey, act: str) -> None:
    found = _taken_back(journey)
    assert found.state == ReferralState.CANCELLED
    centre = _browser(journey.tenant.host, journey.members["centre"].user)
    _leads_to(centre, f"/centre/referrals/{found.pk}/{act}/", f"/centre/referrals/{found.pk}/")


def test_of_a_policy_whose_end_is_set(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        policy = SubsidyPolicy.objects.filter(state=PolicyState.APPROVED)[0]
        policy.valid_until = policy.valid_from + timedelta(days=3650)
        policy.save(update_fields=["valid_until"])
    finance = _browser(journey.tenant.host, journey.members["finance"].user)
    _leads_to(finance, f"/finance/policies/{policy.pk}/end/", f"/finance/policies/{policy.pk}/")


def test_of_an_agreement_that_has_ended(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        agreement = Agreement.objects.all()[0]
        end_agreement(actor=journey.finance, agreement_id=agreement.pk, on=agreement.valid_from)
        agreement.refresh_from_db()
        assert agreement.state == AgreementState.ENDED
    finance = _browser(journey.tenant.host, journey.members["finance"].user)
    _leads_to(finance, f"/finance/agreements/{agreement.pk}/end/", f"/finance/agreements/{agreement.pk}/")
