"""Money of pools and drafts of policies by a program: the same acts, the same two persons (books §1)."""

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from kernel.clock import as_of, local_day, now, start_of_day
from kernel.errors import Refused
from ledger.selectors import balance
from referrals.models import SubsidyPolicy
from referrals.workflow.pools import ask_pool_order, pool_key
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, staff_of
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.django_db
ORDERS = f"{API}pools/orders/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


def finance(journey: Journey) -> tuple[Caller, Caller]:
    return staff_of(journey, "finance"), staff_of(journey, "finance2")


def body(**changes: object) -> dict[str, object]:
    year = local_day(now()).year
    return {"kind": "grant", "scheme": "camp", "year": year, "amount_fen": 5_000, "reason": "年度预算"} | changes


def camp(journey: Journey) -> int:
    with use_tenant(journey.tenant.id):
        return balance(pool_key("camp", local_day(now()).year)).granted


def test_money_is_asked_for_by_one_and_moved_by_another(journey: Journey) -> None:
    one, other = finance(journey)
    before = camp(journey)
    made = [one.post(ORDERS, body(), key="order") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].content == made[1].content
    order = made[0].json()
    assert (order["state"], order["amount_fen"], order["decided_at"]) == ("asked", 5_000, None)
    address = f"{ORDERS}{order['id']}/"
    assert one.post(f"{address}approve/", {}).json()["code"] == "same_person"
    assert camp(journey) == before
    assert other.post(f"{address}approve/", {}).json()["state"] == "approved"
    assert camp(journey) == before + 5_000
    assert other.post(f"{address}decline/", {}).status_code == 409
    newest = one.get(f"{ORDERS}?limit=1").json()
    assert (newest["results"], bool(newest["next"])) == ([one.get(address).json()], True)
    pools = {row["scheme"]: row for row in one.get(f"{API}pools/").json()["results"]}
    assert pools["camp"]["granted_fen"] == before + 5_000
    assert all(
        row["granted_fen"] == row["available_fen"] + row["reserved_fen"] + row["spent_fen"] for row in pools.values()
    )
    assert one.get(f"{API}pools/?year=2031").json() == {"results": []}


def test_an_order_is_declined_or_taken_back(journey: Journey) -> None:
    one, other = finance(journey)
    before = camp(journey)
    for who, act, state in ((other, "decline", "declined"), (one, "withdraw", "withdrawn")):
        address = f"{ORDERS}{one.post(ORDERS, body()).json()['id']}/"
        wrong = one if who is other else other
        assert wrong.post(f"{address}{act}/", {}).status_code == 403
        assert who.post(f"{address}{act}/", {}).json()["state"] == state
        assert other.post(f"{address}approve/", {}).status_code == 409
    assert camp(journey) == before


def test_bad_input_and_strangers_move_nothing(journey: Journey, other_school: object) -> None:
    one, _other = finance(journey)
    address = f"{ORDERS}{one.post(ORDERS, body()).json()['id']}/"
    foreign = staff_of(make_journey(other_school), "finance2")
    before = contents(journey.tenant, without=NOTED)
    for wrong in (
        {}, body(kind="gift"), body(scheme="bribe"), body(year=1999), body(year="2026"), body(amount_fen=0),
        body(amount_fen=-1), body(amount_fen=1.5), body(kind="close_year"), body(reason=" "), body(reason="长" * 201),
        body(more=1),
    ):  # fmt: skip
        assert one.post(ORDERS, wrong).status_code == 400, wrong
    runs = body(kind="close_year", amount_fen=0)
    assert one.post(ORDERS, runs).json()["code"] == "year_runs"
    assert one.post(ORDERS, body(kind="return", amount_fen=10**9)).json()["code"] == "not_enough"
    assert one.get(f"{API}pools/?year=soon").status_code == 400
    for role in ("staff", "centre"):
        caller = staff_of(journey, role)
        assert caller.get(ORDERS).status_code == 403
        assert caller.get(f"{API}pools/").status_code == 403
        assert caller.post(ORDERS, body()).status_code == 403
    for act in ("approve", "decline", "withdraw"):
        assert foreign.post(f"{address}{act}/", {}).status_code == 404
        assert one.post(f"{ORDERS}{uuid4()}/{act}/", {}).status_code == 404
    assert foreign.get(address).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before


def test_a_draft_comes_back_is_written_anew_and_is_taken_back(journey: Journey) -> None:
    one, other = finance(journey)
    start = date(local_day(now()).year + 1, 9, 1).isoformat()
    terms = {"share_bp": 8_000, "valid_from": start}
    draft = one.post(f"{API}policies/", {"scheme": "counselling", **terms}).json()
    address = f"{API}policies/{draft['id']}/"
    assert one.post(f"{address}return/", {"reason": "比例太高"}).json()["code"] == "same_person"
    assert other.post(f"{address}return/", {"reason": " "}).status_code == 400
    back = other.post(f"{address}return/", {"reason": "比例太高"}).json()
    assert (back["state"], back["return_reason"]) == ("returned", "比例太高")
    assert other.post(f"{address}edit/", terms).status_code == 403
    assert one.post(f"{address}edit/", {**terms, "scheme": "camp"}).status_code == 400
    again = one.post(f"{address}edit/", {**terms, "share_bp": 6_000}).json()
    assert (again["state"], again["share_bp"], again["return_reason"]) == ("draft", 6_000, "")
    assert other.post(f"{address}withdraw/", {}).status_code == 403
    assert one.post(f"{address}withdraw/", {}).json()["state"] == "withdrawn"
    assert other.post(f"{address}approve/", {}).status_code == 409
    with use_tenant(journey.tenant.id):
        assert SubsidyPolicy.objects.get(pk=draft["id"]).share_bp == 6_000


@pytest.mark.parametrize(("month", "day"), [(1, 31), (2, 29), (3, 31), (6, 30)])
def test_the_month_in_which_a_year_closes_is_the_schools(journey: Journey, month: int, day: int) -> None:
    journey.tenant.rules = {"closing_month": month}
    first = date(2028, month, day)
    closing = partial(
        ask_pool_order,
        actor=journey.finance,
        tenant=journey.tenant,
        kind="close_year",
        scheme="counselling",
        year=2027,
        reason="年度结转",
    )
    with use_tenant(journey.tenant.id):
        with as_of(start_of_day(first) - timedelta(seconds=1)), pytest.raises(Refused, match="year_runs") as told:
            closing()
        assert told.value.params["first"] == first
        with as_of(start_of_day(first)):
            assert closing().state == "asked"
