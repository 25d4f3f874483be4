"""The demo beside the requests: charity, cards, a suspended agency and corrections, each there to be decided; books even."""

from random import Random

import pytest
from django.test import Client

from accounts.models import User
from demo.beside import suspend_one, tell_beside
from demo.history import Clockwork, tell
from demo.persons import SCHOOLS
from demo.setup import operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from ledger.selectors import difference
from referrals.liaison.models import HandOn, ReturnReport
from referrals.models import AmountClaim, Correction, HardshipFile, PausedRequest
from referrals.subsidies.accounting import units_difference
from referrals.workflow.union_posts import holders
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


def test_what_stands_beside_is_there_to_be_decided() -> None:
    random, today = Random(1), now()
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=3, today=local_day(today), random=random)
        for _ in tell(ground, "yucai", Clockwork(), count=12, today=today, random=random):
            pass
        with use_tenant(ground.schools["yucai"].id):
            tell_beside(ground, "yucai", today=today)
        sent = suspend_one(ground, "yucai", today=today)
    tenant, people = ground.schools["yucai"], ground.people["yucai"]
    with use_tenant(tenant.id):
        files = {(file.scheme, file.state) for file in HardshipFile.objects.all()}
        assert files == {("charity", "granted"), ("hardship", "asked")}
        assert sorted(HandOn.objects.values_list("state", flat=True)) == ["answered", "shown"]
        assert ReturnReport.objects.count() == 1
        assert sorted(Correction.objects.values_list("state", flat=True)) == ["approved", "asked", "asked"]
        assert sorted(AmountClaim.objects.values_list("state", flat=True)) == ["declined", "open", "taken"]
        assert sorted(holders(now())) == ["chair", "deputy"]
        pause = PausedRequest.objects.get(referral=sent)
        assert (pause.state, pause.due_at > today) == ("open", True)
        assert difference() == 0 == units_difference()
    for who, address, shown in (
        ("union", "/union/suspended/", sent.number),
        ("finance2", "/finance/corrections/?state=asked", "YC"),
        ("finance", "/finance/hardship/", "KN-2026-12"),
    ):
        client = Client(headers={"host": tenant.host})
        client.force_login(User.objects.get(pk=people[who].user_id))
        assert shown in client.get(address).content.decode()
