"""A course of several units: one unit an appointment, none before its day; the agency enters the next one (books §3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.due import run_due
from referrals.models import Booking, Offer, Redemption, Referral, Voucher
from referrals.rules import days_of, is_by_appointment, units_a_visit
from referrals.workflow.appointments import cancel_appointment, enter_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import prepare, redeem, reverse
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db


def course(journey: Journey, units: int = 3) -> tuple[Referral, Booking, Voucher]:
    referral = ask(journey, units=units)
    booking = answer(journey, referral)
    return referral, booking, Voucher.objects.get(booking=booking)


def enter(journey: Journey, voucher: Voucher, *, days: int = 7, actor: Any = None) -> Booking:
    start, end = soon(days=days)
    return enter_appointment(
        actor=actor or journey.partner_counter,
        tenant=journey.tenant,
        voucher_id=voucher.pk,
        starts_at=start,
        ends_at=end,
    )


def facts(journey: Journey) -> tuple[Any, ...]:
    return (
        list(Booking.objects.order_by("pk").values_list("state", "starts_at")),
        list(Voucher.objects.values_list("state", "units_left", "valid_from", "valid_until", "booking")),
        Redemption.objects.count(),
        OutboxMessage.objects.count(),
        pool(journey),
    )


@pytest.mark.parametrize(
    ("unit", "minutes", "most"),
    [("session", 50, 1), ("day", 600, 1), ("month", 60, 1), ("hour", 50, 1), ("hour", 120, 2), ("hour", 121, 3),
     ("half_day", 240, 1), ("half_day", 480, 2)],
)  # fmt: skip
def test_an_appointment_spends_one_session_day_or_month_and_at_most_its_hours(
    unit: str, minutes: int, most: int
) -> None:
    assert units_a_visit(unit, timedelta(minutes=minutes)) == most


def test_only_an_open_kind_by_the_hour_needs_no_appointment_for_each_visit() -> None:
    assert is_by_appointment("counselling", "session")
    assert is_by_appointment("childcare", "month")
    assert is_by_appointment("camp", "hour")
    assert not is_by_appointment("home_help", "hour")
    today = local_day(now())
    assert days_of("counselling", today, 90) == (today, today)
    assert days_of("home_help", today, 90) == (today, today + timedelta(days=90))


def test_one_scan_spends_one_session_and_a_second_one_the_same_day_is_told_by_whom(journey: Journey) -> None:
    referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        before = facts(journey)
        with pytest.raises(Refused, match="over_quota"):
            redeem(actor=journey.partner_counter, text=voucher.code, units=2)
        assert facts(journey) == before
        assert len(prepare(actor=journey.partner_counter, text=voucher.code).ahead) == 1
        redeem(actor=journey.partner_counter, text=voucher.code)
        before = facts(journey)
        for act in (prepare, redeem):
            with pytest.raises(Conflict, match="already_redeemed") as refused:
                act(actor=journey.partner_counter, text=voucher.code)
            assert refused.value.params["by"] == "前台 1 号机"
        assert facts(journey) == before
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (voucher.units_left, voucher.state, booking.state, referral.state) == (2, "active", "done", "in_service")
    assert pool(journey).spent == 21_000


def test_the_next_appointment_is_the_vouchers_first_day_and_the_last_unit_waits_on(journey: Journey) -> None:
    referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=2)):
        with pytest.raises(Refused, match="not_yet"):
            redeem(actor=journey.partner_counter, text=voucher.code)
        following = enter(journey, voucher)
        with pytest.raises(Refused, match="not_yet") as refused:
            redeem(actor=journey.partner_counter, text=voucher.code)
    assert refused.value.params == {"valid_from": local_day(following.starts_at).isoformat()}
    voucher.refresh_from_db()
    day = local_day(following.starts_at)
    waits = day + timedelta(days=journey.tenant.settings.open_voucher_days)
    assert (voucher.booking_id, voucher.valid_from, voucher.valid_until) == (following.pk, day, waits)
    assert OutboxMessage.objects.filter(template="booking_confirmed").count() >= 2
    with as_of(following.starts_at):
        run_due()
        (second,) = redeem(actor=journey.partner_counter, text=voucher.code)
        third = enter(journey, voucher)
    assert (second.unit_index, second.booking_id) == (1, following.pk)
    with as_of(third.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    for row in (referral, voucher):
        row.refresh_from_db()
    assert (voucher.state, voucher.units_left, referral.state) == ("used_up", 0, "completed")
    assert set(Booking.objects.values_list("state", flat=True)) == {"done"}
    assert (pool(journey).reserved, pool(journey).spent, difference()) == (0, 63_000, 0)
    with pytest.raises(Refused, match="nothing_left"):
        enter(journey, voucher)


def test_a_missed_appointment_does_not_end_the_course_and_takes_one_unit_with_it(journey: Journey) -> None:
    referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
        missed = enter(journey, voucher)
    with as_of(missed.starts_at + timedelta(days=1)):
        with pytest.raises(Refused, match="not_yet"):
            redeem(actor=journey.partner_counter, text=voucher.code)
        run_due()
        following = enter(journey, voucher)
        with pytest.raises(Conflict, match="has_appointment"):
            enter(journey, voucher, days=9)
    with as_of(missed.starts_at + timedelta(days=4)):
        run_due()
    for row in (referral, booking, missed, voucher):
        row.refresh_from_db()
    assert (booking.state, missed.state, voucher.state, referral.state) == ("done", "lapsed", "active", "in_service")
    assert (pool(journey).reserved, pool(journey).spent, voucher.units_left) == (21_000, 21_000, 1)
    with as_of(following.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    for row in (referral, voucher):
        row.refresh_from_db()
    assert (voucher.state, referral.state, difference()) == ("used_up", "completed", 0)


def test_an_appointment_is_let_go_in_time_and_the_agency_enters_another(journey: Journey) -> None:
    referral = ask(journey, units=2, days=5)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    held = pool(journey)
    cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (booking.state, voucher.state, voucher.units_left, referral.state) == ("cancelled", "issued", 2, "confirmed")
    assert pool(journey) == held, "the unit stays"
    assert OutboxMessage.objects.filter(template="appointment_wanted").count() == 2
    with pytest.raises(NotFound):
        cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(Refused, match="not_yet"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    following = enter(journey, voucher)
    with as_of(following.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    following.refresh_from_db()
    assert following.state == "done"


def test_what_has_begun_is_no_longer_let_go(journey: Journey) -> None:
    referral, booking, _voucher = course(journey)
    before = facts(journey)
    with as_of(booking.starts_at), pytest.raises(Refused, match="cancel_started"):
        cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert facts(journey) == before


def test_only_the_agency_enters_and_only_the_person_lets_go(journey: Journey) -> None:
    referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    before = facts(journey)
    with pytest.raises(Forbidden):
        enter(journey, voucher, actor=journey.staff)
    with pytest.raises(NotFound):
        cancel_appointment(actor=journey.staff2, tenant=journey.tenant, referral_id=referral.pk)
    with pytest.raises(Forbidden):
        cancel_appointment(actor=journey.partner_counter, tenant=journey.tenant, referral_id=referral.pk)
    assert facts(journey) == before


@pytest.mark.parametrize("days", [-1, 89, 91])
def test_a_time_that_cannot_be_is_refused(journey: Journey, days: int) -> None:
    """In the past, after the day by which the next one must be, too far ahead."""
    _referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=5)):
        before = facts(journey)
        with pytest.raises(Invalid):
            enter(journey, voucher, days=days)
        assert facts(journey) == before


def test_a_busy_hour_is_refused(journey: Journey) -> None:
    _referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    taken = answer(journey, ask(journey, who=journey.staff2, days=9))
    with pytest.raises(Conflict, match="slot_taken"):
        enter_appointment(
            actor=journey.partner_counter,
            tenant=journey.tenant,
            voucher_id=voucher.pk,
            starts_at=taken.starts_at,
            ends_at=taken.ends_at,
        )


def test_what_was_given_back_opens_its_own_appointment_never_a_later_one(journey: Journey) -> None:
    referral, booking, voucher = course(journey, units=2)
    with as_of(booking.starts_at):
        (first,) = redeem(actor=journey.partner_counter, text=voucher.code)
        following = enter(journey, voucher)
    with as_of(following.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
        reverse(actor=journey.partner_office, redemption_id=first.pk, reason="wrong_person")
    for row in (referral, booking, following, voucher):
        row.refresh_from_db()
    assert (booking.state, following.state, referral.state) == ("done", "done", "in_service")
    assert (voucher.state, voucher.units_left) == ("active", 1)
    assert not is_last(voucher, following), "it waits for its next appointment"
    with as_of(following.starts_at + timedelta(days=1)):
        third = enter(journey, voucher)
    with as_of(third.starts_at):
        (again,) = redeem(actor=journey.partner_counter, text=voucher.code)
    assert again.unit_index == 0, "the unit that came back goes first"
    assert (pool(journey).reserved, pool(journey).spent, difference()) == (0, 42_000, 0)


def test_of_two_appointments_on_one_day_the_earlier_one_opens_again_beside_the_later(journey: Journey) -> None:
    _referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        (first,) = redeem(actor=journey.partner_counter, text=voucher.code)
        following = enter_appointment(
            actor=journey.partner_counter,
            tenant=journey.tenant,
            voucher_id=voucher.pk,
            starts_at=booking.starts_at + timedelta(minutes=60),
            ends_at=booking.starts_at + timedelta(minutes=110),
        )
        reverse(actor=journey.partner_office, redemption_id=first.pk, reason="wrong_person")
    booking.refresh_from_db()
    following.refresh_from_db()
    assert (booking.state, following.state) == ("confirmed", "confirmed")


def is_last(voucher: Voucher, booking: Booking) -> bool:
    return voucher.valid_until == local_day(booking.starts_at)


def test_the_whole_course_is_taken_back_before_anything_was_spent(journey: Journey) -> None:
    referral = ask(journey, units=2, days=5)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(booking=booking)
    cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    voucher.refresh_from_db()
    assert (voucher.state, pool(journey).reserved) == ("void", 0)
    with pytest.raises(Refused, match="nothing_left"):
        enter(journey, voucher)
    with pytest.raises(IllegalMove):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)


def test_hours_are_spent_on_any_day_at_most_a_visits_hours_a_day(journey: Journey) -> None:
    """Home help: the voucher is open; a visit of two hours spends two at most, and another day goes on."""
    _referral, booking, voucher = course(journey)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
    Referral.objects.update(kind="home_help")
    Booking.objects.update(ends_at=booking.starts_at + timedelta(hours=2))
    Voucher.objects.update(valid_until=voucher.valid_from + timedelta(days=30))
    with as_of(booking.starts_at):
        with pytest.raises(Refused, match="over_quota"):
            redeem(actor=journey.partner_counter, text=voucher.code, units=3)
        redeem(actor=journey.partner_counter, text=voucher.code)
        with pytest.raises(Refused, match="over_quota"):
            redeem(actor=journey.partner_counter, text=voucher.code, units=2)
        redeem(actor=journey.partner_counter, text=voucher.code)
        with pytest.raises(Conflict, match="already_redeemed"):
            redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=3)):
        assert len(redeem(actor=journey.partner_counter, text=voucher.code)) == 1
    voucher.refresh_from_db()
    assert (voucher.state, voucher.units_left) == ("used_up", 0)


def test_hours_half_used_end_without_a_no_show(journey: Journey) -> None:
    referral, booking, voucher = course(journey)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
    Referral.objects.update(kind="home_help")
    Voucher.objects.update(valid_until=voucher.valid_from + timedelta(days=30))
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=31)):
        run_due()
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (voucher.state, booking.state, referral.state) == ("expired", "done", "completed")


# ---- the database holds the same when a writer does not


def test_a_unit_and_an_offer_stand_once(journey: Journey) -> None:
    _referral, booking, voucher = course(journey)
    with as_of(booking.starts_at):
        (first,) = redeem(actor=journey.partner_counter, text=voucher.code)
    offer = Offer.objects.get()
    for copy, name in ((first, "redemption_one_per_unit"), (offer, "offer_one_winner")):
        copy.pk, copy._state.adding = None, True
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            type(copy)(**{f.attname: getattr(copy, f.attname) for f in copy._meta.fields if f.attname != "id"}).save()


# ---- the pages


def test_the_agency_finds_the_course_and_enters_the_appointment(journey: Journey) -> None:
    referral, booking, voucher = course(journey, units=2)
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.counter_user)
    with as_of(booking.starts_at):
        with use_tenant(journey.tenant.id):
            redeem(actor=journey.partner_counter, text=voucher.code)
        page = client.get("/partner/").content.decode()
        assert "Waiting for their next appointment" in page
        address = f"/partner/vouchers/{voucher.pk}/appointment/"
        assert address in page
        assert client.get(address).status_code == 200
        wrong = client.post(address, {"start": "2020-01-01T10:00:00+08:00"})
        assert wrong.status_code == 422
        assert Booking.objects.count() == 1
        start = (now() + timedelta(days=7)).astimezone().replace(second=0, microsecond=0)
        done = client.post(address, {"start": start.strftime("%Y-%m-%dT10:00:00+08:00")})
        assert done.status_code == 302, done.content.decode()
        assert Booking.objects.count() == 2
        assert client.get(address).status_code == 404, "one stands"
        assert "Waiting for their next appointment" not in client.get("/partner/").content.decode()
    other = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    other.force_login(journey.members["staff"].user)
    with as_of(booking.starts_at):
        mine = other.get(f"/my/referrals/{referral.pk}/").content.decode()
        assert "Cancel this appointment" in mine
        assert other.get(f"/my/referrals/{referral.pk}/appointment/cancel/").status_code == 200
        assert other.post(f"/my/referrals/{referral.pk}/appointment/cancel/").status_code == 302
        assert "Agree the next appointment with" in other.get(f"/my/referrals/{referral.pk}/").content.decode()


@pytest.mark.parametrize(("units", "locks_first"), [(2, True), (1, False)])
def test_what_several_units_draw_on_is_locked_before_any_of_them_moves(
    journey: Journey, units: int, locks_first: bool
) -> None:
    """Two counters never wait crosswise: a unit that draws on the pool alone may come before one that uses the quota too."""
    _referral, booking, voucher = course(journey)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
    Booking.objects.update(ends_at=booking.starts_at + timedelta(hours=2))
    with as_of(booking.starts_at), CaptureQueriesContext(connection) as caught:
        redeem(actor=journey.partner_counter, text=voucher.code, units=units)
    sent = [query["sql"] for query in caught.captured_queries]
    moves = next(place for place, sql in enumerate(sent) if "ledger_move" in sql)
    locked = [sql for sql in sent[:moves] if "ledger_account" in sql and "FOR NO KEY UPDATE" in sql]
    assert len(locked) == locks_first


def test_the_voucher_of_a_course_says_what_is_paid_this_time(journey: Journey) -> None:
    """The amounts on its face are those of all sessions; at the counter a third of it is asked for."""
    _referral, booking, voucher = course(journey)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    page = client.get(f"/vouchers/{voucher.pk}/").content.decode()
    assert "到店支付" not in page and "您共支付" in page
    assert "这一次支付" in page and "¥90.00" in page and "¥270.00" in page
    cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=booking.referral_id)
    assert "这一次支付" not in client.get(f"/vouchers/{voucher.pk}/").content.decode(), "nothing stands"


def test_the_voucher_of_one_session_is_paid_on_site(journey: Journey) -> None:
    _referral, _booking, voucher = course(journey, units=1)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    page = client.get(f"/vouchers/{voucher.pk}/").content.decode()
    assert "到店支付" in page and "这一次支付" not in page
