"""Drafts of one partner approved at the same moment: one of those that overlap is in force, the others are told; nobody is
shut out by a deadlock. The control locks as it must not be done and shows that the race is real."""

import threading
from typing import Any

import pytest
from django.db import transaction

from partners.models import Agreement
from partners.workflow import approve_agreement
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.workflow.partner_facts import make_agreement, make_institution, make_service

pytestmark = pytest.mark.usefixtures("committed")
DRAFTS = 4


def drafts_of_one_partner() -> tuple[Any, list[Agreement]]:
    school = make_school()
    service = make_service(make_institution())
    return school, [make_agreement(school, service, approved=False) for _ in range(DRAFTS)]


def test_drafts_of_one_partner_approved_together_give_one_agreement_and_no_deadlock() -> None:
    for _try in range(3):
        school, drafts = drafts_of_one_partner()
        finance = actor_of(make_person(school, "finance"))
        outcomes = at_once(
            school,
            [lambda draft=draft: approve_agreement(actor=finance, agreement_id=draft.pk) for draft in drafts],
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert [str(error) for error in refused] == ["overlap"] * (DRAFTS - 1)
        with use_tenant(school.id):
            assert sorted(Agreement.objects.values_list("state", flat=True)) == ["active"] + ["draft"] * (DRAFTS - 1)


def test_control_whoever_locks_their_own_first_and_then_all_waits_crosswise() -> None:
    school, drafts = drafts_of_one_partner()
    holding = threading.Barrier(DRAFTS)

    def lock_own_then_all(draft: Agreement) -> None:
        with transaction.atomic():
            Agreement.objects.select_for_update(no_key=True).get(pk=draft.pk)
            holding.wait(timeout=30)
            list(Agreement.objects.select_for_update(no_key=True).filter(partner_id=draft.partner_id).order_by("pk"))

    outcomes = at_once(school, [lambda draft=draft: lock_own_then_all(draft) for draft in drafts])
    assert any("deadlock" in str(outcome) for outcome in outcomes)
