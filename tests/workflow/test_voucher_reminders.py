"""Reminders of a voucher's last day: 30, 7 and 1 days before, once each, by day, none for what is booked, used, off or paused."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of, end_of_day
from notifications.models import OutboxMessage
from notifications.texts import texts
from partners.models import Service
from referrals.due import run_due
from referrals.models import Booking, Referral, Voucher
from referrals.reminders import days_due, next_of_last_day
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.paused import decide_paused
from referrals.workflow.redeeming import redeem
from referrals.workflow.reminding import remind_of_end
from tenancy.rules import REMINDABLE_DAYS
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked
from tests.workflow.paused_steps import suspend

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
ENDS = date(2027, 3, 31)
USUAL = (30, 7, 1)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("after", "due"),
    [(at(ENDS - 40 * DAY), at(ENDS - 30 * DAY)), (at(ENDS - 30 * DAY), at(ENDS - 7 * DAY)),
     (at(ENDS - 8 * DAY), at(ENDS - 7 * DAY)), (at(ENDS - 7 * DAY), at(ENDS - DAY)), (at(ENDS - DAY), None)],
)  # fmt: skip
def test_the_next_is_at_nine_by_the_schools_clock(after: datetime, due: datetime | None) -> None:
    assert next_of_last_day(ENDS, USUAL, after, "Asia/Shanghai") == due


@pytest.mark.parametrize(
    ("since", "moment", "days"),
    [(at(ENDS - 30 * DAY), at(ENDS - 30 * DAY), 30), (at(ENDS - 30 * DAY), at(ENDS - 28 * DAY), 30),
     (at(ENDS - 30 * DAY), at(ENDS - DAY), 1), (at(ENDS - 7 * DAY), at(ENDS, 23), 1), (at(ENDS - 6 * DAY), at(ENDS - 5 * DAY), None),
     (at(ENDS - 30 * DAY), at(ENDS + DAY, 0), None), (at(ENDS - 7 * DAY), at(ENDS - 7 * DAY, 8, 59), None)],
)  # fmt: skip
def test_of_several_the_nearest_counts_and_none_after_the_last_day(
    since: datetime, moment: datetime, days: int | None
) -> None:
    assert days_due(ENDS, USUAL, since, moment, "Asia/Shanghai") == days


def opened(journey: Journey, *, who: Any = None, units: int = 3, ends_in: int = 60, days: int = 1) -> Voucher:
    """Hours of home help that any visit within its days may spend."""
    Service.objects.filter(pk=journey.counselling.pk).update(kind="counselling", unit="session")
    referral, _booking, voucher = booked(journey, who=who, units=units, days=days)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
    Referral.objects.filter(pk=referral.pk).update(kind="home_help")
    return ends_on(voucher, voucher.valid_from + ends_in * DAY)


def ends_on(voucher: Voucher, day: date) -> Voucher:
    Voucher.objects.filter(pk=voucher.pk).update(valid_until=day)
    Booking.objects.filter(referral=voucher.referral_id).update(due_at=end_of_day(day, "Asia/Shanghai"))
    voucher.refresh_from_db()
    return voucher


def read(journey: Journey, voucher: Voucher) -> str:
    """The owner's page of it."""
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["staff"].user)
    answer = client.get(f"/vouchers/{voucher.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def round_at(moment: datetime) -> None:
    with as_of(moment):
        run_due()
        run_due()


def told() -> list[str]:
    """What the person found in 消息 of last days: unused or what is left, and the days before; in order."""
    rows = OutboxMessage.objects.filter(template__endswith="ends_soon", channel="in_app").order_by("pk")
    return [f"{'rest' if 'rest' in row.template else 'all'} {row.key.rsplit('/', 1)[1]}" for row in rows]


pytestmark = pytest.mark.django_db


def test_each_comes_once_and_never_before_nine(journey: Journey) -> None:
    last = opened(journey).valid_until
    seen = []
    for before in (31, 30, 29, 8, 7, 6, 2, 1, 0, -1):
        round_at(at(last - before * DAY, 8, 59))
        round_at(at(last - before * DAY, 9, 1))
        seen.append(told())
    assert seen == [
        [], ["all 30"], ["all 30"], ["all 30"], *[["all 30", "all 7"]] * 3, *[["all 30", "all 7", "all 1"]] * 3,
    ]  # fmt: skip


def test_a_round_that_lags_sends_the_nearest_alone(journey: Journey) -> None:
    last = opened(journey).valid_until
    round_at(at(last - DAY, 10))
    assert told() == ["all 1"], "thirty, seven and one were due"
    other = opened(journey, who=journey.staff2, days=2)
    round_at(at(other.valid_until - 28 * DAY, 10))
    assert told() == ["all 1", "all 30"], "two days late it still comes"
    late = opened(journey, days=3)
    round_at(at(late.valid_until + DAY, 0, 1))
    assert len(told()) == 2, "none for a day that is over"


def test_what_falls_due_by_night_waits_for_the_morning(journey: Journey) -> None:
    last = opened(journey).valid_until
    round_at(at(last - 8 * DAY, 12))
    before = len(told())
    round_at(at(last - 7 * DAY, 22, 30))
    round_at(at(last - 6 * DAY, 6, 59))
    assert len(told()) == before
    round_at(at(last - 6 * DAY, 7))
    assert told()[before:] == ["all 7"]


def test_a_part_that_was_used_is_said_and_the_page_says_how_much_is_left(journey: Journey) -> None:
    voucher = opened(journey)
    with as_of(at(voucher.valid_from, 18)):
        redeem(actor=journey.partner_counter, text=voucher.code)
    round_at(at(voucher.valid_until - 7 * DAY, 9))
    assert told() == ["rest 7"]
    with as_of(at(voucher.valid_until - 7 * DAY, 9)):
        page = read(journey, voucher)
    assert "2 hours of 3" in page


def test_nothing_comes_once_it_is_used_up_or_off(journey: Journey) -> None:
    used, off = opened(journey, units=1), opened(journey, who=journey.staff2, days=2)
    with as_of(at(used.valid_from, 18)):
        redeem(actor=journey.partner_counter, text=used.code)
    cancel_referral(actor=journey.staff2, tenant=journey.tenant, referral_id=off.referral_id)
    for before in (30, 7, 1):
        round_at(at(used.valid_until - before * DAY, 9))
    assert told() == []


def test_a_round_that_had_found_it_before_it_was_called_off_says_nothing(journey: Journey) -> None:
    voucher = opened(journey)
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=voucher.referral_id)
    with as_of(at(voucher.valid_until - 7 * DAY, 9)):
        assert not remind_of_end(tenant=journey.tenant, voucher_id=voucher.pk)
    assert told() == []


