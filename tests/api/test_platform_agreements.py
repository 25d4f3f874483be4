"""``agreements/``: drafted by the union, approved by another person of finance, by programs."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.clock import local_day, now
from partners.models import Agreement
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.workflow.partner_facts import make_agreement, make_institution, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.platform_views")]
PATH = "/api/v1/agreements/"


def test_a_program_drafts_and_another_approves(school: Any) -> None:
    service = make_service(make_institution())
    today = local_day(now())
    until = (today + timedelta(90)).isoformat()
    body = {
        "partner": str(service.institution_id),
        "valid_from": today.isoformat(),
        "valid_until": until,
        "data_part_valid_until": until,
        "lines": [{"service": str(service.pk), "tariff_fen": 28000}],
    }
    union, finance = Program(school, "union"), Program(school, "finance")
    made = [union.post(PATH, body, key="k") for _ in range(3)]
    assert [answer.status_code for answer in made] == [201] * 3
    assert len({answer.content for answer in made}) == 1
    one = f"{PATH}{made[0].json()['id']}/"
    refused = union.post(f"{one}approve/")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert finance.post(f"{one}approve/", {"x": 1}).status_code == 400
    answer = finance.post(f"{one}approve/")
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    assert finance.post(f"{one}approve/").json()["code"] == "illegal_move"
    assert [row["number"] for row in finance.get(PATH).json()["results"]] == [answer.json()["number"]]
    assert Program(school, "staff").get(PATH).status_code == 403
    with use_tenant(school.id):
        assert Agreement.objects.count() == 1
        refusals = AuditEntry.objects.filter(action="agreement.approve.refused").values_list("facts__code", flat=True)
        assert sorted(refusals) == ["forbidden", "illegal_move", "invalid"]


def test_a_foreign_agreement_looks_like_a_missing_one(school: Any, other_school: Any) -> None:
    foreign = make_agreement(other_school, make_service(make_institution()))
    program = Program(school, "finance")
    missing = program.get(f"{PATH}0190a0a0-0000-7000-8000-000000000000/")
    assert (missing.status_code, missing.content) == (404, program.get(f"{PATH}{foreign.pk}/").content)
    assert program.post(f"{PATH}{foreign.pk}/end/", {"on": "2030-01-01"}).status_code == 404
