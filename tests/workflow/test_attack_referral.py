"""Attacks on the writers of a request."""

from datetime import date

import pytest

from families.workflow import register_child
from kernel.errors import DomainError
from referrals.models import Referral
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import make_journey, soon

pytestmark = pytest.mark.django_db
MISSING = "0190a0a0-0000-7000-8000-000000000000"


@pytest.mark.parametrize("whose", ["missing", "a colleague's"])
def test_a_child_that_is_not_the_persons_is_refused_for_every_kind_of_service(school, whose):
    """A foreign id is a missing id (issue A §4); what was sent is never silently left out."""
    journey = make_journey(school)
    with use_tenant(school.id):
        child = MISSING
        if whose != "missing":
            child = register_child(actor=journey.staff2, name="豆豆", born=date(2018, 5, 1)).pk
        with pytest.raises(DomainError):
            submit_referral(
                actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
                windows=[soon(days=1)], consent=["referral"], child_id=child,
            )  # fmt: skip
        assert not Referral.objects.exists()
