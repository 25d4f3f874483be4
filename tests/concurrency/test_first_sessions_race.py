"""Two requests of one person in the same second, on either side of New Year: one after the other they are counted (rules §2)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from kernel.clock import as_of, local_day, now
from partners.models import Agreement
from referrals.models import Referral
from referrals.workflow import submitting
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def journey(committed: None) -> Journey:
    school = make_school()
    made = make_journey(school, quota_sessions=None)  # a quota of the school year would be locked by both
    with use_tenant(school.pk):
        year = local_day(now()).year
        Agreement.objects.update(valid_until=date(year + 2, 1, 1), data_part_valid_until=date(year + 2, 1, 1))
    return made


def before_new_year() -> datetime:
    return datetime(local_day(now()).year, 12, 20, 2, tzinfo=UTC)


def two_sides(journey: Journey) -> list[Callable[[], Referral]]:
    """Two sessions in December, two in January: other numbers, other pools, one school year."""

    def ask(start: datetime) -> Referral:
        with as_of(before_new_year()), transaction.atomic():
            return submit_referral(
                actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=2,
                windows=[(start, start + timedelta(hours=3))], consent=["referral"],
            )  # fmt: skip

    starts = (before_new_year() + timedelta(days=3), before_new_year() + timedelta(days=15))
    return [lambda start=start: ask(start) for start in starts]


def test_the_second_request_of_the_same_second_is_counted_with_the_first(journey: Journey) -> None:
    sent = at_once(journey.tenant, two_sides(journey))
    assert sorted(row.needs_person for row in sent) == [False, True]


def test_control_without_the_lock_neither_is_counted(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for: taken out, both are the person's first sessions."""
    monkeypatch.setattr(submitting, "lock_person", lambda membership_id: frozenset({membership_id}))
    unseen = 0
    for _round in range(5):
        with use_tenant(journey.tenant.pk):
            sent = at_once(journey.tenant, two_sides(journey))
            unseen += sum(not row.needs_person for row in sent) == 2
            if unseen:
                break
            for row in sent:
                Referral.objects.filter(pk=row.pk).update(person=journey.members["staff2"].pk)
    assert unseen
