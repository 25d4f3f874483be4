"""What a counter and a log may know (rules §2, promise S1): four digits of a telephone, and no secret anywhere."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import as_of
from kernel.errors import Forbidden, NotFound, Refused
from ledger.selectors import difference
from notifications.drain import drain
from referrals.counter.selectors import visits_and_wishes
from referrals.models import Redemption, Voucher
from referrals.workflow.redeeming import prepare, redeem, reverse
from referrals.workflow.submitting import approve_referral
from tests.fixtures_journey import Journey, make_partner, make_partner_person
from tests.workflow.apply_steps import always_asks
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db
PHONE = "+8613800138000"


def test_a_counters_card_holds_the_last_four_digits_and_no_more(journey: Journey) -> None:
    person = journey.members["staff"]
    person.title = "李老师"
    person.keep_phone(PHONE)
    person.save()
    booking = answer(journey, ask(journey))
    assert booking.card == "李老师 · 8000"
    with as_of(booking.starts_at):
        (visit,), _coming, _asked = visits_and_wishes(journey.partner_counter, booking.starts_at)
    assert visit.booking.card == "李老师 · 8000"


def test_no_log_holds_a_code_a_token_a_name_or_a_number(journey: Journey, caplog: Any) -> None:
    person = journey.members["staff"]
    person.keep_phone(PHONE)
    person.save()
    with caplog.at_level(logging.DEBUG):
        always_asks(journey.tenant)
        asked = ask(journey, note="请不要告诉别人")
        approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=asked.pk)
        booking = answer(journey, asked)
        voucher = Voucher.objects.get()
        with as_of(booking.starts_at):
            prepare(actor=journey.partner_counter, text=voucher.code)
            (taken,) = redeem(actor=journey.partner_counter, text=voucher.token)
            with pytest.raises(Exception, match="already_redeemed"):
                redeem(actor=journey.partner_counter, text=voucher.code)
            reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="wrong_person")
        drain()
    secrets = {voucher.code, voucher.token, person.name, PHONE, PHONE[-11:], "请不要告诉别人"}
    told = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert [record.getMessage() for record in told if any(secret in record.getMessage() for secret in secrets)] == []


def test_only_the_office_of_the_very_institution_takes_a_redemption_back(journey: Journey) -> None:
    booking = answer(journey, ask(journey))
    with as_of(booking.starts_at):
        (taken,) = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        held = pool(journey)
        other = make_partner(journey.operator, journey.platform)
        _user, foreign = make_partner_person(journey.operator, journey.platform, other, "partner_office")
        for actor, error in ((foreign, NotFound), (journey.partner_counter, Forbidden), (journey.staff, Forbidden)):
            with pytest.raises(error):
                reverse(actor=actor, redemption_id=taken.pk, reason="wrong_person")
    assert (Redemption.objects.get().state, pool(journey), difference()) == ("redeemed", held, 0)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_before_or_after_its_day_a_voucher_spends_nothing(journey: Journey, days: int) -> None:
    booking = answer(journey, ask(journey, days=3))
    moment = booking.starts_at.replace(hour=4) if days < 0 else booking.starts_at
    with as_of(moment + timedelta(days=days)), pytest.raises(Refused, match="not_yet" if days < 0 else "expired"):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    assert Redemption.objects.count() == 0