def test_another_last_day_has_reminders_of_its_own_and_none_that_lie_behind(journey: Journey) -> None:
    voucher = opened(journey)
    first = voucher.valid_until
    round_at(at(first - 30 * DAY, 9))
    ends_on(voucher, first + 40 * DAY)
    round_at(at(first - 29 * DAY, 9))
    round_at(at(first - 7 * DAY, 9))
    assert told() == ["all 30"], "put off: nothing on the old days"
    round_at(at(first + 10 * DAY, 9))
    assert told() == ["all 30", "all 30"]
    ends_on(voucher, first + 15 * DAY)
    round_at(at(first + 10 * DAY, 9, 30))
    assert told() == ["all 30", "all 30"], "brought forward: those that lie behind are not made up for"
    round_at(at(first + 14 * DAY, 9))
    assert told() == ["all 30", "all 30", "all 1"]


def test_what_is_booked_is_left_to_the_reminders_of_its_appointment(journey: Journey) -> None:
    _referral, _booking, voucher = booked(journey, days=40)
    for before in (30, 7, 1):
        round_at(at(voucher.valid_until - before * DAY, 9))
    assert told() == []


def test_a_course_of_which_a_session_waits_to_be_booked_is_reminded(journey: Journey) -> None:
    _referral, _booking, voucher = booked(journey, units=2)
    with as_of(at(voucher.valid_from, 18)):
        redeem(actor=journey.partner_counter, text=voucher.code)
    voucher.refresh_from_db()
    round_at(at(voucher.valid_until - 30 * DAY, 9))
    assert told() == ["rest 30"]


