"""By program: an amount of one use is questioned by each side, answered by finance, corrected by two (books §5, ADR 0048)."""

from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of
from referrals.models import AmountClaim, Correction, Redemption, Referral, Voucher
from referrals.workflow.objecting import agree
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, counter_of, office_of, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.several_steps import agency_with

pytestmark = pytest.mark.django_db
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")
BODY = {"cause": "price", "reason": "协议里是 240 元", "fee_fen": 24_000}


@pytest.fixture
def used(journey: Journey) -> Redemption:
    """Counselling at ¥300 that the person has agreed to."""
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey))
        with as_of(booking.starts_at):
            [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        return agree(actor=journey.staff, redemption_id=line.pk)


def sides(journey: Journey, used: Redemption) -> dict[str, tuple[Caller, str, str]]:
    """Who asks, at which address, and where it is taken back."""
    return {
        "person": (staff_of(journey), f"{API}vouchers/uses/{used.pk}/claims/", f"{API}vouchers/claims/"),
        "agency": (office_of(journey), f"{API}partner/redemptions/{used.pk}/claims/", f"{API}partner/claims/"),
        "union": (staff_of(journey, "union"), f"{API}union/uses/{used.pk}/claims/", f"{API}union/claims/"),
    }


def of_the_union(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        Referral.objects.update(kind="home_help")


@pytest.mark.parametrize("side", ["person", "agency", "union"])
def test_each_side_asks_once_reads_the_answer_and_takes_it_back(journey: Journey, used: Redemption, side: str) -> None:
    of_the_union(journey)
    caller, address, back = sides(journey, used)[side]
    assert caller.get(address).json() == []
    made = [caller.post(address, BODY, key="one") for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].content == made[1].content
    claim = made[0].json()
    assert (claim["state"], claim["reason"], claim["fee_fen"], claim["answer"]) == ("open", BODY["reason"], 24_000, "")
    again = caller.post(address, BODY)
    assert (again.status_code, again.json()["code"]) == (409, "claim_open")
    assert caller.post(f"{back}{claim['id']}/withdraw/", {}).json()["state"] == "withdrawn"
    assert caller.post(f"{back}{claim['id']}/withdraw/", {}).status_code == 409
    second = caller.post(address, {"cause": "not_had", "reason": "没有来"}).json()
    finance = staff_of(journey, "finance")
    said = finance.post(f"{API}claims/{second['id']}/decline/", {"answer": "签到表上有"})
    assert (said.status_code, said.json()["state"], said.json()["side"]) == (200, "declined", side)
    [first, _taken_back] = caller.get(address).json()
    assert (first["id"], first["answer"], first["state"]) == (second["id"], "签到表上有", "declined")


def test_finance_corrects_because_of_a_claim_by_two_and_on_the_claims_side(journey: Journey, used: Redemption) -> None:
    caller, address, _back = sides(journey, used)["agency"]
    claim = caller.post(address, BODY).json()
    finance, other = staff_of(journey, "finance"), staff_of(journey, "finance2")
    [row] = finance.get(f"{API}claims/").json()["results"]
    assert row["redemption"] == str(used.pk)
    assert not {"reason", "answer", "person", "service", "service_date"} & set(row), (
        "the words stand at the claim itself"
    )
    assert finance.get(f"{API}claims/{claim['id']}/").json()["reason"] == BODY["reason"]
    body = {
        "redemption": str(used.pk), "cause": "price", "side": "agency", "fee_fen": 24_000, "reason": "核对协议",
        "claim": claim["id"],
    }  # fmt: skip
    for side in ("person", "union", "finance"):
        wrong = finance.post(f"{API}corrections/", {**body, "side": side})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "out_of_range"), side
        assert [field["field"] for field in wrong.json()["errors"]] == ["side"]
    with use_tenant(journey.tenant.id):
        assert (Correction.objects.count(), AmountClaim.objects.get().state) == (0, "open")
    made = finance.post(f"{API}corrections/", body)
    assert made.status_code == 201, made.content
    assert finance.get(f"{API}claims/{claim['id']}/").json()["correction"] == made.json()["id"]
    assert finance.post(f"{API}claims/{claim['id']}/decline/", {"answer": "不改"}).status_code == 409
    approve = f"{API}corrections/{made.json()['id']}/approve/"
    assert finance.post(approve, {}).json()["code"] == "same_person"
    assert other.post(approve, {}).json()["state"] == "approved"
    [mine] = caller.get(address).json()
    assert (mine["state"], mine["answered_at"] is not None) == ("corrected", True)


def test_nobody_asks_reads_or_answers_for_another(journey: Journey, used: Redemption, other_school: Any) -> None:
    of_the_union(journey)
    foreign = make_journey(other_school)
    with use_tenant(journey.platform.id):
        _service, away = agency_with(journey, "counselling", 20_000)
    with use_tenant(journey.tenant.id):
        officer = make_person(journey.tenant, "union", "staff")
        mixed = Caller(journey.tenant, actor_of(officer))
    every = sides(journey, used)
    claim = every["person"][0].post(every["person"][1], BODY).json()
    strangers = {
        "person": [staff_of(journey, "staff2"), staff_of(journey, "finance"), office_of(journey), staff_of(foreign)],
        "agency": [counter_of(journey), Caller(journey.platform, away), staff_of(journey), office_of(foreign)],
        "union": [staff_of(journey), staff_of(journey, "centre"), office_of(journey), staff_of(foreign, "union")],
    }
    before = contents(journey.tenant, without=NOTED)
    for side, callers in strangers.items():
        _caller, address, back = every[side]
        for number, caller in enumerate(callers):
            for done in (
                caller.get(address), caller.post(address, BODY), caller.post(f"{back}{claim['id']}/withdraw/", {}),
            ):  # fmt: skip
                assert done.status_code in (403, 404), (side, number)
    for side in ("agency", "union"):
        caller, address, back = every[side]
        assert caller.get(address).json() == [], "nothing of the person's"
        assert caller.post(f"{back}{claim['id']}/withdraw/", {}).status_code == 404
    for caller in (
        staff_of(journey),
        staff_of(journey, "union"),
        mixed,
        office_of(journey),
        staff_of(foreign, "finance"),
    ):
        for done in (
            caller.get(f"{API}claims/{claim['id']}/"), caller.post(f"{API}claims/{claim['id']}/decline/", {"answer": "不"}),
        ):  # fmt: skip
            assert done.status_code in (403, 404)
    assert staff_of(journey).get(f"{API}claims/").status_code == 403
    with use_tenant(journey.tenant.id):
        Voucher.objects.update(person=officer)
    assert mixed.post(every["union"][1], BODY).status_code == 404, "an officer's own use"
    with use_tenant(journey.tenant.id):
        Voucher.objects.update(person=journey.members["staff"])
    assert contents(journey.tenant, without=NOTED) == before


def test_half_said_is_refused_and_nothing_is_written(journey: Journey, used: Redemption) -> None:
    caller, address, _back = sides(journey, used)["person"]
    finance = staff_of(journey, "finance")
    before = contents(journey.tenant, without=NOTED)
    for wrong in (
        {}, {"cause": "price"}, {**BODY, "cause": "gift"}, {**BODY, "reason": ""}, {**BODY, "reason": "长" * 201},
        {**BODY, "fee_fen": 0}, {**BODY, "fee_fen": -1}, {**BODY, "fee_fen": 2.5}, {**BODY, "fee_fen": "24000"},
        {**BODY, "cause": "not_had"}, {**BODY, "side": "agency"}, [],
    ):  # fmt: skip
        assert caller.post(address, wrong).status_code == 400, wrong
    assert finance.get(f"{API}claims/{uuid4()}/").status_code == 404
    assert finance.post(f"{API}claims/{uuid4()}/decline/", {"answer": "不改"}).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before
    claim = caller.post(address, BODY).json()
    for wrong in ({}, {"answer": ""}, {"answer": "长" * 201}, {"answer": "不改", "more": 1}):
        assert finance.post(f"{API}claims/{claim['id']}/decline/", wrong).status_code == 400, wrong
