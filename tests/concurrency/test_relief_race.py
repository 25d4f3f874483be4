"""Two requests of one case approved in the same second: together they are more than one person may grant (books §1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from referrals.models import Referral
from referrals.workflow import submitting
from referrals.workflow.relief import submit_relief
from referrals.workflow.submitting import approve_referral
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.chair_steps import lead
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def journey(committed: None) -> Journey:
    made = make_journey(make_school())
    with use_tenant(made.tenant.pk):
        pay_for(made, "crisis_relief", share_bp=10_000, pool_fen=5_000_000)
        made.members["deputy"] = make_person(made.tenant, "union", "staff")
        lead(made, "union", "deputy")
    return made


def two_words(journey: Journey, service: Any, person: str) -> list[Callable[[], Referral]]:
    """150 000 each, by chair and deputy, who each grant that alone."""
    start, _end = soon(days=5)
    sent = [
        submit_relief(
            actor=journey.centre, tenant=journey.tenant, person_id=journey.members[person].pk, service_id=service.pk,
            units=1, windows=[(start + timedelta(hours=n), start + timedelta(hours=n + 2))],
        )
        for n in (0, 1)
    ]  # fmt: skip
    officers = (journey.union, actor_of(journey.members["deputy"]))

    def approve(referral: Referral, actor: Any) -> Referral:
        with transaction.atomic():
            return approve_referral(actor=actor, tenant=journey.tenant, referral_id=referral.pk)

    return [lambda row=row, actor=actor: approve(row, actor) for row, actor in zip(sent, officers, strict=True)]


def test_the_second_yes_of_the_same_second_counts_the_first(journey: Journey) -> None:
    with use_tenant(journey.tenant.pk):
        service, _office = agency_with(journey, "home_help", 150_000, mode="confirm")
        said = at_once(journey.tenant, two_words(journey, service, "staff"))
    assert sorted(row.state for row in said) == ["offered", "submitted"]


def test_control_without_the_lock_both_go_on_one_word(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for: taken out, 300 000 go on one person's word each."""
    monkeypatch.setattr(submitting, "lock_case", lambda _referral: None)
    with use_tenant(journey.tenant.pk):
        service, _office = agency_with(journey, "home_help", 150_000, mode="confirm")
        for person in ("staff", "staff2", "centre2", "staff", "staff2"):
            if person not in journey.members:
                continue
            said = at_once(journey.tenant, two_words(journey, service, person))
            if [getattr(row, "state", "") for row in said] == ["offered", "offered"]:
                return
            Referral.objects.filter(state="offered").update(submitted_at="2020-01-01T00:00:00Z")
    raise AssertionError("the race was not seen")
