"""Reminders of an appointment: once each, by day, with it when it moves, none for one that is over or off."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of
from notifications.models import OutboxMessage
from notifications.texts import texts
from referrals.due import run_due
from referrals.models import Booking
from referrals.reminders import next_reminder
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule
from tests.fixtures_journey import Journey, by_daylight
from tests.workflow.journey_steps import answer, ask

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("starts", "after", "due"),
    [(at(10, 15), at(1, 9), at(9, 15)), (at(10, 15), at(9, 15), at(10, 13)), (at(10, 15), at(10, 13), None),
     (at(10, 7), at(9, 8), at(9, 21)), (at(10, 23, 30), at(9, 20), at(9, 21)), (at(1, 0, 30), at(1, 0), None),
     (at(10, 9), at(9, 10), at(10, 7))],
)  # fmt: skip
def test_a_day_and_two_hours_before_and_never_at_night(starts: datetime, after: datetime, due: datetime | None) -> None:
    assert next_reminder(starts, after, "Asia/Shanghai") == due


def made(journey: Journey, days: int = 4) -> Booking:
    """An appointment at eleven in the morning, so that no night meets a reminder."""
    booking = answer(journey, ask(journey, days=days))
    start, end = by_daylight(booking.starts_at, booking.ends_at)
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=start, ends_at=end, remind_at=next_reminder(start, start - timedelta(days=2), "Asia/Shanghai")
    )
    booking.refresh_from_db()
    return booking


def told(at_moment: datetime) -> int:
    with as_of(at_moment):
        run_due()
        run_due()
    return OutboxMessage.objects.filter(template="booking_reminder", channel="in_app").count()


@pytest.mark.django_db
def test_each_comes_once_and_a_sweep_that_lags_sends_one(journey: Journey) -> None:
    booking = made(journey)
    start = booking.starts_at
    assert [told(start - 25 * HOUR), told(start - 24 * HOUR), told(start - 3 * HOUR)] == [0, 1, 1]
    assert [told(start - 2 * HOUR), told(start - HOUR), told(start + HOUR)] == [2, 2, 2]
    other = made(journey, days=6)
    assert told(other.starts_at - HOUR) == 3, "both were due, one is sent"
    late = made(journey, days=8)
    assert told(late.starts_at + HOUR) == 3, "none for one that has begun"


@pytest.mark.django_db
def test_it_moves_with_the_appointment_and_none_comes_for_one_that_is_off(journey: Journey) -> None:
    booking = made(journey)
    start = booking.starts_at
    assert told(start - 24 * HOUR) == 1
    later = start + timedelta(days=2)
    with as_of(start - 20 * HOUR):
        asked = ask_reschedule(
            actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=later,
            ends_at=later + (booking.ends_at - booking.starts_at),
        )  # fmt: skip
        accept_reschedule(actor=journey.partner_office, tenant=journey.tenant, reschedule_id=asked.pk)
    assert [told(start - 2 * HOUR), told(later - 24 * HOUR), told(later - 2 * HOUR)] == [1, 2, 3]
    off = made(journey, days=9)
    with as_of(off.starts_at - 30 * HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=off.referral_id)
    assert told(off.starts_at - 2 * HOUR) == 3


@pytest.mark.django_db
def test_its_words_name_neither_service_nor_agency(journey: Journey) -> None:
    text = texts()["booking_reminder"]
    for words in (*text.zh, *text.en):
        for forbidden in (journey.counselling.name, journey.institution.name, "咨询", "counsel", "心理"):
            assert forbidden not in words
