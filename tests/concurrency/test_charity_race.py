"""Two words of finance in the same second: what was donated is promised once (16.11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from kernel.errors import Refused
from referrals.models import HardshipFile
from referrals.subsidies import donations
from referrals.workflow import hardship
from referrals.workflow.hardship import ask_hardship, grant_hardship
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.several_steps import pay_for

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def journey(committed: None) -> Journey:
    made = make_journey(make_school())
    with use_tenant(made.tenant.pk):
        pay_for(made, "charity", share_bp=10_000, pool_fen=100_000)
    return made


def two_words(journey: Journey) -> list[Callable[[], HardshipFile]]:
    """60 000 each of 100 000, by two people of finance."""
    today = journey.tenant.today()
    files = [
        ask_hardship(
            actor=journey.union, tenant=journey.tenant, person_id=journey.members[who].pk, number=f"AX-{who}",
            ceiling_fen=60_000, first_day=today, last_day=today + timedelta(days=2), scheme="charity",
        )
        for who in ("staff", "staff2")
    ]  # fmt: skip

    def grant(file: HardshipFile) -> HardshipFile:
        with transaction.atomic():
            return grant_hardship(actor=journey.finance, file_id=file.pk)

    return [lambda file=file: grant(file) for file in files]


def test_the_second_word_of_the_same_second_finds_what_the_first_promised(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        said = at_once(journey.tenant, two_words(journey))
    assert sorted(type(each) for each in said if isinstance(each, Refused)) == [Refused]
    with use_tenant(journey.tenant.pk):
        assert HardshipFile.objects.filter(state="granted").count() == 1


def test_control_without_the_lock_both_are_promised(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pools' lock is for: taken out, more is promised than was donated."""
    monkeypatch.setattr(hardship, "unpromised", lambda file: donations.unpromised(file, locked=False))
    with use_tenant(journey.tenant.pk):
        for _round in range(8):
            at_once(journey.tenant, two_words(journey))
            if HardshipFile.objects.filter(state="granted").count() == 2:
                return
            HardshipFile.objects.update(state="ended")
    raise AssertionError("the race was not seen")
