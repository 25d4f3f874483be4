"""Two parents and two agencies' answers in one second: one child has one place (books §4)."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from families.workflow import register_child
from kernel.errors import Conflict
from ledger.selectors import difference
from referrals.models import Booking, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import appointments, one_place
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def asked(committed: None) -> tuple[Journey, list[Referral]]:
    """Both parents have asked for the same child and the same time."""
    journey = make_journey(make_school())
    with use_tenant(journey.tenant.pk):
        parents = (journey.staff, journey.staff2)
        [child, _same] = [register_child(actor=who, name="小满", born=date(2019, 3, 4)) for who in parents]
        requests = [
            ask(journey, who=who, service=journey.childcare, days=20, child_id=child.pk, consent=("referral", "childcare"))
            for who in parents
        ]  # fmt: skip
    return journey, requests


def yes(journey: Journey, request: Referral) -> Callable[[], Any]:
    return lambda: answer(journey, request)


def test_both_are_answered_at_once_and_the_child_has_one_place(asked: tuple[Journey, list[Referral]]) -> None:
    journey, requests = asked
    said = at_once(journey.tenant, [yes(journey, each) for each in requests])
    assert sorted(type(one).__name__ for one in said) == ["Booking", "Conflict"]
    assert [one.reason for one in said if isinstance(one, Conflict)] == ["child_busy"]
    with use_tenant(journey.tenant.pk):
        assert Booking.objects.count() == Voucher.objects.count() == 1
        assert sorted(Referral.objects.values_list("state", flat=True)) == ["confirmed", "offered"]
        assert difference() == units_difference() == 0


def test_control_without_the_lock_the_child_has_two(
    asked: tuple[Journey, list[Referral]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lock is for: each looks, both have looked, both write."""
    journey, requests = asked
    gate = threading.Barrier(2)
    look = one_place.require_free_child

    def looked(child_id: UUID | None, start: datetime, end: datetime, *, besides: UUID | None = None) -> None:
        look(child_id, start, end, besides=besides)
        gate.wait(timeout=30)

    monkeypatch.setattr(one_place, "lock_child", lambda _child_id: None)
    monkeypatch.setattr(appointments, "require_free_child", looked)
    said = at_once(journey.tenant, [yes(journey, each) for each in requests])
    assert [type(one).__name__ for one in said] == ["Booking", "Booking"]
    with use_tenant(journey.tenant.pk):
        times = list(Booking.objects.values_list("starts_at", flat=True))
    assert abs(times[0] - times[1]) < timedelta(minutes=50), "two places in one time"
