"""Engines that reach for the last places of a budget at once (chain §5)."""

import pytest

from referrals.emergency.engine.choosing import Chosen, reserve
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.send import claim
from referrals.emergency.engine.ways import ways_out
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
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
