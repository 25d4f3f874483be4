"""The demo's family: everything that ``/my/family/`` can show at once, and one link that a newcomer can answer."""

from random import Random
from typing import Any

import pytest
from django.test import Client

from demo.family import name_family
from demo.persons import Names
from families.models import Child, Consent, FamilyLink, Relative
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [0, 9])
def test_the_demo_names_a_family_with_one_open_link(school: Any, number: int) -> None:
    member = make_person(school, title="李老师")
    with use_tenant(school.id):
        token = name_family(actor_of(member), Names(Random(1)), number=number, today=now())
        assert (Relative.objects.count(), Child.objects.count()) == (2, 1)
        assert {phone[:10] for phone in (relative.phone for relative in Relative.objects.all())} == {"+861990009"}, (
            "a block that no carrier hands out"
        )
        assert sorted(Consent.objects.values_list("purpose", "state")) == [("emergency", "asked"), ("tips", "given")]
        assert FamilyLink.objects.filter(act="answer", used_at__isnull=True, expires_at__gt=now()).count() == 1
    relative = Client(headers={"host": school.host})
    assert "李老师" in relative.get(f"/family/{token}/").content.decode()
    assert relative.post(f"/family/{token}/", {"answer": "agree"}).status_code == 303
    with use_tenant(school.id):
        assert Consent.objects.get(purpose="emergency").state == "given"
