"""What the person pays is recorded, and the invoice is the agency's: said wherever the amount stands (books §3)."""

from typing import Any

import pytest
from django.test import Client

from kernel.clock import as_of
from referrals.models import Redemption, Voucher
from referrals.workflow.redeeming import redeem
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked
from tests.workflow.test_leaver_links import browser
from tests.workflow.test_leaver_objects import last_day_is

pytestmark = pytest.mark.django_db
SAID = {"zh-hans": "自付记录，不是发票；请向机构索取发票", "en": "Ask the agency for its invoice"}


@pytest.fixture
def used(journey: Journey) -> Redemption:
    """A session of 300 yuan, of which the person paid 90."""
    _referral, booking, voucher = booked(journey)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
    return line


def page(journey: Journey, address: str, language: str) -> str:
    client = Client(headers={"host": journey.tenant.host, "accept-language": language})
    user: Any = journey.members["staff"].user
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.mark.parametrize("language", SAID)
def test_the_page_of_the_voucher_and_that_of_a_use_say_it(journey: Journey, used: Redemption, language: str) -> None:
    for address in (f"/vouchers/{used.voucher_id}/", f"/vouchers/uses/{used.pk}/"):
        assert page(journey, address, language).count(SAID[language]) == 1, address


def test_where_the_school_pays_all_nothing_is_said(journey: Journey, used: Redemption) -> None:
    Voucher.objects.filter(pk=used.voucher_id).update(subsidy_fen=30_000, self_fen=0)
    Redemption.objects.filter(pk=used.pk).update(subsidy_fen=30_000, self_fen=0)
    for address in (f"/vouchers/{used.voucher_id}/", f"/vouchers/uses/{used.pk}/"):
        assert SAID["zh-hans"] not in page(journey, address, "zh-hans"), address


def test_whoever_has_left_reads_it_too(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    path = last_day_is(journey, journey.tenant.day_of(booking.starts_at))
    client = browser(journey)
    with as_of(booking.starts_at):
        assert client.get(path).status_code == 200
        text = client.get(f"{path}vouchers/{voucher.pk}/").content.decode()
    assert SAID["zh-hans"] in text
