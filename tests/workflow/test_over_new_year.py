"""A course of three over New Year, of which one was had: seven in the morning in Shanghai, a sweep two days late, a note of
the counter without network. The dates decide, each year pays its own, and the books hold (books §1, §3)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of, local_day
from kernel.errors import Refused
from ledger.selectors import balance
from referrals.due import run_due
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption, Unit, Voucher
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.noted import Noted
from referrals.workflow.offline_marks import take_note
from referrals.workflow.pools import pool_key
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import say_took_place
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.missed_steps import even, lines, sweep

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2028, 1, 1, 7, 0, tzinfo=SHANGHAI)
SESSION = timedelta(minutes=50)
DAY = timedelta(days=1)


@pytest.fixture
def course() -> Iterator[tuple[Journey, Voucher, Booking]]:
    """One session was had in December 2027, the second is on 1 January 2028 at 07:00."""
    with as_of(datetime(2027, 12, 20, 2, tzinfo=UTC)):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            first = answer(journey, ask(journey, units=3))
            voucher = Voucher.objects.get()
    with use_tenant(journey.tenant.id), as_of(first.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
        yield journey, voucher, enter(journey, voucher, NEW_YEAR)


def enter(journey: Journey, voucher: Voucher, start: datetime) -> Booking:
    return enter_appointment(
        actor=journey.partner_counter, tenant=journey.tenant, voucher_id=voucher.pk, starts_at=start, ends_at=start + SESSION
    )  # fmt: skip


def pools() -> list[tuple[int, int]]:
    """Spent and reserved of 2027 and of 2028."""
    stands = [balance(pool_key("counselling", year)) for year in (2027, 2028)]
    return [(each.spent, each.reserved) for each in stands]


def units() -> list[tuple[str, date]]:
    return list(Unit.objects.order_by("index").values_list("state", "service_date"))


def note(journey: Journey, voucher: Voucher, at: datetime, arrives: datetime) -> Any:
    with as_of(arrives):
        return take_note(
            actor=journey.partner_counter, text=voucher.code, noted=Noted(uuid4(), at, timedelta(seconds=-3))
        )


def test_at_seven_on_new_years_day_it_is_the_new_years_pool_though_utc_has_the_old_year(course: Any) -> None:
    journey, voucher, second = course
    assert pools() == [(21_000, 21_000), (0, 21_000)], "the third, without a day of its own, stays with the old year"
    with as_of(NEW_YEAR):
        assert local_day(NEW_YEAR, "UTC").year == 2027
        [line] = redeem(actor=journey.partner_counter, text=voucher.code)
    assert (line.service_date, line.unit_index) == (date(2028, 1, 1), 1)
    assert pools() == [(21_000, 21_000), (21_000, 0)]
    second.refresh_from_db()
    assert second.state == "done"
    assert even()


def test_a_minute_before_midnight_it_is_not_its_day(course: Any) -> None:
    journey, voucher, _second = course
    with as_of(NEW_YEAR - timedelta(hours=7, minutes=1)), pytest.raises(Refused, match="not_yet"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(NEW_YEAR - timedelta(hours=7)):
        assert redeem(actor=journey.partner_counter, text=voucher.code)
    assert even()


@pytest.mark.parametrize("swept", [False, True])
def test_a_note_of_new_years_day_that_arrives_the_next_morning_is_the_new_years(course: Any, swept: bool) -> None:
    journey, voucher, second = course
    if swept:
        sweep(day_over_at(second.ends_at, second.zone))
    [line] = note(journey, voucher, NEW_YEAR, NEW_YEAR + DAY).redemptions
    assert (line.service_date, line.redeemed_at) == (date(2028, 1, 1), NEW_YEAR)
    assert pools() == [(21_000, 21_000), (21_000, 0)]
    assert even()


@pytest.mark.parametrize("late", [timedelta(0), 2 * DAY])
def test_a_sweep_two_days_late_leaves_the_same(course: Any, late: timedelta) -> None:
    """Nobody scanned and nobody says anything: that one lapses and returns to its year; the third is still to be had."""
    journey, voucher, second = course
    over = day_over_at(second.ends_at, second.zone)
    if not late:
        sweep(over)
    sweep(over + 2 * DAY + late)
    second.refresh_from_db()
    voucher.refresh_from_db()
    assert (second.state, voucher.state) == ("lapsed", "active")
    assert sum(reserved for _spent, reserved in pools()) == 21_000
    assert [state for state, _day in units()].count("held") == 1
    with as_of(over + 2 * DAY + late):
        start = NEW_YEAR + 12 * DAY
        enter(journey, voucher, start)
        run_due()
    with as_of(start):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert pools() == [(21_000, 0), (21_000, 0)]
    assert lines("commit") == [(first_day(), 2027), (start.date(), 2028)]
    assert even()


def first_day() -> date:
    return Redemption.objects.order_by("service_date").values_list("service_date", flat=True)[0]


def test_a_late_note_is_the_agencys_word_about_its_own_appointment_not_the_latest(course: Any) -> None:
    """Two are asked about at once: the note of the first day answers for the first."""
    journey, voucher, second = course
    third = enter(journey, voucher, NEW_YEAR + DAY)
    arrives = day_over_at(third.ends_at, third.zone) + timedelta(hours=2)
    assert arrives - NEW_YEAR > DAY, "too late to be taken as a scan"
    assert note(journey, voucher, NEW_YEAR, arrives).booking == second
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.agency_says, third.agency_says) == ("yes", "")
    with as_of(arrives + timedelta(minutes=1)):
        say_took_place(actor=journey.staff, tenant=journey.tenant, booking_id=second.pk, says="yes")
    line = Redemption.objects.get(booking=second)
    assert (line.service_date, line.unit_index) == (date(2028, 1, 1), 1)
    assert even()
