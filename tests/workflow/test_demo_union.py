"""The demo's union desk: one school always asks its union about care for the old, and the desk is never empty."""

from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEntry
from demo.history import PRESENT_STEPS, Clockwork, tell
from demo.persons import SCHOOLS
from demo.setup import operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from referrals.models import Referral
from referrals.workflow.times import office_answers_by
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("staff", [0, 3])
def test_something_waits_for_the_union_today_and_the_past_was_decided(staff: int) -> None:
    random, today = Random(1), now()
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=staff, today=local_day(today), random=random)
        told = tell(ground, "yucai", Clockwork(), count=9 if staff else 0, today=today, random=random)
        assert sum(1 for _ in told) == PRESENT_STEPS + (9 if staff else 0), "what the progress bar counts on"
    tenant = ground.schools["yucai"]
    assert tenant.rules == {"asked_kinds": ["elder_care"]}
    with use_tenant(tenant.id):
        cared = Referral.objects.filter(kind="elder_care")
        waiting = list(cared.filter(state="submitted"))
        assert len(waiting) == 2
        assert [row.deadline for row in waiting] == [office_answers_by(tenant, row.submitted_at) for row in waiting]
        assert cared.filter(state="declined", decided_by_id=ground.people["yucai"]["union"].user_id).count() == 1
        assert cared.filter(state__in=["completed", "closed"], needs_person=True).exists()
        assert not cared.filter(needs_person=False).exists()
        assert all(row.decided_by_id for row in cared.exclude(state="submitted"))
        assert _in_order(cared)
        others = Referral.objects.exclude(kind__in=["elder_care", "counselling"])
        assert not others.filter(needs_person=True).exists()
        assert Referral.objects.filter(kind="counselling", state="submitted").count() >= 1
    client = Client(headers={"host": tenant.host})
    client.force_login(User.objects.get(pk=ground.people["yucai"]["union"].user_id))
    desk = client.get("/union/").content.decode()
    assert all(row.number in desk for row in waiting)


def test_the_demo_of_late_august_reaches_into_the_next_school_year() -> None:
    random, today = Random(1), datetime.fromisoformat("2027-08-31T23:50:00+08:00")
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=0, today=local_day(today), random=random)
        for _ in tell(ground, "yucai", Clockwork(), count=0, today=today, random=random):
            pass
    with use_tenant(ground.schools["yucai"].id):
        assert Referral.objects.filter(service_date__gte="2027-09-01").exists()


def _in_order(referrals: Any) -> bool:
    """Asked, decided, answered: each act of a request is later than the one before."""
    for referral in referrals:
        times = AuditEntry.objects.filter(object_id=str(referral.pk), action__startswith="referral.").order_by("seq")
        moments = list(times.values_list("at", flat=True))
        if moments != sorted(moments):
            return False
    return True
