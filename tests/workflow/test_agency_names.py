"""The agency says which of its people takes a request, where the person has chosen nobody (books §4)."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from kernel.errors import Conflict, NotFound
from partners.models import Resource
from referrals.models import Booking, Offer
from referrals.workflow.answering import confirm_offer
from referrals.workflow.counsellors import choose_counsellor
from seats import places
from tenancy.scope import use_tenant
from tests.api.journey_client import API, office_of
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask
from tests.workflow.test_partner_screens import office  # noqa: F401 - a fixture
from tests.workflow.test_resources import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(journey: Journey) -> tuple[Resource, Resource]:
    """The longest there is taken first when nobody is named."""
    return add(journey, "黄春燕"), add(journey, "李国强")


def offer_of(journey: Journey) -> Offer:
    ask(journey, days=2)
    return Offer.objects.get()


def confirm(journey: Journey, offer: Offer, counsellor_id=None) -> Booking:
    span = offer.windows[0]
    return confirm_offer(
        actor=journey.partner_office,
        tenant=journey.tenant,
        offer_id=offer.pk,
        starts_at=datetime.fromisoformat(span["starts_at"]),
        ends_at=datetime.fromisoformat(span["ends_at"]),
        counsellor_id=counsellor_id,
    )


def test_whom_the_agency_names_has_the_appointment(journey: Journey, two) -> None:
    _first, second = two
    assert confirm(journey, offer_of(journey), second.pk).resource == second.place


def test_without_a_name_the_longest_there_has_it(journey: Journey, two) -> None:
    first, _second = two
    assert confirm(journey, offer_of(journey)).resource == first.place


def test_one_who_is_busy_is_not_replaced_by_another(journey: Journey, two) -> None:
    _first, second = two
    offer = offer_of(journey)
    span = [datetime.fromisoformat(offer.windows[0][name]) for name in ("starts_at", "ends_at")]
    places.take(second.place, *span)
    with pytest.raises(Conflict, match="slot_taken"):
        confirm(journey, offer, second.pk)
    assert not Booking.objects.exists()


def test_the_persons_own_word_comes_first(journey: Journey, two) -> None:
    first, second = two
    offer = offer_of(journey)
    choose_counsellor(
        actor=journey.actors["staff"], tenant=journey.tenant, referral_id=offer.referral_id, counsellor_id=first.pk
    )
    with pytest.raises(Conflict, match="counsellor_chosen"):
        confirm(journey, offer, second.pk)
    assert confirm(journey, offer, first.pk).resource == first.place


def test_nobody_of_another_service_or_agency_can_be_named(journey: Journey, two) -> None:
    offer = offer_of(journey)
    elsewhere = add(journey, "王芳", service=journey.childcare)
    for who in (uuid4(), elsewhere.pk):
        with pytest.raises(NotFound):
            confirm(journey, offer, who)


def test_the_page_offers_the_names_and_takes_one(journey: Journey, two, office: Client) -> None:  # noqa: F811
    _first, second = two
    offer = offer_of(journey)
    page = office.get(f"/partner/offers/{offer.pk}/")
    assert [name for _key, name in page.context["form"].fields["counsellor"].choices[1:]] == ["黄春燕", "李国强"]
    assert "李国强" in page.content.decode()
    start = page.context["form"].fields["starts_at"].choices[0][0]
    sent = office.post(f"/partner/offers/{offer.pk}/", {"starts_at": start, "counsellor": str(second.pk)})
    assert sent.status_code == 302
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().resource == second.place


def test_the_page_says_whom_the_person_asks_for_and_asks_nothing(journey: Journey, two, office: Client) -> None:  # noqa: F811
    _first, second = two
    offer = offer_of(journey)
    choose_counsellor(
        actor=journey.actors["staff"], tenant=journey.tenant, referral_id=offer.referral_id, counsellor_id=second.pk
    )
    page = office.get(f"/partner/offers/{offer.pk}/")
    assert not page.context["form"].people
    assert "李国强" in page.content.decode()
    assert "黄春燕" not in page.content.decode()


def test_a_program_names_one(journey: Journey, two) -> None:
    _first, second = two
    offer, caller = offer_of(journey), office_of(journey)
    address = f"{API}partner/offers/{offer.pk}/confirm/"
    assert caller.post(address, {**offer.windows[0], "counsellor": "x"}).status_code == 400
    assert caller.post(address, {**offer.windows[0], "counsellor": str(uuid4())}).status_code == 404
    assert caller.post(address, {**offer.windows[0], "counsellor": str(second.pk)}).status_code == 200
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().resource == second.place
