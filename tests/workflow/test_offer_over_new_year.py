"""An agency is offered no time that confirming would be refused for: next year's pool may have nothing (books §1)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.actor import system_in
from kernel.clock import as_of, now
from kernel.errors import Refused
from ledger.keys import AccountKey
from ledger.selectors import balance
from ledger.workflow import reserve
from referrals.models import Booking, Offer, Referral
from referrals.workflow.answering import confirm_offer
from referrals.workflow.submitting import submit_referral
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
OTHERS = "下一年度的时间没有列出"
NOTHING = "学校还没有为这些时间所在的年度安排补贴"


@pytest.fixture
def year(journey: Journey) -> Iterator[int]:
    """28 December, 10:00 in Shanghai; next year's pool is reserved to the last fen."""
    year = now().astimezone(UTC).year
    with as_of(datetime(year, 12, 28, 2, 0, tzinfo=UTC)):
        key = AccountKey("pool", "counselling", year + 1, "fen")
        reserve(
            actor=system_in(journey.tenant.id), account=key, amount=balance(key).available, reference="somebody/else"
        )
        yield year


def asked(journey: Journey, *days: datetime) -> Offer:
    windows = [(day, day + timedelta(hours=2)) for day in days]
    submit_referral(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1, windows=windows,
        consent=["referral"],
    )  # fmt: skip
    return Offer.objects.get()


def page(journey: Journey, offer: Offer, path: str = "") -> str:
    client = Client(HTTP_HOST=journey.platform.host)
    client.force_login(journey.partner_user)
    return client.get(f"/partner/offers/{offer.pk}/{path}", headers={"accept-language": "zh-hans"}).content.decode()


def test_times_of_a_year_without_money_are_left_out_and_it_says_so(journey: Journey, year: int) -> None:
    old, new = datetime(year, 12, 31, 2, 0, tzinfo=UTC), datetime(year, 12, 31, 16, 30, tzinfo=UTC)
    offer = asked(journey, old, new)
    shown = page(journey, offer)
    assert OTHERS in shown
    assert f'value="{old.isoformat()}' in shown
    assert f'value="{new.isoformat()}' not in shown, "00:30 on 1 January in Shanghai is next year's"
    end = new + timedelta(minutes=50)
    with pytest.raises(Refused, match="new_year_not_funded"):
        confirm_offer(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=new, ends_at=end
        )
    assert not Booking.objects.exists()


def test_where_all_that_is_left_lies_there_it_says_why_nothing_can_be_taken(journey: Journey, year: int) -> None:
    offer = asked(journey, now() + timedelta(hours=2), datetime(year + 1, 1, 4, 2, 0, tzinfo=UTC))
    assert Referral.objects.get().subsidy_fen > 0, "the price was decided for the day of this year"
    with as_of(now() + timedelta(hours=5)):
        assert NOTHING in page(journey, offer)
