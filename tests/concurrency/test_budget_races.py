"""Engines that reach for the last places of a budget, or fold pages to one person, at once (chain §5)."""

from dataclasses import replace

import pytest

from referrals.emergency.engine.choosing import Chosen, reserve
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.send import claim
from referrals.emergency.engine.ways import ways_out
from referrals.emergency.models import Delivery
from referrals.emergency.rules.grades import LegKind
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_person, make_school
from tests.emergency.incident_rows import incident_row, leg_row
from tests.emergency.sending_steps import account_row, leg_that_pages, page_row, template_row

pytestmark = pytest.mark.usefixtures("committed")


def test_the_last_places_of_a_budget_are_given_once() -> None:
    school = make_school()
    with use_tenant(school.pk):
        account_row("aliyun", per_minute=3)
        template_row("aliyun")
        pages = [page_row(leg_that_pages(), f"+861390000000{number}").pk for number in range(8)]
    acts = [lambda pk=pk: reserve(claim([pk]), ways_out("sms"), Circuits()) for pk in pages]
    given = [chosen for rows in at_once(school, acts) for _delivery, chosen in rows]
    assert len(given) == 8
    assert sum(isinstance(chosen, Chosen) for chosen in given) == 3


def test_of_the_pages_that_engines_hold_for_one_person_one_leaves_and_the_others_are_told_with_it() -> None:
    school = make_school()
    for _round in range(5):
        with use_tenant(school.pk):
            incident = incident_row()
            member = make_person(school, "staff")
            legs = [leg_row(incident, kind=kind.value) for kind in LegKind]
            pages = [
                page_row(leg, "+8613900000001", channel="voice", text="emergency_alarm", member=member) for leg in legs
            ]
            held = [[replace(one, is_near=True) for one in claim([page.pk])] for page in pages]
        acts = [lambda mine=mine: reserve(mine, ways_out("voice"), Circuits()) for mine in held]
        leaves = [page.pk for rows in at_once(school, acts) for page, _how in rows]
        with use_tenant(school.pk):
            assert len(leaves) == 1, "each into another would be nobody's"
            # What was told with one that was folded itself waits again, and is told with the one that leaves.
            again = Delivery.objects.filter(pk__in=[page.pk for page in pages], state="queued")
            assert reserve(claim(list(again.values_list("pk", flat=True))), ways_out("voice"), Circuits()) == []
            folded = Delivery.objects.filter(pk__in=[page.pk for page in pages], state="folded")
            assert set(folded.values_list("folded_into", flat=True)) == set(leaves)
            assert folded.count() == len(pages) - 1
            Delivery.objects.filter(pk__in=leaves).update(state="failed", lease_until=None)
