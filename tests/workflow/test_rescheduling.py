"""An appointment moves when both sides agree: one act, and whatever ends it otherwise leaves the old time (books §4, §9)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.clock import as_of, now
from kernel.errors import Conflict, IllegalMove, Invalid, NotFound, Refused
from ledger.keys import AccountKey, Balance
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from partners.models import Agreement
from referrals.due import run_due
from referrals.models import Booking, Redemption, Referral, Reschedule, Voucher
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import redeem
from referrals.workflow.rerouting import cancel_by_agency
from referrals.workflow.rescheduling import (
    accept_reschedule,
    ask_reschedule,
    decline_reschedule,
    withdraw_reschedule,
)
from seats import places
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

LENGTH = timedelta(minutes=50)


@pytest.fixture
def booking(journey: Journey) -> Iterator[Booking]:
    """One confirmed appointment, four days ahead."""
    yield answer(journey, ask(journey, days=4))


def ask_for(journey: Journey, booking: Booking, *, by: Any = None, later: timedelta = timedelta(days=1)) -> Reschedule:
    start = booking.starts_at + later
    return ask_reschedule(
        actor=by or journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + LENGTH
    )


def accept(journey: Journey, asked: Reschedule, *, by: Any = None) -> Booking:
    return accept_reschedule(actor=by or journey.partner_office, tenant=journey.tenant, reschedule_id=asked.pk)


def stands(booking: Booking) -> tuple[str, datetime, int]:
    booking.refresh_from_db()
    return booking.state, booking.starts_at, booking.sequence


def busy(booking: Booking) -> list[datetime]:
    rows = places.busy([booking.partner_id], now(), now() + timedelta(days=60))
    return [row.starts_at for row in rows]


@pytest.mark.parametrize("side", ["person", "agency"])
def test_either_side_asks_and_the_other_accepts(journey: Journey, booking: Booking, side: str) -> None:
    mine, other = (
        (journey.staff, journey.partner_office) if side == "person" else (journey.partner_office, journey.staff)
    )
    old, voucher = booking.starts_at, Voucher.objects.get()
    asked = ask_for(journey, booking, by=mine)
    assert stands(booking) == ("confirmed", old, 0)
    assert busy(booking) == [old, old + timedelta(days=1)], "both times are held while the other side thinks"
    accept(journey, asked, by=other)
    assert stands(booking) == ("confirmed", old + timedelta(days=1), 1)
    assert busy(booking) == [old + timedelta(days=1)]
    same = Voucher.objects.get()
    assert (same.pk, same.number) == (voucher.pk, voucher.number)
    assert same.valid_from == same.valid_until == journey.tenant.day_of(booking.starts_at)
    assert Referral.objects.get().deadline == booking.ends_at
    with as_of(booking.starts_at):
        assert redeem(actor=journey.partner_counter, text=voucher.code)
    assert difference() == 0


def test_who_asked_does_not_answer_and_who_answers_does_not_take_back(journey: Journey, booking: Booking) -> None:
    asked = ask_for(journey, booking)
    for act in (accept, lambda journey, asked, by: decline_reschedule(actor=by, reschedule_id=asked.pk)):
        with pytest.raises(Refused, match="own_wish"):
            act(journey, asked, by=journey.staff)
    with pytest.raises(Refused, match="own_wish"):
        withdraw_reschedule(actor=journey.partner_office, reschedule_id=asked.pk)
    assert Reschedule.objects.get().state == "open"


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired", "late_sweep"])
def test_whatever_ends_it_otherwise_leaves_the_old_time(journey: Journey, booking: Booking, end: str) -> None:
    old = booking.starts_at
    asked = ask_for(journey, booking)
    if end == "declined":
        decline_reschedule(actor=journey.partner_office, reschedule_id=asked.pk)
    elif end == "withdrawn":
        withdraw_reschedule(actor=journey.staff, reschedule_id=asked.pk)
    else:
        with as_of(now() + timedelta(hours=24, seconds=1)):
            if end == "expired":
                run_due()
                assert Reschedule.objects.get().state == "expired"
            with pytest.raises((Refused, IllegalMove)):
                accept(journey, asked)
            if end == "late_sweep":  # the next wish need not wait for the sweep
                again = ask_for(journey, booking, later=timedelta(days=2))
                assert again.state == "open"
                withdraw_reschedule(actor=journey.staff, reschedule_id=again.pk)
    assert stands(booking) == ("confirmed", old, 0)
    assert busy(booking) == [old]


def test_one_waits_at_a_time(journey: Journey, booking: Booking) -> None:
    ask_for(journey, booking)
    with pytest.raises(Conflict, match="reschedule_open"):
        ask_for(journey, booking, by=journey.partner_office, later=timedelta(days=2))


def test_a_time_that_is_taken_is_not_asked_for_and_the_hold_keeps_others_out(
    journey: Journey, booking: Booking
) -> None:
    other = answer(journey, ask(journey, who=journey.staff2, days=5))
    gap = other.starts_at - booking.starts_at
    with pytest.raises(Conflict, match="slot_taken"):
        ask_for(journey, booking, later=gap)
    assert not Reschedule.objects.exists()
    held = ask_for(journey, booking, later=timedelta(days=2))
    with pytest.raises(Conflict, match="slot_taken"):
        ask_for(journey, other, by=journey.staff2, later=held.starts_at - other.starts_at)


@pytest.mark.parametrize(
    ("later", "length", "code"),
    [
        (timedelta(0), LENGTH, "same_time"),
        (timedelta(days=1), LENGTH * 2, "other_length"),
        (timedelta(days=-10), LENGTH, "in_the_past"),
    ],
)
def test_a_time_that_cannot_be_changes_nothing(
    journey: Journey, booking: Booking, later: timedelta, length: timedelta, code: str
) -> None:
    start = booking.starts_at + later
    with pytest.raises(Invalid) as refused:
        ask_reschedule(
            actor=journey.staff, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + length
        )
    assert code in {row[1] for row in refused.value.fields}
    assert not Reschedule.objects.exists()
    assert busy(booking) == [booking.starts_at]


def test_it_moves_thirty_days_and_no_further(journey: Journey, booking: Booking) -> None:
    with pytest.raises(Refused, match="too_far_to_move"):
        ask_for(journey, booking, later=timedelta(days=31))
    assert ask_for(journey, booking, later=timedelta(days=30)).state == "open"


def test_the_school_says_how_far_it_moves(journey: Journey, booking: Booking) -> None:
    journey.tenant.rules = {"move_days": 7}
    journey.tenant.save()
    with pytest.raises(Refused, match="too_far_to_move") as refused:
        ask_for(journey, booking, later=timedelta(days=8))
    assert refused.value.params == {"days": 7}
    assert ask_for(journey, booking, later=timedelta(days=7)).state == "open"


def test_it_moves_to_no_day_that_its_agreement_does_not_cover(journey: Journey, booking: Booking) -> None:
    last = journey.tenant.day_of(booking.starts_at) + timedelta(days=2)
    Agreement.objects.update(valid_until=last, data_part_valid_until=last)
    with pytest.raises(Refused, match="too_far_to_move"):
        ask_for(journey, booking, later=timedelta(days=3))
    assert ask_for(journey, booking, later=timedelta(days=1)).state == "open"


def test_once_it_has_begun_it_does_not_move(journey: Journey, booking: Booking) -> None:
    asked = ask_for(journey, booking)
    with as_of(booking.starts_at):
        with pytest.raises(Refused, match="too_late"):
            accept(journey, asked)
        with pytest.raises(Refused, match="cancel_started"):
            ask_for(journey, booking)


@pytest.mark.parametrize("how", ["person", "agency"])
def test_a_cancelled_appointment_takes_its_wish_along_and_frees_both_times(
    journey: Journey, booking: Booking, how: str
) -> None:
    asked = ask_for(journey, booking)
    if how == "person":
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=booking.referral_id)
    else:
        cancel_by_agency(actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk, reason="ill")
    asked.refresh_from_db()
    assert (asked.state, busy(booking)) == ("withdrawn", [])
    with pytest.raises(IllegalMove):
        accept(journey, asked)


def test_what_is_redeemed_first_does_not_move_afterwards(journey: Journey, booking: Booking) -> None:
    asked = ask_for(journey, booking)
    with as_of(booking.starts_at - timedelta(hours=2)):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        assert Reschedule.objects.get().state == "withdrawn", "closed with the redemption, not by a sweep"
        with pytest.raises((IllegalMove, Refused)):
            accept(journey, asked)
        run_due()
    assert Redemption.objects.count() == 1
    assert stands(booking)[0] == "done"
    assert busy(booking) == [booking.starts_at], "the time that was asked for is free for others"


def test_a_stranger_an_office_and_another_agency_get_not_found(
    journey: Journey, booking: Booking, other_school: Any
) -> None:
    asked = ask_for(journey, booking)
    for actor in (journey.staff2, journey.centre, journey.union, journey.finance):
        with pytest.raises(NotFound):
            ask_for(journey, booking, by=actor)
        with pytest.raises(NotFound):
            accept(journey, asked, by=actor)
    with use_tenant(other_school.id), pytest.raises(NotFound):
        accept_reschedule(actor=journey.partner_office, tenant=other_school, reschedule_id=asked.pk)


def test_each_side_is_told_in_neutral_words(journey: Journey, booking: Booking) -> None:
    def keys() -> set[str]:
        return set(OutboxMessage.objects.values_list("template", flat=True))

    asked = ask_for(journey, booking)
    assert "reschedule_asked" in keys()
    decline_reschedule(actor=journey.partner_office, reschedule_id=asked.pk)
    assert "reschedule_declined" in keys()
    accept(journey, ask_for(journey, booking, by=journey.partner_office), by=journey.staff)
    assert {"booking_moved", "booking_moved_there"} <= keys()


# ---- over New Year


def lines(journey: Journey, year: int) -> Balance:
    return balance(AccountKey("pool", "counselling", year, "fen"))


@pytest.fixture
def new_year(journey: Journey) -> Iterator[tuple[Booking, int]]:
    """An appointment on 30 December in Shanghai, asked for on the 28th; the year it lies in."""
    year = now().astimezone(UTC).year
    with as_of(datetime(year, 12, 28, 2, 0, tzinfo=UTC)):
        start = datetime(year, 12, 30, 3, 0, tzinfo=UTC)
        from referrals.workflow.submitting import submit_referral

        referral = submit_referral(
            actor=journey.staff,
            tenant=journey.tenant,
            service_id=journey.counselling.pk,
            units=1,
            windows=[(start, start + timedelta(hours=3))],
            consent=["referral"],
        )
        yield answer(journey, referral), year


def test_over_new_year_the_new_years_pool_pays(journey: Journey, new_year: tuple[Booking, int]) -> None:
    booking, year = new_year
    old, new = lines(journey, year), lines(journey, year + 1)
    held = old.reserved
    accept(journey, ask_for(journey, booking, later=timedelta(days=2)))
    assert journey.tenant.day_of(stands(booking)[1]).year == year + 1
    assert lines(journey, year).reserved == old.reserved - held == 0
    assert lines(journey, year + 1).reserved == new.reserved + held
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    assert (lines(journey, year).spent, lines(journey, year + 1).spent) == (old.spent, new.spent + held)
    assert difference() == 0


def test_a_new_year_without_the_money_refuses_before_anything_moves(
    journey: Journey, new_year: tuple[Booking, int]
) -> None:
    from accounts.actor import system_in
    from ledger.workflow import reserve

    booking, year = new_year
    asked = ask_for(journey, booking, later=timedelta(days=2))
    left = lines(journey, year + 1).available
    key = AccountKey("pool", "counselling", year + 1, "fen")
    reserve(actor=system_in(journey.tenant.id), account=key, amount=left, reference="somebody/else")
    before = (stands(booking), busy(booking), lines(journey, year), lines(journey, year + 1))
    with pytest.raises(Refused, match="new_year_not_funded"):
        accept(journey, asked)
    with pytest.raises(Conflict):
        ask_for(journey, booking, later=timedelta(days=3))
    assert (stands(booking), busy(booking), lines(journey, year), lines(journey, year + 1)) == before
    withdraw_reschedule(actor=journey.staff, reschedule_id=asked.pk)
    with pytest.raises(Refused, match="new_year_not_funded"):
        ask_for(journey, booking, later=timedelta(days=2))
