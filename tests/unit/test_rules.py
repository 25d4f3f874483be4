"""When a voucher is taken, which times are good, who must decide (rules §1–2)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import combinations

import pytest

from kernel.errors import Conflict, Invalid, NotFound, Refused
from partners.calendars.opening import Hours, Opening
from referrals.kinds import KINDS
from referrals.rules import (
    Cancellation,
    RefusalReason,
    SessionRule,
    VoucherFacts,
    cancellation,
    check_windows,
    may_redeem,
    needs_a_person,
)
from referrals.states import VoucherState

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 10, 0, tzinfo=CHINA)
GOOD = VoucherFacts(
    state=VoucherState.ACTIVE,
    partner_id="anxin",
    service_id="talk",
    units_left=2,
    valid_from=DAY,
    valid_until=DAY,
)
SPENT_AT = datetime(2026, 10, 20, 1, 0, tzinfo=UTC)
# each fault by itself, in the order in which the reasons are looked at
FAULTS = {
    "wrong_partner": ({"partner_id": "renai"}, {}),
    "wrong_service": ({"service_id": "group"}, {}),
    "void": ({}, {"state": VoucherState.VOID}),
    "already_redeemed": ({}, {"units_left": 0, "last_redeemed_by": "counter 2", "last_redeemed_at": SPENT_AT}),
    "expired": ({}, {"valid_until": date(2026, 10, 19), "valid_from": date(2026, 10, 1)}),
    "not_yet": ({}, {"valid_from": date(2026, 10, 21), "valid_until": date(2026, 10, 22)}),
    "suspended": ({}, {"suspended": True}),
    "over_quota": ({"units": 3}, {}),
}


def redeem(voucher=GOOD, **asked):
    return may_redeem(voucher, **{"partner_id": "anxin", "service_id": "talk", "on": DAY, "now": NOW, **asked})


def reason(voucher=GOOD, **asked):
    refusal = redeem(voucher, **asked)
    return None if refusal is None else refusal.reason.value


@pytest.mark.parametrize("state", [VoucherState.ISSUED, VoucherState.ACTIVE, "active"])
@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize("service", ["talk", None])
def test_a_good_voucher_is_taken(state, units, service):
    assert redeem(replace(GOOD, state=state), units=units, service_id=service) is None


def test_a_voucher_nobody_knows_is_unknown():
    assert reason(None) == "unknown"


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_reason(name):
    asked, facts = FAULTS[name]
    assert reason(replace(GOOD, **facts), **asked) == name


@pytest.mark.parametrize(
    ("first", "second"), [pair for pair in combinations(FAULTS, 2) if pair != ("expired", "not_yet")]
)
def test_of_two_faults_the_earlier_in_the_order_is_told(first, second):
    asked = {**FAULTS[second][0], **FAULTS[first][0]}
    facts = {**FAULTS[second][1], **FAULTS[first][1]}
    assert reason(replace(GOOD, **facts), **asked) == first


def test_another_partner_learns_nothing_of_the_voucher():
    for facts in (facts for _, facts in FAULTS.values()):
        refusal = redeem(replace(GOOD, **facts), partner_id="renai")
        assert (refusal.reason, dict(refusal.params)) == (RefusalReason.WRONG_PARTNER, {})


def test_a_spent_voucher_tells_by_whom_and_when():
    spent = replace(GOOD, state=VoucherState.USED_UP, last_redeemed_by="counter 2", last_redeemed_at=SPENT_AT)
    assert dict(redeem(spent).params) == {"by": "counter 2", "when": "2026-10-20T01:00:00+00:00"}


def test_a_voucher_without_units_counts_as_spent_whatever_its_state_says():
    assert reason(replace(GOOD, units_left=0)) == "already_redeemed"
    assert dict(redeem(replace(GOOD, units_left=0)).params) == {"by": "", "when": ""}


def test_an_expired_voucher_is_expired_even_if_its_units_were_taken_back():
    assert reason(replace(GOOD, state=VoucherState.EXPIRED, units_left=0)) == "expired"
    assert reason(replace(GOOD, state=VoucherState.EXPIRED)) == "expired"


def test_too_many_units_tell_how_many_are_left():
    assert dict(redeem(units=3).params) == {"units_left": 2}


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 10, 19, 15, 59, 59, tzinfo=UTC), "not_yet"),
        (datetime(2026, 10, 19, 16, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 20, 15, 59, 59, 999_999, tzinfo=UTC), None),
        (datetime(2026, 10, 20, 16, 0, tzinfo=UTC), "expired"),
    ],
)
def test_the_day_begins_and_ends_at_midnight_in_the_school_s_zone(moment, told):
    assert reason(now=moment) == told


def test_the_day_follows_the_zone_of_the_school():
    elsewhere = replace(GOOD, zone="Asia/Urumqi")
    assert reason(elsewhere, now=datetime(2026, 10, 20, 17, 59, tzinfo=UTC)) is None
    assert reason(elsewhere, now=datetime(2026, 10, 20, 18, 0, tzinfo=UTC)) == "expired"


def test_a_service_cannot_be_dated_back_into_the_voucher_s_days():
    assert reason(on=DAY, now=NOW + timedelta(days=1)) == "expired"
    assert reason(on=DAY - timedelta(days=1)) == "not_yet"
    assert reason(on=DAY + timedelta(days=1)) == "expired"


@pytest.mark.parametrize("units", [0, -1])
def test_less_than_one_unit_is_no_redemption(units):
    with pytest.raises(ValueError):
        redeem(units=units)


@pytest.mark.parametrize("name", ["unknown", *FAULTS])
def test_a_refusal_becomes_the_contract_s_error(name):
    asked, facts = FAULTS.get(name, ({}, {}))
    error = redeem(None if name == "unknown" else replace(GOOD, **facts), **asked).error()
    kind = {"unknown": NotFound, "already_redeemed": Conflict}.get(name, Refused)
    assert type(error) is kind
    assert error.reason == name


def test_the_reasons_are_those_of_the_rules():
    assert list(RefusalReason) == ["unknown", *FAULTS]


# --- windows ---


def window(start_hours=24.0, hours=2.0):
    start = NOW + timedelta(hours=start_hours)
    return start, start + timedelta(hours=hours)


ANY_HOUR = SessionRule(Opening(tuple(Hours(weekday, 0, 1440) for weekday in range(7))), minutes=1)


def check(*windows, zone="Asia/Shanghai", session=ANY_HOUR):
    return check_windows(windows, NOW, zone, session)


def faults(*windows, zone="Asia/Shanghai"):
    with pytest.raises(Invalid) as refusal:
        check(*windows, zone=zone)
    assert refusal.value.reason == "windows_invalid"
    return refusal.value.fields


def test_good_windows_come_back_in_utc_in_their_order():
    late, early = window(72), window(0, 12)
    checked = check(late, early)
    assert checked == (late, early)
    assert all(moment.tzinfo is UTC for each in checked for moment in each)


def test_five_windows_are_good_and_six_too_many():
    assert len(check(*[window(n) for n in range(1, 6)])) == 5
    assert faults(*[window(n) for n in range(1, 7)]) == (("windows", "too_many_windows", "5"),)


def test_no_window_is_not_enough():
    assert faults() == (("windows", "windows_missing", ""),)


def test_a_time_without_offset_is_refused():
    start, end = window()
    assert faults((start.replace(tzinfo=None), end)) == (("windows[0].starts_at", "offset_missing", ""),)
    assert [f[0] for f in faults((start.replace(tzinfo=None), end.replace(tzinfo=None)))] == [
        "windows[0].starts_at",
        "windows[0].ends_at",
    ]


def test_the_past_is_refused_and_this_moment_is_not():
    assert faults(window(-1 / 3600))[0][1] == "in_the_past"
    assert check(window(0))


@pytest.mark.parametrize("hours", [0, -1])
def test_an_end_not_after_the_start_is_refused(hours):
    assert faults(window(24, hours)) == (("windows[0].ends_at", "end_before_start", ""),)


def test_twelve_hours_are_the_longest():
    assert check(window(24, 12))
    assert faults(window(24, 12 + 1 / 3600)) == (("windows[0].ends_at", "window_too_long", "12"),)


def test_ninety_days_ahead_are_counted_by_day_in_the_school_s_zone():
    last = datetime(2027, 1, 18, 23, 59, tzinfo=CHINA)
    assert check((last, last + timedelta(hours=1)))
    after = last + timedelta(minutes=1)
    assert faults((after, after + timedelta(hours=1))) == (("windows[0].starts_at", "too_far_ahead", "90"),)
    assert check((after, after + timedelta(hours=1)), zone="Asia/Urumqi")


def test_the_ends_of_the_calendar_are_refused_without_a_crash():
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    first = datetime(1, 1, 1, tzinfo=CHINA)
    west = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12)))
    for each in ((last, last), (first, first), (first, last), (west, west), (last, first)):
        assert faults(each)


def test_all_faults_of_all_windows_are_told_at_once():
    assert [row[:2] for row in faults(window(), window(-1, -1), window(24, 13))] == [
        ("windows[1].starts_at", "in_the_past"),
        ("windows[1].ends_at", "end_before_start"),
        ("windows[2].ends_at", "window_too_long"),
    ]


# --- who decides, and until when ---


@pytest.mark.parametrize("kind", ["counselling", "psychiatry", "mediation"])
def test_the_first_three_sessions_are_the_person_s_own_choice(kind):
    assert [needs_a_person(kind, count, 3) for count in range(5)] == [False, False, False, True, True]


@pytest.mark.parametrize(("count", "asked", "needed"), [(0, 3, False), (0, 4, True), (2, 1, False), (2, 2, True)])
def test_the_sessions_asked_for_count_too(count, asked, needed):
    assert needs_a_person("counselling", count, 3, requested=asked) is needed


def test_the_number_of_free_sessions_is_the_school_s_setting():
    assert needs_a_person("counselling", 0, threshold=0)
    assert not needs_a_person("counselling", 5, threshold=6)


@pytest.mark.parametrize("kind", [kind for kind, facts in KINDS.items() if facts.decider == "union"])
def test_what_the_union_decides_is_limited_by_quota_and_pool_not_by_count(kind):
    assert not needs_a_person(kind, 100, 3)


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        needs_a_person("gym", 0, 3)


@pytest.mark.parametrize(
    ("hours", "meaning"),
    [
        (48, Cancellation.FREE),
        (24, Cancellation.FREE),
        (24 - 1 / 3600, Cancellation.LATE),
        (1 / 3600, Cancellation.LATE),
        (0, Cancellation.STARTED),
        (-1, Cancellation.STARTED),
    ],
)
def test_a_cancellation_is_free_until_a_day_before(hours, meaning):
    assert cancellation(NOW + timedelta(hours=hours), NOW, timedelta(hours=24)) is meaning


def test_how_long_it_is_free_is_the_school_s_setting():
    assert cancellation(NOW + timedelta(hours=3), NOW, timedelta(hours=2)) is Cancellation.FREE


def test_what_is_linked_to_a_crisis_is_never_late():
    assert cancellation(NOW + timedelta(minutes=1), NOW, timedelta(hours=24), crisis=True) is Cancellation.FREE
    assert cancellation(NOW, NOW, timedelta(hours=24), crisis=True) is Cancellation.STARTED
