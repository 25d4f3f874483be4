"""A guardian who taps "yes" twice in the same second, and a leaver who cancels in that second: one place (books §4)."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from families.workflow import register_child
from kernel.errors import DomainError
from ledger.selectors import difference
from referrals.due import run_due
from referrals.models import Booking, ChildPlace, Referral
from referrals.subsidies.accounting import units_difference
from referrals.workflow import passing_on
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.passing_on import decline_place, offered, take_over
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def asked(committed: None) -> tuple[Journey, ChildPlace, str]:
    journey = make_journey(make_school())
    with use_tenant(journey.tenant.pk):
        child = register_child(actor=journey.staff, name="小满", born=date(2019, 3, 4))
        register_child(actor=journey.staff2, name="小满", born=date(2019, 3, 4))
        referral = ask(
            journey, service=journey.childcare, days=20, child_id=child.pk, consent=("referral", "childcare")
        )
        answer(journey, referral)
        Membership.objects.filter(pk=journey.members["staff"].pk).update(
            left_on=journey.tenant.today() - timedelta(days=1)
        )
        run_due()
        place = ChildPlace.objects.get()
        offer = offered(journey.staff2, journey.tenant, place)
        assert offer is not None
    return journey, place, offer.token


def yes(journey: Journey, place: ChildPlace, token: str) -> Callable[[], Any]:
    return lambda: take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token=token)


def test_two_taps_are_one_request(asked: tuple[Journey, ChildPlace, str]) -> None:
    journey, place, token = asked
    said = at_once(journey.tenant, [yes(journey, place, token)] * 2)
    assert sorted(type(one).__name__ for one in said) == ["Referral", "Refused"]
    with use_tenant(journey.tenant.pk):
        assert Booking.objects.filter(state="confirmed").count() == 1
        assert Referral.objects.count() == 2
        assert difference() == units_difference() == 0


def no(journey: Journey, place: ChildPlace) -> Callable[[], Any]:
    return lambda: decline_place(actor=journey.staff2, place_id=place.pk)


def test_yes_and_no_in_one_second_are_one_answer(asked: tuple[Journey, ChildPlace, str]) -> None:
    journey, place, token = asked
    said = at_once(journey.tenant, [yes(journey, place, token), no(journey, place)])
    assert sum(getattr(one, "reason", "") == "place_over" for one in said) == 1


def test_control_without_the_lock_both_count(
    asked: tuple[Journey, ChildPlace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lock is for: taken out, a "no" is said to have been heard while the place is taken."""
    journey, place, token = asked
    gate = threading.Barrier(2)

    def looked(seen: ChildPlace) -> tuple[Referral, ChildPlace]:
        found = Referral.objects.get(pk=seen.referral_id), ChildPlace.objects.get(pk=seen.pk)
        gate.wait(timeout=30)
        return found

    monkeypatch.setattr(passing_on, "_locked", looked)
    said = at_once(journey.tenant, [yes(journey, place, token), no(journey, place)])
    assert sorted(type(one).__name__ for one in said) == ["ChildPlace", "Referral"]


def test_a_cancel_in_the_same_second(asked: tuple[Journey, ChildPlace, str]) -> None:
    """Whoever comes first has it: cancelled, or passed on; never both, and the books are even."""
    journey, place, token = asked
    old = place.referral_id
    cancel = lambda: cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=old)  # noqa: E731
    said = at_once(journey.tenant, [yes(journey, place, token), cancel])
    assert sum(isinstance(one, DomainError) for one in said) == 1
    with use_tenant(journey.tenant.pk):
        taken = Referral.objects.exclude(pk=old).filter(state="confirmed").count()
        assert Booking.objects.filter(state="confirmed").count() == taken
        assert difference() == units_difference() == 0
