"""The demo as it is told: who is in it, what its union's desk holds, what stands beside its requests, who has left.

The operator's ground and one school's, with all their pages, are made once; each history is told anew on a copy and undone.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from audit.models import AuditEntry
from content.models import GuidelinePage
from demo.beside import suspend_one, tell_beside
from demo.family import name_family
from demo.history import PRESENT_STEPS, Clockwork, tell
from demo.leaving import tell_leaving
from demo.persons import BUREAU, GIVEN, SCHOOLS, SURNAMES, Names
from demo.setup import Ground, operator_ground, school_ground
from families.models import Child, Relative
from kernel.clock import as_of, local_day, now
from ledger.selectors import difference
from partners.models import Agreement, Institution, InstitutionMember
from referrals.liaison.models import HandOn, ReturnReport
from referrals.models import (
    AmountClaim,
    ChildPlace,
    Correction,
    HardshipFile,
    LeaverLink,
    PausedRequest,
    Redemption,
    Referral,
    SubsidyPolicy,
)
from referrals.subsidies.accounting import units_difference
from referrals.workflow.leaver_links import path_of
from referrals.workflow.times import office_answers_by
from referrals.workflow.union_posts import holders
from tenancy.models import Tenant
from tenancy.scope import no_scope, use_tenant
from tests.conftest import planted_once

pytestmark = pytest.mark.django_db


@dataclass
class Told:
    """A ground with the first school, and the moment at which all of it is told."""

    ground: Ground
    today: datetime
    random: Random = field(default_factory=lambda: Random(1))

    @property
    def tenant(self) -> Tenant:
        return self.ground.schools["yucai"]

    def history(self, slug: str = "yucai", *, count: int) -> int:
        """Tell it; how many steps it took."""
        told = tell(self.ground, slug, Clockwork(), count=count, today=self.today, random=self.random)
        return sum(1 for _ in told)

    def client(self, who: str = "") -> Client:
        client = Client(headers={"host": self.tenant.host})
        if who:
            client.force_login(User.objects.get(pk=self.ground.people["yucai"][who].user_id))
        return client


def plant() -> Told:
    random, today = Random(1), now()
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=3, today=local_day(today), random=random)
    return Told(ground, today, random)


planted_demo = planted_once("demo", plant)


@pytest.fixture
def demo(planted_demo: Told, db: None) -> Told:
    """The test's own copy: names that are given out, and the dice, are its own too."""
    return deepcopy(planted_demo)


@contextmanager
def telling(demo: Told) -> Iterator[None]:
    """At the demo's moment, with no school open."""
    with no_scope(), as_of(demo.today):
        yield


@pytest.mark.parametrize("count", [0, 9])
def test_something_waits_for_the_union_today_and_the_past_was_decided(demo: Told, count: int) -> None:
    """One school always asks its union about care for the old, and the desk is never empty; without a past nobody but the
    school's officers is there.
    """
    ground, tenant = demo.ground, demo.tenant
    if not count:
        ground.staff["yucai"] = []
    with telling(demo):
        assert demo.history(count=count) == PRESENT_STEPS + count, "what the progress bar counts on"
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
    desk = demo.client("union").get("/union/").content.decode()
    assert all(row.number in desk for row in waiting)


def _in_order(referrals: Any) -> bool:
    """Asked, decided, answered: each act of a request is later than the one before."""
    for referral in referrals:
        times = AuditEntry.objects.filter(object_id=str(referral.pk), action__startswith="referral.").order_by("seq")
        moments = list(times.values_list("at", flat=True))
        if moments != sorted(moments):
            return False
    return True


def test_nobody_is_a_namesake_and_nobody_decides_for_themselves(demo: Told) -> None:
    """Two schools, each with a history and a family."""
    ground = demo.ground
    with telling(demo):
        school_ground(ground, SCHOOLS[1], staff=6, today=local_day(demo.today), random=demo.random)
        for number, school in enumerate(SCHOOLS[:2]):
            demo.history(school.slug, count=9)
            with use_tenant(ground.schools[school.slug].id):
                name_family(ground.people[school.slug]["staff"], ground.names, number=number, today=demo.today)
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


def test_the_bureau_has_somebody_who_writes_and_offers_one_guideline(demo: Told) -> None:
    with telling(demo):
        bureau = school_ground(demo.ground, BUREAU, staff=0, today=local_day(demo.today), random=demo.random)
    assert set(demo.ground.people[bureau.slug]) == {"district", "editor"}
    assert GuidelinePage.objects.live().filter(is_offered=True).count() == 1


def test_what_stands_beside_is_there_to_be_decided(demo: Told) -> None:
    """Charity, cards, a suspended agency and corrections; books even."""
    with telling(demo):
        demo.history(count=12)
        with use_tenant(demo.tenant.id):
            tell_beside(demo.ground, "yucai", today=demo.today)
        sent = suspend_one(demo.ground, "yucai", today=demo.today)
    with use_tenant(demo.tenant.id):
        files = {(file.scheme, file.state) for file in HardshipFile.objects.all()}
        assert files == {("charity", "granted"), ("hardship", "asked")}
        assert sorted(HandOn.objects.values_list("state", flat=True)) == ["answered", "shown"]
        assert ReturnReport.objects.count() == 1
        assert sorted(Correction.objects.values_list("state", flat=True)) == ["approved", "asked", "asked"]
        assert sorted(AmountClaim.objects.values_list("state", flat=True)) == ["declined", "open", "taken"]
        assert sorted(holders(now())) == ["chair", "deputy"]
        pause = PausedRequest.objects.get(referral=sent)
        assert (pause.state, pause.due_at > demo.today) == ("open", True)
        assert difference() == 0 == units_difference()
    for who, address, shown in (
        ("union", "/union/suspended/", sent.number),
        ("finance2", "/finance/corrections/?state=asked", "YC"),
        ("finance", "/finance/hardship/", "KN-2026-12"),
    ):
        assert shown in demo.client(who).get(address).content.decode()


def test_who_left_has_a_page_and_places_pass_on(demo: Told) -> None:
    """A talk by their link, a place taken over, one to be answered; books even."""
    tenant, people = demo.tenant, demo.ground.people["yucai"]
    with telling(demo), use_tenant(tenant.id):
        gone = tell_leaving(demo.ground, "yucai", Clockwork(), today=demo.today, random=demo.random)
    with use_tenant(tenant.id):
        assert Membership.objects.filter(left_on__lt=tenant.today()).count() == len(gone) == 3
        assert sorted(place.answered_at is not None for place in ChildPlace.objects.all()) == [False, True]
        taken = ChildPlace.objects.get(answered_at__isnull=False).taken_as
        assert taken is not None
        assert (taken.state, taken.person_id) == ("confirmed", people["staff2"].membership_id)
        talk = Referral.objects.select_related("partner").get(person_id=gone[0].membership_id)
        page = path_of(LeaverLink.objects.get(membership_id=gone[0].membership_id))
        waits = ChildPlace.objects.get(answered_at__isnull=True).pk
        assert difference() == 0 == units_difference()
    assert talk.partner.name in demo.client().get(page).content.decode()
    assert demo.client("staff").get(f"/my/places/{waits}/").status_code == 200
