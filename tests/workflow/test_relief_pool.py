"""Crisis relief: the union sees when its pool holds less than one case, and an agency answers within two hours (books §1)."""

from datetime import timedelta

import pytest
from django.test import Client

from kernel.clock import as_of, now
from referrals.models import Offer, Referral
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.relief import is_short, submit_relief
from referrals.workflow.submitting import approve_referral
from tests.fixtures_journey import Journey, soon
from tests.workflow.chair_steps import lead
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db


def relief(journey: Journey, fee_fen: int) -> Referral:
    service, _office = agency_with(journey, "home_help", fee_fen, mode="confirm")
    start, _end = soon(days=1)
    return submit_relief(
        actor=journey.centre, tenant=journey.tenant, person_id=journey.members["staff"].pk, service_id=service.pk,
        units=1, windows=[(start, start + timedelta(hours=3))],
    )  # fmt: skip


def test_the_union_s_page_says_when_the_pool_holds_less_than_one_case(journey: Journey) -> None:
    assert not is_short(journey.tenant), "no pool was opened: nothing is missing"
    pay_for(journey, "crisis_relief", share_bp=10_000, pool_fen=ONE_CASE_FEN)
    union = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    union.force_login(journey.members["union"].user)
    assert "应急帮扶的钱不够一次了" not in union.get("/union/").content.decode()
    asked = relief(journey, 30_000)
    with as_of(asked.windows.get().starts_at):
        assert "应急帮扶的钱不够一次了" in union.get("/union/").content.decode()


def test_an_agency_has_two_hours_in_a_crisis(journey: Journey) -> None:
    pay_for(journey, "crisis_relief", share_bp=10_000)
    lead(journey, "union")
    asked = relief(journey, 30_000)
    approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=asked.pk)
    left = Offer.objects.get().deadline - now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)
