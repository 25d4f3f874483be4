"""Whoever is in the demo is one person: nobody's namesake, and nobody decides, approves or redeems for themselves."""

from collections import Counter
from random import Random

import pytest

from accounts.models import Membership, User
from audit.models import AuditEntry
from content.models import GuidelinePage
from demo.family import name_family
from demo.history import Clockwork, tell
from demo.persons import BUREAU, GIVEN, SCHOOLS, SURNAMES, Names
from demo.setup import Ground, operator_ground, school_ground
from families.models import Child, Relative
from kernel.clock import as_of, local_day, now
from partners.models import Agreement, Institution, InstitutionMember
from referrals.models import Redemption, Referral, SubsidyPolicy
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


def told() -> Ground:
    """Two schools with the same seed, one of them with a history, both with a family."""
    random, today = Random(1), now()
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        for number, school in enumerate(SCHOOLS[:2]):
            school_ground(ground, school, staff=6, today=local_day(today), random=random)
            for _ in tell(ground, school.slug, Clockwork(), count=9, today=today, random=random):
                pass
            with use_tenant(ground.schools[school.slug].id):
                name_family(ground.people[school.slug]["staff"], ground.names, number=number, today=today)
    return ground


def test_nobody_is_a_namesake_and_nobody_decides_for_themselves() -> None:
    ground = told()
    names = Counter(User.objects.values_list("full_name", flat=True))
    names.update(Institution.objects.values_list("contact_name", flat=True))
    workers = set(InstitutionMember.objects.values_list("user_id", flat=True))
    decided = 0
    for tenant in ground.schools.values():
        with use_tenant(tenant.id):
            names.update(Membership.objects.filter(user=None).values_list("name", flat=True))
            names.update(relative.name for relative in Relative.objects.all())
            names.update(child.name for child in Child.objects.all())
            accounts = dict(Membership.objects.values_list("pk", "user_id"))
            for referral in Referral.objects.exclude(decided_by=None):
                assert referral.decided_by_id != accounts[referral.person_id], referral.number
                decided += 1
            for papers in (Agreement, SubsidyPolicy):
                rows = papers.objects.exclude(approved_by=None)
                assert all(row.approved_by_id != row.drafted_by_id for row in rows)
            redeemed = set(Redemption.objects.values_list("redeemed_by_id", flat=True))
            assert redeemed <= workers
            assert not redeemed & set(accounts.values())
            acting = set(AuditEntry.objects.values_list("actor_id", flat=True)) - {None, ground.operator.user_id}
            assert acting <= set(accounts.values()) | workers
    assert decided
    assert [name for name, times in names.items() if times > 1] == []


def test_names_do_not_run_out() -> None:
    names, many = Names(Random(1)), len(SURNAMES) * len(GIVEN) + 200
    assert len({names.new() for _ in range(many)}) == many
    assert {names.new("林")[0] for _ in range(60)} == {"林"}


def test_the_bureau_has_somebody_who_writes_and_offers_one_guideline() -> None:
    with no_scope():
        ground = operator_ground(Random(1))
        bureau = school_ground(ground, BUREAU, staff=0, today=local_day(now()), random=Random(1))
    assert set(ground.people[bureau.slug]) == {"district", "editor"}
    assert GuidelinePage.objects.live().filter(is_offered=True).count() == 1
