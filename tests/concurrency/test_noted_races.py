"""What a counter noted without network arrives in the second of something else: a scan, a pause of its agency, the end of a
day's questions (books §3, §4, ADR 0050, 0061). Each lock stands beside a control without it."""

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of
from kernel.errors import Conflict, Refused
from ledger.selectors import difference
from partners.workflow import pausing, suspend_agreement
from referrals.models import Booking, Redemption, Unit, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import redeeming
from referrals.workflow.noted import Noted
from referrals.workflow.offline_marks import take_note
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import say_took_place
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.missed_steps import booked
from tests.workflow.test_offline_marks import HOUR, over

pytestmark = pytest.mark.usefixtures("committed")
MINUTE = timedelta(minutes=1)
ROUNDS = 4


@pytest.fixture
def journey(committed: None) -> Journey:
    return make_journey(make_school())


class Visit:
    """One appointment, what the counter does about it at ``arrives``, and how it stands afterwards."""

    def __init__(self, journey: Journey, *, days: int = 2, units: int = 1) -> None:
        self.journey = journey
        self.who = journey.staff2 if days % 2 else journey.staff  # neither asks so often that an office looks first
        with use_tenant(journey.tenant.id):
            self.referral, self.booking, voucher = booked(journey, who=self.who, days=days, units=units)
            self.code = Voucher.objects.get(pk=voucher.pk).code
        self.at = self.booking.starts_at

    def note(self, arrives: datetime | None = None) -> Any:
        def act() -> str:
            with as_of(arrives or self.at + HOUR):
                found = take_note(
                    actor=self.journey.partner_counter, text=self.code, noted=Noted(uuid4(), self.at, timedelta())
                )
            return "redeemed" if found.redemptions else "asked"

        return act

    def scan(self) -> str:
        with as_of(self.at + HOUR):
            redeem(actor=self.journey.partner_counter, text=self.code)
        return "redeemed"

    def stands(self) -> tuple[str, list[str], int]:
        """The appointment, its units, how often it was redeemed; the books hold."""
        with use_tenant(self.journey.tenant.id):
            assert difference() == units_difference() == 0
            units = list(Unit.objects.filter(referral=self.referral).order_by("index").values_list("state", flat=True))
            count = Redemption.objects.filter(booking=self.booking).count()
            return Booking.objects.get(pk=self.booking.pk).state, units, count


def one_of(said: list[Any]) -> None:
    assert sorted(str(each) if isinstance(each, str) else type(each).__name__ for each in said) == [
        "Conflict",
        "redeemed",
    ]
    assert [each.reason for each in said if isinstance(each, Conflict)] == ["already_redeemed"]


def test_a_note_and_a_scan_of_one_voucher_spend_it_once(journey: Journey) -> None:
    for round_ in range(ROUNDS):
        visit = Visit(journey, days=2 + round_, units=2 if round_ == 3 else 1)
        one_of(at_once(journey.tenant, [visit.note(), visit.scan][:: 1 if round_ % 2 else -1]))
        assert visit.stands() == ("done", ["spent"] + ["held"] * (round_ == 3), 1)


def test_two_devices_note_one_voucher_at_once_and_one_counts(journey: Journey) -> None:
    visit = Visit(journey)
    one_of(at_once(journey.tenant, [visit.note(), visit.note()]))
    assert visit.stands() == ("done", ["spent"], 1)


def test_control_without_the_lock_note_and_scan_both_go_on(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look, both have looked, neither is told that it is redeemed already: the books alone stop the second."""
    visit, look, both_have_looked = Visit(journey), redeeming.look, threading.Barrier(2)

    def unlocked(voucher_id: Any, *, lock: bool, **noted: Any) -> Any:
        seen = look(voucher_id, lock=False, **noted)
        both_have_looked.wait(timeout=30)
        return seen

    monkeypatch.setattr(redeeming, "look", unlocked)
    said = at_once(journey.tenant, [visit.note(), visit.scan])
    assert not [each for each in said if isinstance(each, Conflict) and each.reason == "already_redeemed"], said


def note_meets_pause(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What came first: that a note was taken which had been looked at before the pause, or that the pause held."""
    visit, look = Visit(journey), redeeming.look
    order, has_looked, is_paused = list[str](), threading.Event(), threading.Event()

    def slow(voucher_id: Any, **facts: Any) -> Any:
        seen = look(voucher_id, **facts)
        has_looked.set()
        is_paused.wait(timeout=2)  # the pause waits for this act; where it does not, it is first
        return seen

    def note() -> None:
        assert visit.note()() == "redeemed"
        order.append("taken")

    def pause() -> None:
        has_looked.wait(timeout=30)
        suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="safety")
        order.append("paused")
        is_paused.set()

    monkeypatch.setattr(redeeming, "look", slow)
    said = at_once(journey.tenant, [note, pause])
    assert said == [None, None]
    assert visit.stands() == ("done", ["spent"], 1)
    return order


def test_a_note_that_is_being_taken_comes_before_the_pause(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    assert note_meets_pause(journey, monkeypatch)[-1] == "paused"


def test_control_without_the_lock_a_note_is_taken_after_the_pause(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "lock_pauses", lambda agency_id: None)
    assert note_meets_pause(journey, monkeypatch) == ["paused", "taken"]


def test_a_note_after_the_pause_is_refused_however_early_it_was_made(journey: Journey) -> None:
    visit = Visit(journey)
    with use_tenant(journey.tenant.id):
        suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="safety")
        with pytest.raises(Refused, match="suspended"):
            visit.note()()
    assert visit.stands() == ("confirmed", ["held"], 0)


@pytest.mark.parametrize("says", ["yes", "no"])
def test_a_note_and_the_persons_word_in_the_same_second_are_one_outcome(journey: Journey, says: str) -> None:
    """No: the note is the agency's word against theirs, or came before it. Yes: it is redeemed, and once."""
    for round_ in range(ROUNDS):
        visit = Visit(journey, days=2 + round_)
        moment = over(visit.booking) + MINUTE

        def answers(visit: Visit = visit, moment: datetime = moment) -> str:
            with as_of(moment):
                return say_took_place(
                    actor=visit.who, tenant=journey.tenant, booking_id=visit.booking.pk, says=says
                ).state

        acts = [visit.note(min(moment, visit.at + 24 * HOUR)), answers]
        noted, said = at_once(journey.tenant, acts if round_ % 2 else acts[::-1])[:: 1 if round_ % 2 else -1]
        state, units, count = visit.stands()
        if says == "no" and noted == "asked":
            assert (state, units, count, said) == ("disputed", ["held"], 0, "unresolved")
        else:
            assert (noted, state, units, count) == ("redeemed", "done", ["spent"], 1)
            assert said == "unresolved" or isinstance(said, Refused), said
