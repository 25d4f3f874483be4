"""Where a person lives: a community the school works with, the street only if they like (chain §2)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from demo.worlds import agree
from kernel.clock import as_of, now
from partners.models import Institution
from partners.workflow import add_service
from referrals.emergency.models import HomeCommunity
from referrals.emergency.selectors import communities_on
from referrals.emergency.workflow.communities import forget_community, set_community
from tenancy.scope import use_tenant
from tests.emergency.contact_steps import somebody
from tests.emergency.test_contacts import refused
from tests.fixtures_journey import Journey, make_journey, make_partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(school: Any) -> Iterator[Journey]:
    made = make_journey(school)
    with use_tenant(school.id):
        yield made


def station(journey: Journey, *, until: int = 300) -> Institution:
    """A community with which the school has an agreement from yesterday on for ``until`` days."""
    found = make_partner(journey.operator, journey.platform, kind="community")
    with use_tenant(journey.platform.id):
        visit = add_service(
            actor=journey.operator, institution_id=found.pk, name="上门探访", kind="home_help", list_fee_fen=0,
            unit="session", minutes=60,
        )  # fmt: skip
    today = journey.tenant.today()
    agree(
        journey.actors["union"],
        journey.actors["finance"],
        found.pk,
        {visit.pk: 0},
        (today - timedelta(days=1), today + timedelta(days=until)),
    )
    return found


def test_a_person_says_where_they_live_and_takes_it_back(journey: Journey) -> None:
    actor, found = somebody(journey.tenant), station(journey)
    set_community(actor=actor, community_id=found.pk)
    home = set_community(actor=actor, community_id=found.pk, street="鹿鸣巷　 77 号")
    assert (HomeCommunity.objects.count(), home.street) == (1, "鹿鸣巷 77 号")
    with connection.cursor() as cursor:
        cursor.execute("SELECT street_sealed FROM emergency_homecommunity")
        assert "鹿鸣".encode() not in bytes(cursor.fetchone()[0])
    forget_community(actor=actor)
    forget_community(actor=actor)
    assert not HomeCommunity.objects.exists()


def test_only_a_community_with_an_agreement_today_can_be_chosen(journey: Journey) -> None:
    actor, found = somebody(journey.tenant), station(journey, until=30)
    refused("community_unknown", lambda: set_community(actor=actor, community_id=uuid4()))
    refused("community_unknown", lambda: set_community(actor=actor, community_id=journey.institution.pk))
    refused("street_long", lambda: set_community(actor=actor, community_id=found.pk, street="街" * 121))
    with as_of(now() + timedelta(days=31)):
        refused("community_unknown", lambda: set_community(actor=actor, community_id=found.pk))
    assert list(communities_on(journey.tenant.today())) == [found]
