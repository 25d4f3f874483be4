"""What the check of a plan takes for reached is what the engine calls, whatever shape an institution's number has."""

import pytest

from partners.models import Institution
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import PlanStep
from referrals.emergency.plan_facts import facts_of
from referrals.emergency.resolving import of_number
from referrals.emergency.rules.line_numbers import line_number
from referrals.emergency.rules.plan_check import Step
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import called
from tests.emergency.world import World, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "is_called"),
    [
        ("139 0000 0021", True),
        ("0571-8799 0001", True),
        ("0571-5550205", True),  # seven figures, as small cities have them
        ("400-161-9995", True),
        ("请打总机转值班室", False),
        ("120", False),
        ("+1 202 555 0123", False),
    ],
)
def test_the_check_and_the_engine_read_one_number(world: World, written: str, is_called: bool) -> None:
    with use_tenant(world.school.pk):
        step = PlanStep.objects.get(target="partner")
        assert step.partner_id is not None
        # The number of the public page is another one: nobody is called by it.
        phone = "0571-87990009" if not is_called else "请见网站"
    Institution.objects.filter(pk=step.partner_id).update(contact_phone=written, phone=phone)
    with use_tenant(world.school.pk):
        steps = [Step(step.leg, step.position, step.rule, tuple(step.channels), 2)]
        checked = facts_of(world.school, chain_now(), [steps]).partners[str(step.partner_id)]
        assert (checked.number is not None) is is_called
        incident = called(world, place="home", place_words="家里")
        make_due(incident, "medical")
        decide_school()
        assert ("partner" in paged(incident, "medical")) is is_called


def test_a_400_line_of_the_school_is_called(world: World) -> None:
    with use_tenant(world.school.pk):
        found = of_number("line", line_number("400-161-9995"))
        assert found is not None and dict(found.addresses) == {"voice": "4001619995"}
        assert of_number("line", "+12025550123") is None
