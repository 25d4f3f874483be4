"""What a walk does with moves: either side asks for another time, the other answers, or the time to answer passes (books §4)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.actor import Actor
from referrals.models import Booking, Referral, Reschedule
from referrals.rules import may_answer_move
from referrals.workflow.rescheduling import (
    accept_reschedule,
    ask_reschedule,
    decline_reschedule,
    withdraw_reschedule,
)
from tests.fixtures_journey import Journey

some = st.integers(0, 5)
side = st.sampled_from(["person", "agency"])


def chosen[Row](rows: Any, which: int) -> list[Row]:
    """One row, the ``which``-th by key, or none: a rule without a row does nothing."""
    found = list(rows.order_by("pk"))
    return [found[which % len(found)]] if found else []


class Moves(RuleBasedStateMachine):
    """Rules and invariants of moves; the walk brings the school, the moment and who acts."""

    journey: ClassVar[Journey]
    moment: datetime
    acting: Callable[[], AbstractContextManager[None]]
    owner: Callable[[Referral], Actor]

    def of_side(self, who: str, booking: Booking) -> Actor:
        """Whoever speaks for that side of the appointment."""
        return self.owner(booking.referral) if who == "person" else self.journey.partner_office

    @rule(
        which=some,
        who=side,
        later=st.sampled_from(
            [timedelta(hours=-3), timedelta(0), timedelta(minutes=20), timedelta(days=1), timedelta(days=6)]
        ),
    )
    def ask_to_move(self, which: int, who: str, later: timedelta) -> None:
        for booking in chosen(Booking.objects.select_related("referral"), which):
            with self.acting():
                asked = ask_reschedule(
                    actor=self.of_side(who, booking),
                    tenant=self.journey.tenant,
                    booking_id=booking.pk,
                    starts_at=booking.starts_at + later,
                    ends_at=booking.ends_at + later,
                )
                assert self.moment < asked.until <= min(booking.starts_at, self.moment + timedelta(days=1))

    @rule(which=some, who=side, how=st.sampled_from(["yes", "yes", "no", "take back"]))
    def answer_a_move(self, which: int, who: str, how: str) -> None:
        for asked in chosen(Reschedule.objects.select_related("booking__referral"), which):
            booking, actor = asked.booking, self.of_side(who, asked.booking)
            in_time = may_answer_move(asked, booking, self.moment)
            with self.acting():
                if how == "yes":
                    moved = accept_reschedule(actor=actor, tenant=self.journey.tenant, reschedule_id=asked.pk)
                    assert (moved.starts_at, moved.sequence) == (asked.starts_at, booking.sequence + 1)
                elif how == "no":
                    decline_reschedule(actor=actor, reschedule_id=asked.pk)
                else:
                    withdraw_reschedule(actor=actor, reschedule_id=asked.pk)
                assert in_time or how == "take back", "a move was answered after its time"
                assert (who == asked.asked_by) == (how == "take back"), "one side answered itself"

    @invariant()
    def no_two_appointments_and_no_held_time_overlap(self) -> None:
        fields = ("resource", "starts_at", "ends_at")
        times = [
            *Booking.objects.filter(state__in=("pending", "confirmed"), slot__isnull=False).values_list(*fields),
            *Reschedule.objects.filter(state="open", slot__isnull=False).values_list(*fields),
        ]
        times.sort(key=lambda each: (str(each[0]), each[1]))
        for one, other in zip(times, times[1:], strict=False):
            assert one[0] != other[0] or one[2] <= other[1], times

    @invariant()
    def only_what_stands_waits_for_another_time(self) -> None:
        assert not Reschedule.objects.filter(state="open").exclude(booking__state__in=("pending", "confirmed")).exists()
