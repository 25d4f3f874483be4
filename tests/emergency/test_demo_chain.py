"""The demo's chain: live, in rehearsal with a hole, off; through the writers, as an empty installation would do it."""

from datetime import timedelta
from random import Random

import pytest

from demo.emergency import tell_chain
from demo.persons import SCHOOLS
from demo.setup import operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from referrals.emergency.going_live import Lacking, lacks
from referrals.emergency.models import Chain, DutyShift, Plan, chain_moment
from referrals.emergency.rota import duty_at, shifts_between
from referrals.emergency.rules.on_duty import short_rest, too_long
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


def test_three_schools_three_states() -> None:
    random, today = Random(1), now()
    found = {}
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        for number, school in enumerate(SCHOOLS):
            tenant = school_ground(ground, school, staff=0, today=local_day(today), random=random)
            with use_tenant(tenant.id):
                tell_chain(tenant, ground.people[school.slug], number=number, today=local_day(today))
                moment = chain_moment()
                chain = Chain.objects.first()
                found[school.slug] = chain.state if chain else "off"
                missing = {lack.lacking for lack in lacks(tenant, moment)}
                shifts = shifts_between(tenant, moment, moment + timedelta(days=14))
                if school.slug == "yucai":
                    assert missing == set()
                    assert set(duty_at(tenant, moment)) == {1, 2}
                    assert too_long(shifts) == [] and short_rest(shifts) == []
                elif school.slug == "shifan":
                    assert missing == {Lacking.DUTY_GAP, Lacking.PLAN_MISSING}
                else:
                    assert not DutyShift.objects.exists() and not Plan.objects.exists()
    assert found == {"yucai": "live", "shifan": "rehearsal", "binhai": "off"}
