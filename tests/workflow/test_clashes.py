"""One's own other appointment at the same time is said where a time is chosen and confirmed; nothing forbids it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.clock import local_day, now
from kernel.errors import Refused
from partners.models import OpeningHours, Service
from referrals.models import Booking, Offer, Referral
from referrals.staff.clashes import clashes
from referrals.staff.selectors import agencies_instead
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, propose_times
from referrals.workflow.rerouting import ask_another
from referrals.workflow.submitting import submit_referral
from tests.fixtures_journey import Journey, make_partner_person
from tests.workflow.apply_steps import walk_to_check
from tests.workflow.journey_steps import second_agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def renai(journey: Journey) -> Service:
    """A second agency, so that two appointments can stand at one time."""
    return second_agency(journey)


def ask(journey: Journey, service: Service, start: Any) -> Referral:
    return submit_referral(
        actor=journey.staff, tenant=journey.tenant, service_id=service.pk, units=1,
        windows=[(start, start + timedelta(hours=2))], consent=["referral"],
    )  # fmt: skip


def booked(journey: Journey, service: Service, start: Any) -> Booking:
    referral = ask(journey, service, start)
    office = journey.partner_office
    if service.institution_id != journey.institution.pk:
        _user, office = make_partner_person(journey.operator, journey.platform, service.institution, "partner_office")
    return confirm_offer(
        actor=office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=referral).pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip


def page(journey: Journey, path: str) -> str:
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff"].user)
    return client.get(path).content.decode()


def test_a_proposed_time_that_clashes_says_so_and_can_be_taken(journey: Journey, renai: Service) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    booked(journey, journey.counselling, start)
    second = ask(journey, renai, start + timedelta(days=1))
    _user, office = make_partner_person(journey.operator, journey.platform, renai.institution, "partner_office")
    free = start + timedelta(hours=5)
    proposals = propose_times(
        actor=office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=second).pk,
        windows=[(time, time + timedelta(minutes=50)) for time in (start + timedelta(minutes=30), free)],
    )  # fmt: skip
    told = page(journey, f"/my/referrals/{second.pk}/")
    assert told.count("另一个预约撞上") == 1, "one of the two times"
    booking = accept_proposal(
        actor=journey.staff, tenant=journey.tenant, referral_id=second.pk, proposal_id=proposals[0].pk
    )
    assert booking.state == "confirmed", "said, not forbidden"
    assert "另一个预约撞上" in page(journey, f"/my/referrals/{second.pk}/")


def test_the_first_page_shows_both_appointments_and_that_they_clash(journey: Journey, renai: Service) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    first = booked(journey, journey.counselling, start)
    assert "再下一次" not in page(journey, "/my/")
    second = booked(journey, renai, start + timedelta(minutes=20))
    told = page(journey, "/my/")
    assert str(first.referral_id) in told
    assert f"/my/referrals/{second.referral_id}/" in told
    assert "这两个预约的时间撞上了" in told


def test_appointments_one_after_the_other_do_not_clash(journey: Journey, renai: Service) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    booking = booked(journey, journey.counselling, start)
    booked(journey, renai, booking.ends_at)
    told = page(journey, "/my/")
    assert "再下一次" in told
    assert "撞上" not in told
    spans = [(booking.ends_at, booking.ends_at + timedelta(minutes=10)), (start - timedelta(hours=1), start)]
    assert [row is not None for row in clashes(journey.staff, spans)] == [True, False]


def test_another_person_s_appointment_is_no_clash(journey: Journey, renai: Service) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    booked(journey, journey.counselling, start)
    assert clashes(journey.staff2, [(start, start + timedelta(hours=1))]) == [None]
    assert clashes(journey.staff, []) == []


def test_the_same_times_go_only_to_an_agency_that_is_open_then(journey: Journey, renai: Service) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    referral = ask(journey, journey.counselling, start)
    decline_offer(actor=journey.partner_office, offer_id=Offer.objects.get().pk, reason="no_capacity")
    referral.refresh_from_db()
    (offered,) = agencies_instead(journey.staff, journey.tenant, referral)
    weekday = local_day(start).weekday()
    OpeningHours.objects.filter(institution=renai.institution, weekday__in=[weekday, (weekday + 1) % 7]).delete()
    assert agencies_instead(journey.staff, journey.tenant, referral) == []
    with pytest.raises(Refused) as refused:
        ask_another(
            actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk, service_id=renai.pk,
            quote_token=offered.token,
        )  # fmt: skip
    assert refused.value.reason == "closed_then"
    assert Referral.objects.count() == 1


def test_the_last_look_before_sending_names_the_other_appointment(journey: Journey) -> None:
    start = (now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    booked(journey, journey.counselling, start)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff"].user)
    check = walk_to_check(client, journey.counselling)
    assert "另有预约" in check.content.decode()
