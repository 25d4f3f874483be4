"""Two people of finance decide about one correction in the same second; a decision meets the agency taking the use back."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from kernel.clock import as_of
from ledger.models import Transfer
from ledger.selectors import balance, difference
from referrals.models import Correction, Redemption, Voucher
from referrals.states import CorrectionEvent, step
from referrals.subsidies.accounting import units_difference
from referrals.workflow.correcting import approve_correction, ask_correction, decline_correction
from referrals.workflow.objecting import agree
from referrals.workflow.pools import pool_key
from referrals.workflow.redeeming import redeem, reverse
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def planted(committed: None) -> tuple[Journey, Any, Redemption, Correction]:
    """A use at ¥300, agreed to, and a correction to ¥240 that waits; a third person of finance."""
    journey = make_journey(make_school())
    third = actor_of(make_person(journey.tenant, "finance", "staff"))
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey))
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        line = Redemption.objects.get()
        agree(actor=journey.staff, redemption_id=line.pk)
        row = ask_correction(
            actor=journey.finance, redemption_id=line.pk, cause="price", side="finance", fee_fen=24_000, reason="更正"
        )
    return journey, third, line, row


def stands(journey: Journey, line: Redemption) -> tuple[int, int]:
    with use_tenant(journey.tenant.id):
        assert difference() == units_difference() == 0
        refunds = Transfer.objects.filter(reference__startswith="correction/").count()
        return balance(pool_key("counselling", line.service_date.year)).spent, refunds


def test_two_deciders_at_once_and_it_is_booked_once(planted: Any) -> None:
    journey, third, line, row = planted
    acts = [lambda who=who: approve_correction(actor=who, correction_id=row.pk) for who in (journey.finance2, third)]
    answers = at_once(journey.tenant, acts)
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1, answers
    assert stands(journey, line) == (16_800, 1)


def test_a_yes_and_a_no_at_once_are_one_or_the_other(planted: Any) -> None:
    journey, third, line, row = planted
    answers = at_once(
        journey.tenant,
        [
            lambda: approve_correction(actor=journey.finance2, correction_id=row.pk),
            lambda: decline_correction(actor=third, correction_id=row.pk),
        ],
    )
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1, answers
    with use_tenant(journey.tenant.id):
        row.refresh_from_db()
    assert stands(journey, line) == ((16_800, 1) if row.state == "approved" else (21_000, 0))


def test_without_the_lock_both_would_decide(planted: Any) -> None:
    """The control: each reads that it waits, both have read, each goes on."""
    journey, _third, _line, row = planted
    both_have_read = threading.Barrier(2)

    def unlocked() -> str:
        with transaction.atomic():
            seen = Correction.objects.get(pk=row.pk)
            both_have_read.wait(timeout=30)
            return step(seen.state, CorrectionEvent.APPROVE)

    assert at_once(journey.tenant, [unlocked, unlocked]) == ["approved", "approved"]


def test_a_decision_in_the_second_in_which_the_agency_takes_it_back(planted: Any) -> None:
    journey, _third, line, row = planted

    def back() -> Redemption:
        with as_of(line.redeemed_at + timedelta(hours=20)):
            return reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered")

    answers = at_once(journey.tenant, [lambda: approve_correction(actor=journey.finance2, correction_id=row.pk), back])
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) <= 1, answers
    assert stands(journey, line)[0] == 0
