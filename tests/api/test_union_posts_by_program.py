"""By program: who is chair of the union, and what an officer's word on crisis relief means then (books §1, ADR 0049)."""

from typing import Any
from uuid import uuid4

import pytest

from referrals.who_signs import ONE_CASE_FEN
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, office_of, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.chair_steps import relief
from tests.workflow.several_steps import pay_for

pytestmark = pytest.mark.django_db
POSTS = f"{API}union-posts/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


@pytest.fixture
def admin(journey: Journey) -> Caller:
    with use_tenant(journey.tenant.id):
        for who in ("chair", "one", "other"):
            journey.members[who] = make_person(journey.tenant, "union", "staff")
            journey.actors[who] = actor_of(journey.members[who])
        return Caller(journey.tenant, actor_of(make_person(journey.tenant, "admin", "staff")))


def who(journey: Journey, name: str, kind: str = "chair") -> dict[str, Any]:
    return {"kind": kind, "person": str(journey.members[name].pk) if name else None}


def test_the_administration_names_changes_and_vacates(journey: Journey, admin: Caller) -> None:
    assert admin.get(POSTS).json()["is_led"] is False
    made = [admin.post(POSTS, who(journey, "chair"), key="one") for _ in range(2)]
    assert [each.status_code for each in made] == [200, 200]
    shown = made[0].json()
    assert shown["is_led"] is True
    assert {row["kind"]: row["person"] for row in shown["results"]} == {
        "chair": str(journey.members["chair"].pk),
        "deputy": None,
    }
    held = admin.post(POSTS, who(journey, "chair", "deputy"))
    assert (held.status_code, held.json()["code"]) == (422, "post_held")
    assert admin.post(POSTS, who(journey, "")).json()["is_led"] is False


def test_nobody_else_names_and_half_said_changes_nothing(journey: Journey, admin: Caller, other_school: Any) -> None:
    foreign = make_journey(other_school)
    before = contents(journey.tenant, without=NOTED)
    for caller in (
        staff_of(journey), staff_of(journey, "chair"), staff_of(journey, "finance"), staff_of(journey, "centre"),
        office_of(journey), staff_of(foreign, "union"),
    ):  # fmt: skip
        assert caller.get(POSTS).status_code in (403, 404)
        assert caller.post(POSTS, who(journey, "one")).status_code in (403, 404)
    for wrong in (
        {},
        {"kind": "chair"},
        {"kind": "boss", "person": None},
        who(journey, "one") | {"more": 1},
        {"kind": "chair", "person": "x"},
    ):
        assert admin.post(POSTS, wrong).status_code == 400, wrong
    for person in (uuid4(), journey.members["staff"].pk, foreign.members["union"].pk):
        assert admin.post(POSTS, {"kind": "chair", "person": str(person)}).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before


def test_an_officers_word_waits_for_the_chair(journey: Journey, admin: Caller) -> None:
    admin.post(POSTS, who(journey, "chair"))
    with use_tenant(journey.tenant.id):
        pay_for(journey, "crisis_relief", share_bp=10_000)
        asked = relief(journey, ONE_CASE_FEN)
    address = f"{API}referrals/{asked.pk}/"
    one, other, chair = (staff_of(journey, name) for name in ("one", "other", "chair"))
    assert one.get(f"{address}words/").json() == {"needs_second": True, "needs_lead": True, "results": []}
    assert chair.get(f"{address}words/").json() == {"needs_second": False, "needs_lead": False, "results": []}
    assert one.post(f"{address}approve/", {}).json()["state"] == "submitted"
    found = other.get(f"{address}words/").json()
    assert (found["needs_second"], found["needs_lead"]) == (False, True)
    refused = other.post(f"{address}approve/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "chair_signs")
    assert chair.get(f"{address}words/").json()["needs_lead"] is False
    assert chair.post(f"{address}approve/", {}).json()["state"] == "offered"
