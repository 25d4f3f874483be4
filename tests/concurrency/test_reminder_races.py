"""A voucher's last unit is used in the second in which its owner is to be reminded of it (rules §2)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of, end_of_day
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.models import Booking, Referral, Voucher
from referrals.workflow import redeeming, reminding
from referrals.workflow.redeeming import redeem
from referrals.workflow.reminding import remind_of_end
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.missed_steps import booked

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def planted(committed: None) -> Journey:
    """A school whose rows are really committed."""
    return make_journey(make_school())


class LastHour:
    """One hour of home help that is left, on the day before its voucher ends."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        with use_tenant(journey.tenant.id):
            referral, _booking, voucher = booked(journey)
            last = voucher.valid_from + timedelta(days=20)
            Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
            Referral.objects.filter(pk=referral.pk).update(kind="home_help")
            Voucher.objects.filter(pk=voucher.pk).update(valid_until=last)
            Booking.objects.filter(referral=referral).update(due_at=end_of_day(last, "Asia/Shanghai"))
            self.voucher, self.code = voucher, voucher.code
            self.moment = datetime.combine(
                last - timedelta(days=1), datetime.min.time().replace(hour=10), tzinfo=ZoneInfo("Asia/Shanghai")
            )

    def scan(self) -> Any:
        with as_of(self.moment):
            return redeem(actor=self.journey.partner_counter, text=self.code)

    def remind(self) -> bool:
        with as_of(self.moment):
            return remind_of_end(tenant=self.journey.tenant, voucher_id=self.voucher.pk)

    def told(self) -> int:
        with use_tenant(self.journey.tenant.id):
            return OutboxMessage.objects.filter(template="voucher_ends_soon", channel="in_app").count()


@contextmanager
def used_meanwhile(monkeypatch: pytest.MonkeyPatch, last: LastHour) -> Iterator[None]:
    """The reminder begins once the use has been written and is not committed; the use commits when the reminder waits or has ended."""
    written, looked = threading.Event(), threading.Event()
    writes, told = redeeming._write_redeemed, reminding.remind_of_end

    def slow(*given: Any) -> None:
        writes(*given)
        written.set()
        looked.wait(timeout=2)

    def late(**given: Any) -> bool:
        written.wait(timeout=20)
        try:
            return told(**given)
        finally:
            looked.set()

    monkeypatch.setattr(redeeming, "_write_redeemed", slow)
    monkeypatch.setattr("tests.concurrency.test_reminder_races.remind_of_end", late)
    yield


def test_a_use_in_the_second_of_a_reminder_leaves_nothing_to_be_reminded_of(
    planted: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = LastHour(planted)
    with used_meanwhile(monkeypatch, last):
        used, reminded = at_once(planted.tenant, [last.scan, last.remind])
    assert (len(used), reminded, last.told()) == (1, False, 0)


def test_control_without_the_locks_the_reminder_speaks_of_what_is_used(
    planted: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = LastHour(planted)
    for model in (Referral, Voucher):
        monkeypatch.setattr(type(model.objects.all()), "select_for_update", lambda rows, **_how: rows)
    with used_meanwhile(monkeypatch, last):
        used, reminded = at_once(planted.tenant, [last.scan, last.remind])
    assert len(used) == 1
    assert (reminded, last.told()) == (True, 1)


def test_two_rounds_at_once_remind_once(planted: Journey) -> None:
    last = LastHour(planted)
    answers = at_once(planted.tenant, [last.remind, last.remind])
    assert sorted(answers) == [False, True]
    assert last.told() == 1
