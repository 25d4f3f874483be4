"""An appointment that nobody scanned, and what both say about it: dates, books and who may (books §3, §9)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.selectors import balance
from notifications.models import OutboxMessage
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption, Unit
from referrals.subsidies import accounting
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import redeem
from referrals.workflow.stopping import stop_course
from referrals.workflow.unscanned import decide_unscanned
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.journey_steps import answer, ask, pool
from tests.workflow.missed_steps import DAY, booked, even, fresh, lines, say, sweep, with_terms

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def quota_of(journey: Journey, referral: object) -> object:
    accounts = accounting.accounts_of(referral, referral.service_date)  # type: ignore[arg-type,attr-defined]
    assert accounts.quota is not None
    return balance(accounts.quota)


def test_the_code_is_dead_at_midnight_and_the_value_stays_held_for_two_days(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    over = day_over_at(booking.ends_at, booking.zone)
    with as_of(over), pytest.raises(Refused, match="expired"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    sweep(over - timedelta(seconds=1))
    assert fresh(booking) == ("confirmed",)
    sweep(over)
    assert fresh(referral, booking, voucher) == ("confirmed", "unresolved", "issued")
    assert pool(journey).reserved == 21_000
    templates = set(OutboxMessage.objects.values_list("template", flat=True))
    assert {"booking_unscanned", "booking_unscanned_there"} <= templates
    sweep(over + 2 * DAY - timedelta(seconds=1))
    assert fresh(booking) == ("unresolved",)
    sweep(over + 2 * DAY)
    assert fresh(referral, booking, voucher) == ("expired", "lapsed", "expired")
    assert pool(journey).reserved == 0
    assert even()


def test_a_sweep_that_lags_three_days_changes_nothing(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    over = day_over_at(booking.ends_at, booking.zone)
    say(journey, journey.staff, booking, "yes", over + HOUR)
    say(journey, journey.partner_counter, booking, "yes", over + 2 * DAY - timedelta(seconds=1))
    assert fresh(referral, booking, voucher) == ("completed", "done", "used_up")
    referral, booking, voucher = booked(journey, days=2)
    over = day_over_at(booking.ends_at, booking.zone)
    with pytest.raises(Refused, match="too_late"):
        say(journey, journey.staff, booking, "yes", over + 2 * DAY)
    sweep(over + 3 * DAY)
    assert fresh(referral, booking, voucher) == ("expired", "lapsed", "expired")
    assert even()


def test_at_seven_in_shanghai_it_is_the_schools_day_that_is_over() -> None:
    with as_of(datetime(2026, 12, 1, 2, tzinfo=UTC)):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            referral, booking, _voucher = booked(journey, days=2)
            start = datetime(2026, 12, 4, 7, 0, tzinfo=SHANGHAI)  # the third in UTC
            Booking.objects.filter(pk=booking.pk).update(starts_at=start, ends_at=start + timedelta(minutes=50))
            booking.refresh_from_db()
            midnight = datetime(2026, 12, 5, tzinfo=SHANGHAI)
            assert day_over_at(booking.ends_at, booking.zone) == midnight
            Booking.objects.filter(pk=booking.pk).update(due_at=midnight)
            sweep(datetime(2026, 12, 4, 23, 59, tzinfo=SHANGHAI))
            assert fresh(booking) == ("confirmed",)
            sweep(midnight)
            assert fresh(booking) == ("unresolved",)


def test_both_say_yes_in_the_new_year_and_the_old_year_pays() -> None:
    with as_of(datetime(2026, 12, 29, 2, tzinfo=UTC)):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            referral = ask(journey, days=2)  # 31 December
            booking = answer(journey, referral)
            assert booking.starts_at.astimezone(SHANGHAI).date() == date(2026, 12, 31)
            at = datetime(2027, 1, 1, 3, tzinfo=UTC)
            say(journey, journey.staff, booking, "yes", at)
            assert fresh(booking) == ("unresolved",)
            say(journey, journey.partner_counter, booking, "yes", at + HOUR)
            line = Redemption.objects.get()
            assert (line.service_date, line.redeemed_at) == (date(2026, 12, 31), at + HOUR)
            assert (line.state, line.agreed_at) == ("validated", at + HOUR), "the person's own yes"
            assert line.redeemed_by_id == journey.partner_counter.user_id
            assert lines("commit") == [(date(2026, 12, 31), 2026)]
            assert even()


def test_the_unscanned_one_keeps_its_own_unit_when_the_next_is_scanned_in_the_new_year() -> None:
    with as_of(datetime(2026, 12, 30, 2, tzinfo=UTC)):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            referral, old, voucher = booked(journey, units=2, days=1)  # 31 December
            start = datetime(2027, 1, 1, 10, tzinfo=SHANGHAI)
            new = enter_appointment(
                actor=journey.partner_counter, tenant=journey.tenant, voucher_id=voucher.pk,
                starts_at=start, ends_at=start + timedelta(minutes=50),
            )  # fmt: skip
            with as_of(start):
                redeem(actor=journey.partner_counter, text=voucher.code)
            at = start + HOUR
            say(journey, journey.staff, old, "yes", at)
            say(journey, journey.partner_counter, old, "yes", at)
            found = Redemption.objects.order_by("service_date").values_list("booking_id", "service_date", "unit_index")
            assert list(found) == [(old.pk, date(2026, 12, 31), 0), (new.pk, date(2027, 1, 1), 1)]
            assert sorted(lines("commit")) == [(date(2026, 12, 31), 2026), (date(2027, 1, 1), 2027)]
            assert fresh(referral, voucher) == ("completed", "used_up")
            assert even()


@pytest.mark.parametrize(
    ("person", "agency", "state"),
    [("yes", "yes", "done"), ("yes", "no", "disputed"), ("no", "yes", "disputed"), ("no", "no", "lapsed"),
     ("yes", "no_show", "disputed"), ("no", "no_show", "no_show")],
)  # fmt: skip
def test_what_both_say_decides_whoever_speaks_first(journey: Journey, person: str, agency: str, state: str) -> None:
    for days, first in enumerate(("person", "agency"), start=1):
        _referral, booking, _voucher = booked(journey, days=days)
        said = [(journey.staff, person), (journey.partner_counter, agency)]
        for who, says in said if first == "person" else reversed(said):
            say(journey, who, booking, says)
        assert fresh(booking) == (state,)
        assert even()


@pytest.mark.parametrize(("who", "says", "state"), [("staff", "yes", "lapsed"), ("partner_counter", "yes", "disputed")])
def test_one_word_alone_moves_no_money(journey: Journey, who: str, says: str, state: str) -> None:
    _referral, booking, _voucher = booked(journey)
    say(journey, getattr(journey, who), booking, says)
    sweep(day_over_at(booking.ends_at, booking.zone) + 2 * DAY)
    assert fresh(booking) == (state,)
    assert pool(journey).spent == 0


def test_an_answer_may_be_changed_until_it_decides_and_said_twice_it_counts_once(journey: Journey) -> None:
    _referral, booking, _voucher = booked(journey)
    say(journey, journey.staff, booking, "no")
    say(journey, journey.staff, booking, "yes")
    say(journey, journey.partner_counter, booking, "yes")
    say(journey, journey.partner_counter, booking, "yes")
    assert Redemption.objects.count() == 1
    with pytest.raises(Refused, match="too_late"):
        say(journey, journey.staff, booking, "no")


def test_did_not_come_can_be_objected_to_for_two_days_before_a_fee_is_final(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey)
    said_at = booking.ends_at + timedelta(minutes=1)
    say(journey, journey.partner_counter, booking, "no_show", said_at)
    assert fresh(booking) == ("no_show",)
    assert booking.due_at == said_at + 2 * DAY
    assert pool(journey).reserved == 21_000
    sweep(said_at + 2 * DAY - timedelta(seconds=1))
    assert not Redemption.objects.exists()
    sweep(said_at + 2 * DAY)
    assert fresh(referral, booking, voucher) == ("expired", "no_show", "expired")
    assert (booking.missed_fee_fen, booking.missed_paid_fen, booking.due_at) == (15_000, 15_000, None)
    assert (pool(journey).reserved, pool(journey).spent) == (0, 15_000)
    assert even()
    with pytest.raises(Refused, match="too_late"):
        say(journey, journey.staff, booking, "yes", said_at + 2 * DAY)


@pytest.mark.parametrize(
    ("decision", "states", "spent"),
    [("took_place", ("completed", "done", "used_up"), 21_000), ("no_show", ("expired", "no_show", "expired"), 15_000),
     ("neither", ("expired", "lapsed", "expired"), 0)],
)  # fmt: skip
def test_the_person_objects_and_the_office_of_the_kind_decides(
    journey: Journey, decision: str, states: tuple[str, ...], spent: int
) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey)
    say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
    say(journey, journey.staff, booking, "yes", booking.ends_at + HOUR)
    assert fresh(booking) == ("disputed",)
    sweep(booking.ends_at + 9 * DAY)
    assert fresh(booking, voucher) == ("disputed", "issued"), "it waits for the office, however long"
    with as_of(booking.ends_at + 9 * DAY):
        for who in (journey.union, journey.staff, journey.partner_office, journey.finance):
            with pytest.raises((NotFound, Forbidden)):
                decide_unscanned(actor=who, tenant=journey.tenant, booking_id=booking.pk, decision=decision)
        with pytest.raises(Invalid):
            decide_unscanned(actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision="both")
        decide_unscanned(actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision=decision)
        with pytest.raises((Refused, IllegalMove)):
            decide_unscanned(actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision=decision)
    assert fresh(referral, booking, voucher) == states
    assert (pool(journey).reserved, pool(journey).spent) == (0, spent)
    assert even()


def test_a_course_goes_on_while_one_is_asked_about_and_loses_one_unit_when_it_lapses(journey: Journey) -> None:
    referral, missed, voucher = booked(journey, units=3)
    over = day_over_at(missed.ends_at, missed.zone)
    sweep(over)
    with as_of(over + HOUR):
        for days in (3, 4):
            start, end = soon(days=days)
            enter_appointment(
                actor=journey.partner_counter,
                tenant=journey.tenant,
                voucher_id=voucher.pk,
                starts_at=start,
                ends_at=end,
            )
        with pytest.raises(Conflict, match="has_appointment"):
            start, end = soon(days=5)
            enter_appointment(
                actor=journey.partner_counter,
                tenant=journey.tenant,
                voucher_id=voucher.pk,
                starts_at=start,
                ends_at=end,
            )
        for act in (cancel_referral, stop_course):
            with pytest.raises(Refused, match="asked_about"):
                act(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    sweep(over + 2 * DAY)
    assert fresh(referral, missed, voucher) == ("confirmed", "lapsed", "issued")
    assert voucher.units_left == 2
    assert [unit.state for unit in Unit.objects.order_by("index")] == ["held", "held", "released"]
    assert even()
    with as_of(start - DAY):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert even()


@pytest.mark.parametrize("late", [timedelta(0), HOUR, 30 * DAY, 400 * DAY])
def test_a_sweep_that_lags_gives_a_course_no_more_days(journey: Journey, late: timedelta) -> None:
    """What waits for a time counts from the day on which the dates had decided, not from the day of the sweep."""
    referral, missed, voucher = booked(journey, units=2)
    decided = day_over_at(missed.ends_at, missed.zone) + 2 * DAY
    sweep(decided + late)
    last = decided.astimezone(SHANGHAI).date() + journey.tenant.settings.open_voucher_days * DAY
    ended = (decided + late).astimezone(SHANGHAI).date() > last
    assert fresh(referral, missed, voucher) == (
        ("expired", "lapsed", "expired") if ended else ("confirmed", "lapsed", "issued")
    )
    assert voucher.valid_until == last
    assert pool(journey).reserved == (0 if ended else 21_000)
    assert even()


def test_a_stranger_a_word_of_no_list_and_a_day_that_is_not_over(journey: Journey) -> None:
    _referral, booking, _voucher = booked(journey)
    for who in (journey.staff2, journey.union, journey.centre):
        with pytest.raises(NotFound):
            say(journey, who, booking, "yes")
    for who, says in ((journey.staff, "no_show"), (journey.staff, ""), (journey.partner_counter, "perhaps")):
        with pytest.raises(Invalid):
            say(journey, who, booking, says)
    for who, says, at in (
        (journey.staff, "yes", booking.ends_at + HOUR / 60),
        (journey.partner_counter, "yes", booking.ends_at),
        (journey.partner_counter, "no_show", booking.ends_at - timedelta(seconds=1)),
    ):
        with pytest.raises(Refused, match="not_over"):
            say(journey, who, booking, says, at)
    assert fresh(booking) == ("confirmed",)
