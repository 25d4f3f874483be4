"""The demo's people who left yesterday: a talk by their link, a place taken over, one to be answered; books even."""

from random import Random

import pytest
from django.test import Client

from accounts.models import Membership, User
from demo.history import Clockwork
from demo.leaving import tell_leaving
from demo.persons import SCHOOLS
from demo.setup import operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from ledger.selectors import difference
from referrals.models import ChildPlace, LeaverLink, Referral
from referrals.subsidies.accounting import units_difference
from referrals.workflow.leaver_links import path_of
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


def test_who_left_has_a_page_and_places_pass_on() -> None:
    random, today = Random(1), now()
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=3, today=local_day(today), random=random)
        tenant, people = ground.schools["yucai"], ground.people["yucai"]
        with use_tenant(tenant.id):
            gone = tell_leaving(ground, "yucai", Clockwork(), today=today, random=random)
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
    client = Client(headers={"host": tenant.host})
    assert talk.partner.name in client.get(page).content.decode()
    client.force_login(User.objects.get(pk=people["staff"].user_id))
    assert client.get(f"/my/places/{waits}/").status_code == 200