def test_a_month_of_childcare_is_reminded_though_its_first_day_is_booked(journey: Journey) -> None:
    _referral, _booking, voucher = booked(journey)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="childcare", unit="month")
    ends_on(voucher, voucher.valid_from + 60 * DAY)
    round_at(at(voucher.valid_until - 30 * DAY, 9))
    assert told() == ["all 30"]


def test_while_a_pause_is_undecided_nobody_is_told_to_use_it_there(journey: Journey) -> None:
    voucher = opened(journey)
    with as_of(at(voucher.valid_until - 8 * DAY, 9)):
        suspend(journey)
        run_due()
    before = told()
    with as_of(at(voucher.valid_until - 7 * DAY, 9)):
        remind_of_end(tenant=journey.tenant, voucher_id=voucher.pk)
        assert told() == before
        decide_paused(actor=journey.union, tenant=journey.tenant, referral_id=voucher.referral_id, choice="keep")
    round_at(at(voucher.valid_until - DAY, 9))
    assert told()[len(before) :] == ["all 1"], "kept: it may be used"


def test_who_has_left_is_told_by_mail_with_their_own_link(journey: Journey) -> None:
    voucher = opened(journey)
    left = journey.tenant.today() - DAY
    Membership.objects.filter(pk=journey.members["staff"].pk).update(left_on=left)
    run_due()
    voucher.refresh_from_db()
    assert voucher.valid_until == left + journey.tenant.settings.leaver_days * DAY
    OutboxMessage.objects.all().delete()
    round_at(at(voucher.valid_until - 7 * DAY, 9))
    assert told() == []
    assert [(row.template, row.channel) for row in OutboxMessage.objects.filter(key__contains="ends_soon")] == [
        ("leaver_news", "email")
    ]


@pytest.mark.parametrize(("ticked", "found"), [(["14", "3"], ["all 14", "all 3"]), ([], [])])
def test_a_school_says_on_which_days(journey: Journey, ticked: list[str], found: list[str]) -> None:
    voucher = opened(journey)
    round_at(at(voucher.valid_until - 31 * DAY, 9))
    rules = {**journey.tenant.rules, "reminder_days": ticked}
    type(journey.tenant).objects.filter(pk=journey.tenant.pk).update(rules=rules)
    for before in (30, 14, 7, 3, 1):
        round_at(at(voucher.valid_until - before * DAY, 9))
    assert told() == found


def test_the_page_says_when_it_ends_and_on_which_days_it_reminds(journey: Journey) -> None:
    voucher = opened(journey)

    def says(before: int) -> list[str]:
        with as_of(at(voucher.valid_until - before * DAY, 10)):
            page = read(journey, voucher)
        assert "Valid until" in page
        found = re.search(r'id="reminders">\s*(.*?)\s*</p>', page, re.DOTALL)
        return found[1].rsplit(": ", 1)[1].rstrip(".").split(", ") if found else []

    assert [says(31), says(30), says(2), says(1)] == [["30", "7", "1"], ["7", "1"], ["1"], []]
    Service.objects.filter(pk=journey.counselling.pk).update(kind="counselling", unit="session")
    booked_only = booked(journey, days=9)[2]
    assert 'id="reminders"' not in read(journey, booked_only)


@pytest.mark.parametrize("template", ["voucher_ends_soon", "voucher_rest_ends_soon"])
def test_its_words_name_neither_service_nor_agency(journey: Journey, template: str) -> None:
    text = texts()[template]
    for words in (*text.zh, *text.en):
        for forbidden in (
            journey.counselling.name,
            journey.institution.name,
            "咨询",
            "counsel",
            "心理",
            "家政",
            "home",
        ):
            assert forbidden not in words


def test_every_day_that_a_school_may_tick_is_looked_at() -> None:
    assert [next_of_last_day(ENDS, [int(days)], at(ENDS - 60 * DAY), "Asia/Shanghai") for days in REMINDABLE_DAYS] == [
        at(ENDS - int(days) * DAY) for days in REMINDABLE_DAYS
    ]
