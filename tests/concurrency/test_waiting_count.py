"""Several lines joined in the same second: nobody waits in more than ten (books §4)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from kernel.errors import Refused
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Service
from referrals.models import WaitingEntry
from referrals.workflow.waiting_list import MOST_ENTRIES, join_waiting
from seats import places
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon

pytestmark = pytest.mark.usefixtures("committed")
AT_ONCE = 2


@pytest.fixture
def planted(committed: None) -> tuple[Journey, list[datetime]]:
    """Somebody who waits in all lines but one, and two more times that are full."""
    journey = make_journey(make_school())
    with use_tenant(journey.platform.id):
        Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
        draft = ResourceDraft(name="减压小组", services=[journey.counselling.pk], capacity=2)
        group = add_resource(actor=journey.partner_office, kind="group", draft=draft)
    starts = [soon(days=4 + number)[0].replace(minute=0) for number in range(MOST_ENTRIES - 1 + AT_ONCE)]
    with use_tenant(journey.tenant.id):
        for start in starts:
            for _seat in range(2):
                places.take(group.place, start, start + timedelta(minutes=50), capacity=2)
        for start in starts[: MOST_ENTRIES - 1]:
            joining(journey, start)()
    return journey, starts[MOST_ENTRIES - 1 :]


def joining(journey: Journey, start: datetime) -> Callable[[], WaitingEntry]:
    return lambda: join_waiting(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=start
    )


def test_of_two_at_the_same_moment_one_is_the_tenth(planted: tuple[Journey, list[datetime]]) -> None:
    """The second counts when the first one's line is there, and not before."""
    journey, (start, other) = planted
    is_in, is_told = threading.Event(), threading.Event()

    def first() -> WaitingEntry:
        with transaction.atomic():
            entry: WaitingEntry = joining(journey, start)()
            is_in.set()
            is_told.wait(timeout=2)  # it waits for this row; where it does not, it is told first
        return entry

    def second() -> WaitingEntry:
        is_in.wait(timeout=30)
        try:
            return joining(journey, other)()
        finally:
            is_told.set()

    one, two = at_once(journey.tenant, [first, second])
    assert isinstance(one, WaitingEntry), one
    assert isinstance(two, Refused) and two.reason == "waiting_full", two
    with use_tenant(journey.tenant.id):
        assert WaitingEntry.objects.filter(person_id=journey.staff.membership_id).count() == MOST_ENTRIES


def test_of_two_people_nobody_waits_for_the_other(planted: tuple[Journey, list[datetime]]) -> None:
    """The control: it is the person's own count that is held, and no line."""
    journey, starts = planted
    others = [journey.actors["staff2"], journey.actors["union"]]
    acts = [
        lambda who=who: join_waiting(
            actor=who, tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=starts[0]
        )
        for who in others
    ]
    assert [type(one).__name__ for one in at_once(journey.tenant, acts)] == ["WaitingEntry"] * len(others)
