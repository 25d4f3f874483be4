"""One person asks under two places in the same second: one after the other they are counted (rules §1, §2; ADR 0066)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Membership
from ledger.selectors import difference
from referrals.models import Referral, Unit
from referrals.subsidies.accounting import units_difference
from referrals.workflow import reviewing
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey, soon

pytestmark = pytest.mark.usefixtures("committed")
QUOTA = 3


@pytest.fixture
def journey(committed: None) -> Journey:
    made = make_journey(make_school(), quota_sessions=QUOTA)
    with use_tenant(made.tenant.pk):
        Membership.objects.filter(pk=made.members["staff"].pk).update(staff_no="T-7")
        other = make_person(made.tenant, "staff", staff_no="t–7")
        made.members["other"], made.actors["other"] = other, actor_of(other)
    return made


def both(journey: Journey) -> list[Callable[[], Referral]]:
    def send(who: Any, days: int) -> Referral:
        start, _end = soon(days=days)
        with transaction.atomic():
            return submit_referral(
                actor=who, tenant=journey.tenant, service_id=journey.counselling.pk, units=2,
                windows=[(start, start + timedelta(hours=3))], consent=["referral"],
            )  # fmt: skip

    return [lambda: send(journey.staff, 2), lambda: send(journey.other, 3)]


def subsidised(journey: Journey, found: list[Any]) -> int:
    """How many units of the two requests the quota pays."""
    assert not [row for row in found if isinstance(row, Exception)], found
    with use_tenant(journey.tenant.pk):
        assert difference() == units_difference() == 0
        return Unit.objects.filter(subsidy_fen__gt=0).count()


def test_quota_and_first_sessions_of_one_person_are_counted_under_both(journey: Journey) -> None:
    found = at_once(journey.tenant, both(journey))
    assert subsidised(journey, found) == QUOTA
    assert sorted(row.needs_person for row in found) == [False, True]


def test_control_where_each_place_is_a_person_both_are_free(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the question is for: asked of each place alone, one person has the quota and the first sessions twice."""
    monkeypatch.setattr(reviewing, "places_of_person", lambda member: frozenset({member}))
    found = at_once(journey.tenant, both(journey))
    assert subsidised(journey, found) == 4 > QUOTA
    assert [row.needs_person for row in found] == [False, False]
