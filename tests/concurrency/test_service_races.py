"""Services of an institution named alike at the same moment: one gets the name, the others are told."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kernel.errors import Invalid
from kernel.fold import name_key
from partners.models import Service
from partners.workflow import add_service, change_service
from tests.concurrency.together import at_once
from tests.fixtures_journey import make_institution, make_operator, make_platform
from tests.workflow.partner_facts import make_service

pytestmark = pytest.mark.usefixtures("committed")
SPELLINGS = ["EAP 咨询", "eap 咨询", "ＥＡＰ　咨询", "Eap 咨询 "]  # noqa: RUF001 - full width is meant


def told(results: list[Any]) -> list[Any]:
    return [getattr(result, "reason", None) for result in results if isinstance(result, Invalid)]


def test_services_entered_and_renamed_alike_at_once_leave_one_of_the_name() -> None:
    home, tenant, boss = make_institution(), make_platform(), make_operator()
    others = [make_service(home) for _ in SPELLINGS]
    acts: list[Any] = [
        lambda name=name: add_service(actor=boss, institution_id=home.pk, name=name, kind="counselling", list_fee_fen=1)
        for name in SPELLINGS
    ]
    acts += [
        lambda row=row, name=name: change_service(actor=boss, service_id=row.pk, name=name)
        for row, name in zip(others, SPELLINGS, strict=True)
    ]
    results = at_once(tenant, acts)
    assert told(results) == ["service_taken"] * (len(acts) - 1), results
    assert Service.objects.filter(institution=home, key=name_key(SPELLINGS[0])).count() == 1


def test_the_control_shows_the_race() -> None:
    """A look before the write lets both through, and the key ends as a fault of the database."""
    home, tenant, looked = make_institution(), make_platform(), threading.Barrier(2)
    rows = [make_service(home) for _ in range(2)]
    let_through: list[str] = []

    def naive(row: Service, name: str) -> None:
        with transaction.atomic():
            is_free = not Service.objects.filter(institution=home, key=name_key(name)).exists()
            looked.wait(10)
            if is_free:
                let_through.append(name)
                row.name = name
                row.save(update_fields=["name"])

    acts = [lambda row=row, name=name: naive(row, name) for row, name in zip(rows, SPELLINGS[:2], strict=True)]
    results = at_once(tenant, acts)
    assert len(let_through) == 2
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
