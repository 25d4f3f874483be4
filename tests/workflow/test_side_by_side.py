"""Several appointments of a course at once: which unit pays which, their days and years, and a course that is stopped (books §2–3)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, start_of_day
from kernel.errors import Conflict, NotFound, Refused
from ledger.keys import AccountKey
from ledger.models import Transfer
from ledger.selectors import balance, difference
from ledger.workflow import reserve
from notifications.models import OutboxMessage
from referrals.counter.selectors import visits_and_wishes, vouchers_without_appointment
from referrals.models import Booking, Offer, Referral, Unit, Voucher
from referrals.rules import Days, days_of_course, units_of_bookings
from referrals.subsidies import accounting
from referrals.workflow.answering import confirm_offer
from referrals.workflow.appointments import cancel_appointment, enter_appointment
from referrals.workflow.numbering import drawn_numbers, save_numbered
from referrals.workflow.redeeming import prepare, redeem, reverse
from referrals.workflow.rerouting import cancel_by_agency
from referrals.workflow.stopping import stop_course
from referrals.workflow.submitting import approve_referral, submit_referral
from referrals.workflow.units import funded_days, units_of
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db
DAY = date(2027, 5, 10)


def at(day: date, hour: int = 10) -> datetime:
    return start_of_day(day) + timedelta(hours=hour)


def course(journey: Journey, units: int = 3, days: int = 3) -> tuple[Referral, Booking, Voucher]:
    referral = ask(journey, units=units, days=days)
    if referral.state == "submitted":
        approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=referral.pk)
    booking = answer(journey, referral)
    return referral, booking, Voucher.objects.get(referral=referral)


def enter(journey: Journey, voucher: Voucher, start: datetime) -> Booking:
    return enter_appointment(
        actor=journey.partner_counter,
        tenant=journey.tenant,
        voucher_id=voucher.pk,
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )


def even() -> bool:
    return difference() == 0 == accounting.units_difference()


# ---- pure


def test_the_kth_appointment_in_time_is_paid_by_the_kth_unserved_unit() -> None:
    bookings = [SimpleNamespace(starts_at=at(DAY + timedelta(days=days))) for days in (9, 2, 5)]
    pairs = units_of_bookings(["a", "b", "c", "d"], bookings)
    assert [(unit, local_day(booking.starts_at).day) for unit, booking in pairs] == [("a", 12), ("b", 15), ("c", 19)]
    assert units_of_bookings([], bookings) == []


def test_a_voucher_is_good_from_its_first_appointment_to_come_to_its_last() -> None:
    days = [DAY, DAY + timedelta(days=7), DAY + timedelta(days=14)]
    assert days_of_course("counselling", days, DAY, 90) == Days(days[0], days[2])
    assert days_of_course("counselling", days, DAY + timedelta(days=1), 90) == Days(days[1], days[2]), (
        "the missed one is over"
    )
    assert days_of_course("counselling", days, DAY + timedelta(days=15), 90) is None


# ---- side by side


def test_as_many_appointments_stand_as_units_are_not_served(journey: Journey) -> None:
    referral, first, voucher = course(journey)
    second, third = (enter(journey, voucher, first.starts_at + timedelta(days=days)) for days in (14, 7))
    with pytest.raises(Conflict, match="has_appointment"):
        enter(journey, voucher, first.starts_at + timedelta(days=21))
    voucher.refresh_from_db()
    assert (voucher.booking_id, voucher.valid_from, voucher.valid_until) == (
        first.pk, local_day(first.starts_at), local_day(second.starts_at),
    )  # fmt: skip
    days = [unit.service_date for unit in units_of(referral)]
    assert days == [local_day(each.starts_at) for each in (first, third, second)], "in order of time, not of entering"
    with as_of(first.starts_at):
        assert vouchers_without_appointment(journey.partner_counter) == []
        (taken,) = redeem(actor=journey.partner_counter, text=voucher.code)
        with pytest.raises(Conflict, match="already_redeemed"):
            redeem(actor=journey.partner_counter, text=voucher.code)
    assert taken.booking_id == first.pk
    with as_of(first.starts_at + timedelta(days=2)), pytest.raises(Refused, match="not_yet") as refused:
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert refused.value.params == {"valid_from": local_day(third.starts_at).isoformat()}, "the next day is named"
    for booking in (third, second):
        with as_of(booking.starts_at):
            assert prepare(actor=journey.partner_counter, text=voucher.code).booking == booking
            (taken,) = redeem(actor=journey.partner_counter, text=voucher.code)
            assert taken.booking_id == booking.pk
    assert set(Booking.objects.values_list("state", flat=True)) == {"done"}
    assert (pool(journey).reserved, pool(journey).spent) == (0, 63_000)
    assert even()


def test_two_appointments_of_one_day_are_spent_one_after_the_other(journey: Journey) -> None:
    _referral, first, voucher = course(journey)
    later = enter(journey, voucher, first.starts_at + timedelta(hours=1))
    with as_of(first.starts_at):
        taken = [redeem(actor=journey.partner_counter, text=voucher.code)[0].booking_id for _ in range(2)]
        with pytest.raises(Conflict, match="already_redeemed"):
            redeem(actor=journey.partner_counter, text=voucher.code)
    assert taken == [first.pk, later.pk]


def test_one_of_several_is_let_go_and_the_others_stand(journey: Journey) -> None:
    referral, first, voucher = course(journey, units=2)
    second = enter(journey, voucher, first.starts_at + timedelta(days=7))
    asked: dict[str, Any] = {"tenant": journey.tenant, "referral_id": referral.pk}
    cancel_appointment(actor=journey.staff, **asked, booking_id=first.pk)
    voucher.refresh_from_db()
    assert (voucher.booking_id, voucher.valid_from) == (second.pk, local_day(second.starts_at))
    assert units_of(referral)[0].service_date == local_day(second.starts_at), "the first unserved unit pays it now"
    with pytest.raises(NotFound):
        cancel_appointment(actor=journey.staff, **asked, booking_id=first.pk)
    cancel_by_agency(actor=journey.partner_office, tenant=journey.tenant, booking_id=second.pk, reason="ill")
    voucher.refresh_from_db()
    assert (voucher.state, voucher.units_left, voucher.valid_until > local_day(second.starts_at)) == ("issued", 2, True)
    assert pool(journey).reserved == 42_000
    assert even()


def test_a_quota_edge_stays_with_the_unit_that_is_served_last(journey: Journey) -> None:
    """Eight sessions are covered; of the last two of ten the person pays all. Reversed and served again, the split is the same."""
    for _ in range(2):
        ask(journey, units=3)
    referral, first, voucher = course(journey, units=3)
    assert [unit.subsidy_fen for unit in units_of(referral)] == [21_000, 21_000, 0]
    second = enter(journey, voucher, first.starts_at + timedelta(days=7))
    today, ahead, _asked = visits_and_wishes(journey.partner_counter, first.starts_at, days=30)
    assert [visit.subsidy_fen for visit in [*today, *ahead]] == [21_000, 21_000]
    with as_of(first.starts_at):
        (taken,) = redeem(actor=journey.partner_counter, text=voucher.code)
        reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="not_delivered")
    first.refresh_from_db()
    assert first.state == "confirmed"
    third = enter(journey, voucher, first.starts_at + timedelta(days=14))
    subsidies = []
    for booking in (first, second, third):
        with as_of(booking.starts_at):
            subsidies.append(redeem(actor=journey.partner_counter, text=voucher.code)[0].subsidy_fen)
    assert subsidies == [21_000, 21_000, 0]
    assert even()


# ---- over New Year


@pytest.fixture
def year_end() -> Iterator[Journey]:
    """Agreements and pools of both years; it is 20 December 2027."""
    with as_of(at(date(2027, 12, 20))):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            yield journey


def confirm(journey: Journey, referral: Referral, start: datetime) -> Booking:
    offer = Offer.objects.get(referral=referral)
    return confirm_offer(
        actor=journey.partner_office,
        tenant=journey.tenant,
        offer_id=offer.pk,
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )


def over_new_year(journey: Journey, units: int = 1) -> Referral:
    windows = [(at(day), at(day, 13)) for day in (date(2027, 12, 31), date(2028, 1, 1))]
    return submit_referral(
        actor=journey.staff,
        tenant=journey.tenant,
        service_id=journey.counselling.pk,
        units=units,
        windows=windows,
        consent=["referral"],
    )


POOLS = [AccountKey("pool", "counselling", year, "fen") for year in (2027, 2028)]


@pytest.mark.parametrize(("day", "held"), [(date(2027, 12, 31), [21_000, 0]), (date(2028, 1, 1), [0, 21_000])])
def test_of_two_windows_over_new_year_the_booked_one_says_which_pool_pays(
    year_end: Journey, day: date, held: list[int]
) -> None:
    referral = over_new_year(year_end)
    assert [balance(key).reserved for key in POOLS] == [21_000, 0], "the price is that of the first window"
    booking = confirm(year_end, referral, at(day))
    assert [balance(key).reserved for key in POOLS] == held
    assert Unit.objects.get().service_date == day
    with as_of(booking.starts_at):
        redeem(actor=year_end.partner_counter, text=Voucher.objects.get().code)
    assert [balance(key).spent for key in POOLS] == held
    commit = Transfer.objects.get(kind="commit")
    assert (commit.service_date, commit.budget_year) == (day, day.year)
    assert even()


def test_a_new_year_without_money_refuses_the_day_and_the_offer_stays_open(year_end: Journey) -> None:
    referral = over_new_year(year_end)
    reserve(actor=year_end.staff, account=POOLS[1], amount=balance(POOLS[1]).available, reference="all")
    before = (Transfer.objects.count(), AuditEntry.objects.count(), OutboxMessage.objects.count())
    assert funded_days(referral, [date(2027, 12, 31), date(2028, 1, 1)]) == {date(2027, 12, 31)}
    with pytest.raises(Refused, match="new_year_not_funded"):
        confirm(year_end, referral, at(date(2028, 1, 1)))
    assert (Transfer.objects.count(), AuditEntry.objects.count(), OutboxMessage.objects.count()) == before
    assert (Booking.objects.count(), Voucher.objects.count(), Offer.objects.get().state) == (0, 0, "open")
    confirm(year_end, referral, at(date(2027, 12, 31)))
    assert difference() == 0


def test_letting_go_the_one_of_december_keeps_the_money_of_both_years(year_end: Journey) -> None:
    """The unit of December pays January then, and the other takes its place: no line needs more, not even an empty one."""
    referral = over_new_year(year_end, units=2)
    first = confirm(year_end, referral, at(date(2027, 12, 31)))
    voucher = Voucher.objects.get()
    enter(year_end, voucher, at(date(2028, 1, 3)))
    reserve(actor=year_end.staff, account=POOLS[1], amount=balance(POOLS[1]).available, reference="all")
    before = [balance(key).reserved for key in POOLS]
    cancel_appointment(actor=year_end.staff, tenant=year_end.tenant, referral_id=referral.pk, booking_id=first.pk)
    assert [unit.service_date for unit in units_of(referral)] == [date(2028, 1, 3), date(2027, 12, 31)]
    assert [balance(key).reserved for key in POOLS] == before
    assert difference() == 0


# ---- a course that is stopped


def test_a_stopped_course_keeps_what_was_served_and_frees_the_rest(journey: Journey) -> None:
    referral, first, voucher = course(journey)
    second = enter(journey, voucher, first.starts_at + timedelta(days=7))
    with as_of(first.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(first.starts_at + timedelta(days=1)):
        stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    for row in (referral, first, second, voucher):
        row.refresh_from_db()
    assert (referral.state, first.state, second.state, voucher.state) == ("completed", "done", "cancelled", "void")
    assert [unit.state for unit in units_of(referral)] == ["spent", "released", "released"]
    assert (pool(journey).reserved, pool(journey).spent) == (0, 21_000)
    assert OutboxMessage.objects.filter(template="course_stopped").count() == 1
    assert OutboxMessage.objects.filter(template="booking_cancelled").exists()
    assert AuditEntry.objects.get(action="referral.stop").facts["unused"] == 2
    with pytest.raises(Refused, match="void"), as_of(second.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with pytest.raises(Refused, match="nothing_left"):
        stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert even()


def test_what_is_no_course_or_has_begun_is_not_stopped(journey: Journey) -> None:
    single, _booking, _voucher = course(journey, units=1)
    with pytest.raises(Refused, match="nothing_left"):
        stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=single.pk)
    referral, first, _other = course(journey, units=2, days=5)
    with as_of(first.starts_at), pytest.raises(Refused, match="cancel_started"):
        stop_course(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    for stranger in (journey.staff2, journey.union, journey.finance):
        with pytest.raises(NotFound):
            stop_course(actor=stranger, tenant=journey.tenant, referral_id=referral.pk)
    assert pool(journey).reserved == 63_000


def test_person_and_centre_stop_a_course_on_a_confirmed_page(journey: Journey) -> None:
    referral, _first, _voucher = course(journey)
    for who, address in (("staff", f"/my/referrals/{referral.pk}/"), ("centre", f"/centre/referrals/{referral.pk}/")):
        client = Client(headers={"host": journey.tenant.host})
        client.force_login(journey.members[who].user)
        page = client.get(f"{address}stop/")
        assert page.status_code == 200
        assert f"{address}stop/" in client.get(address).content.decode()
    done = client.post(f"{address}stop/")
    assert done.status_code == 302
    referral.refresh_from_db()
    assert referral.state == "completed"
    assert client.get(f"{address}stop/").status_code == 302, "it says how it stands"


# ---- numbers


def test_numbers_of_vouchers_are_drawn_and_do_not_tell_the_order(journey: Journey) -> None:
    numbers = [course(journey, units=1, days=days)[2].number for days in (3, 5, 6)]
    prefix = f"{journey.tenant.code}-{soon(days=3)[0].year}-"
    assert all(number.startswith(prefix) and len(number) == len(prefix) + 5 for number in numbers)
    assert len(set(numbers)) == 3


def test_a_number_that_is_taken_is_drawn_again_with_more_digits_at_last(journey: Journey) -> None:
    _referral, _booking, voucher = course(journey, units=1)
    prefix, _dash, digits = voucher.number.rpartition("-")
    draws = iter([int(digits)] * 4 + [7])
    copy = Voucher.objects.get()
    copy.pk, copy._state.adding = None, True
    fields = {field.attname: getattr(copy, field.attname) for field in copy._meta.fields if field.attname != "id"}
    fresh = Voucher(**{**fields, "code_hash": b"1" * 32, "token_hash": b"2" * 32})
    save_numbered(fresh, prefix, lambda _below: next(draws))
    assert fresh.number == f"{prefix}-000007"
    assert [len(number) for number in drawn_numbers("A", lambda _below: 1)][::11] == [7, 8]
