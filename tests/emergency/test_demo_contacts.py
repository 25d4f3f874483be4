"""The demo's contacts: agreed, asked, missing, and a list of never; no number of it can ring."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from demo.contacts import name_contacts
from demo.family import name_family
from demo.persons import Names
from families.workflow import answer_consent
from kernel.clock import as_of, now
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.selectors import coverage, readiness_of
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import called, somebody

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_usual_way_a_contact_stands(school: Any) -> None:
    with use_tenant(school.id):
        person, staff = somebody(school), [somebody(school) for _ in range(10)]
        names = Names(Random(1))
        with as_of(now() - timedelta(minutes=1)):
            token = name_family(person, names, number=0, today=now())
            name_contacts(person, staff, names, school=school, number=0, today=now())
        found = list(Contact.objects.select_related("relative").order_by("person_id", "rank"))
        assert {contact.relative.phone[:9] for contact in found} == {"+86199000"}
        states = [state.value for state in readiness_of(found).values()]
        assert {state: states.count(state) for state in set(states)} == {"ready": 7, "lapsed": 2, "asked": 1}
        assert coverage(school.today(), fewest=5).whole[1:] == (7, 11)
        assert NeverContact.objects.count() == 1
        assert [rank for rank, _number in called(person)] == [2]
        answer_consent(token=token, answer="agree")
        assert [rank for rank, _number in called(person)] == [1, 2]
