"""A move is answered in the second in which its appointment is redeemed: one of the two, never both (books §4, §9)."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import as_of
from kernel.errors import DomainError
from ledger.selectors import difference
from referrals.models import Booking, Redemption, Referral, Reschedule, Unit, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import redeeming, rescheduling
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule, decline_reschedule
from seats import places
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.missed_steps import booked

pytestmark = pytest.mark.usefixtures("committed")
BEFORE = timedelta(minutes=20)
"""How long before the appointment's time both act: it is its day, and it has not begun."""
ROUNDS = 4


@pytest.fixture
def planted(committed: None) -> Journey:
    """A school whose rows are really committed."""
    return make_journey(make_school())


class Meeting:
    """An appointment that the person asked to move by some days, and the two who act on it."""

    def __init__(self, journey: Journey, *, days: int, later: timedelta = timedelta(days=1)) -> None:
        self.journey = journey
        self.who = journey.staff2 if days % 4 else journey.staff  # neither asks so often that an office looks first
        with use_tenant(journey.tenant.id):
            self.referral, self.booking, voucher = booked(journey, who=self.who, days=days)
            self.old, self.code = self.booking.starts_at, Voucher.objects.get(pk=voucher.pk).code
            with as_of(self.old - 2 * BEFORE):
                self.asked = ask_reschedule(
                    actor=self.who,
                    tenant=journey.tenant,
                    booking_id=self.booking.pk,
                    starts_at=self.old + later,
                    ends_at=self.booking.ends_at + later,
                )

    def scan(self) -> Any:
        with as_of(self.old - BEFORE):
            return redeem(actor=self.journey.partner_counter, text=self.code)

    def accept(self) -> Any:
        with as_of(self.old - BEFORE):
            return accept_reschedule(
                actor=self.journey.partner_office, tenant=self.journey.tenant, reschedule_id=self.asked.pk
            )

    def decline(self) -> Any:
        with as_of(self.old - BEFORE):
            return decline_reschedule(actor=self.journey.partner_office, reschedule_id=self.asked.pk)

    def stands(self) -> tuple[str, str, Any, list[str], int]:
        """State of the appointment and of the wish, its time, the states of its units, redemptions."""
        with use_tenant(self.journey.tenant.id):
            booking, asked = Booking.objects.get(pk=self.booking.pk), Reschedule.objects.get(pk=self.asked.pk)
            units = list(Unit.objects.filter(referral=self.referral).values_list("state", flat=True))
            count = Redemption.objects.filter(booking=booking).count()
            return booking.state, asked.state, booking.starts_at, units, count

    def times(self) -> list[Any]:
        """What is occupied of the agency's time on that day and the days after."""
        return [row.starts_at for row in places.busy([self.booking.partner_id], self.old, self.old + timedelta(days=9))]


def even(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        assert difference() == units_difference() == 0


def test_a_yes_in_the_second_of_a_redemption_is_one_or_the_other(planted: Journey) -> None:
    """Redeemed, then the old time stands; or moved, then there is nothing to redeem on the old day."""
    ahead = timedelta(days=1)
    for round_ in range(ROUNDS):
        meeting = Meeting(planted, days=2 + 6 * round_, later=ahead)
        acts = [meeting.scan, meeting.accept] if round_ % 2 else [meeting.accept, meeting.scan]
        answers = at_once(planted.tenant, acts)
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refused) == 1 and isinstance(refused[0], DomainError), answers
        state, wish, at, units, count = meeting.stands()
        if state == "done":
            assert (wish, at, units, count) == ("withdrawn", meeting.old, ["spent"], 1)
            assert meeting.times() == [meeting.old], "the time that was asked for is free again"
        else:
            assert (state, wish, at, units, count) == ("confirmed", "accepted", meeting.old + ahead, ["held"], 0)
        even(planted)


def test_a_no_in_the_second_of_a_redemption_costs_nobody_the_unit(planted: Journey) -> None:
    """The redemption stands whoever comes first; the wish is closed once."""
    for round_ in range(ROUNDS):
        meeting = Meeting(planted, days=2 + 6 * round_)
        acts = [meeting.scan, meeting.decline] if round_ % 2 else [meeting.decline, meeting.scan]
        scanned, declined = at_once(planted.tenant, acts)[:: 1 if round_ % 2 else -1]
        assert not isinstance(scanned, Exception), scanned
        assert isinstance(declined, (Reschedule, DomainError)), declined
        state, wish, at, units, count = meeting.stands()
        assert (state, at, units, count) == ("done", meeting.old, ["spent"], 1)
        assert wish == ("withdrawn" if isinstance(declined, DomainError) else "declined")
        assert meeting.times() == [meeting.old]
        even(planted)


def test_without_the_lock_an_appointment_is_redeemed_that_has_moved_away(
    planted: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the counter looks without a lock, the other side says yes, the counter writes what it had seen."""
    meeting = Meeting(planted, days=2)
    has_looked, has_moved = threading.Event(), threading.Event()
    look = redeeming.look

    def unlocked(voucher_id: Any, *, lock: bool, **noted: Any) -> Any:
        seen = look(voucher_id, lock=False, **noted)
        has_looked.set()
        has_moved.wait(timeout=30)
        return seen

    def accept() -> Any:
        has_looked.wait(timeout=30)
        try:
            return meeting.accept()
        finally:
            has_moved.set()

    monkeypatch.setattr(redeeming, "look", unlocked)
    answers = at_once(planted.tenant, [meeting.scan, accept])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    state, wish, at, _units, count = meeting.stands()
    assert (state, wish, at, count) == ("done", "accepted", meeting.old + timedelta(days=1), 1)


def test_without_the_lock_a_no_is_said_to_a_wish_that_is_closed(
    planted: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the answer is looked at before the counter has written, and written after it."""
    meeting = Meeting(planted, days=2)
    has_looked, has_scanned = threading.Event(), threading.Event()

    def unlocked(actor: Any, reschedule_id: Any) -> Any:
        asked = Reschedule.objects.get(pk=reschedule_id)
        booking = Booking.objects.select_related("service").get(pk=asked.booking_id)
        referral = Referral.objects.get(pk=booking.referral_id)
        has_looked.set()
        has_scanned.wait(timeout=30)
        return rescheduling.Held(rescheduling.RescheduleSide.AGENCY, referral, booking, None), asked

    def scan() -> Any:
        has_looked.wait(timeout=30)
        try:
            return meeting.scan()
        finally:
            has_scanned.set()

    monkeypatch.setattr(rescheduling, "_locked", unlocked)
    answers = at_once(planted.tenant, [scan, meeting.decline])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert meeting.stands()[1] == "declined", "the person is told no about an appointment that took place"
