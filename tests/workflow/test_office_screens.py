"""The deciders' and finance's pages: who sees what, four eyes, whole fen, and that a refusal moved nothing."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEntry
from demo.worlds import fill_pools
from kernel.clock import as_of, local_day, now
from ledger.keys import AccountKey, Book, Unit
from ledger.models import Entry, Transfer
from ledger.selectors import balance
from ledger.workflow import reserve
from referrals.models import PoolOrder, Referral, SubsidyPolicy
from referrals.offices.forms import SCHEME_TEXTS, LedgerFilter
from referrals.offices.selectors import ledger_row, movements
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
MOST_QUERIES = 15


def desk(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members[role].user)
    return client


def ask(journey: Journey, *, units: int = 4, by: str = "staff") -> Referral:
    """More sessions than a person may have without the centre's word."""
    start = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    with use_tenant(journey.tenant.id):
        return submit_referral(
            actor=journey.actors[by], tenant=journey.tenant, service_id=journey.counselling.pk, units=units,
            windows=[(start, start + timedelta(hours=3))], consent=["referral"], note="我想先安静地说一会儿" if units > 3 else "",
        )  # fmt: skip


def stands(journey: Journey, scheme: str = "counselling", year: int | None = None) -> Any:
    with use_tenant(journey.tenant.id):
        return balance(AccountKey(Book.POOL, scheme, year or local_day(now()).year, Unit.FEN))


def test_a_request_waits_at_its_own_office_only(journey: Journey) -> None:
    referral = ask(journey)
    centre, union, finance = (desk(journey, role) for role in ("centre", "union", "finance"))
    with CaptureQueriesContext(connection) as queries:
        page = centre.get("/centre/").content.decode()
    assert len(queries) <= MOST_QUERIES
    assert referral.number in page
    assert referral.number not in union.get("/union/").content.decode()
    for client, url in (
        (union, f"/union/referrals/{referral.pk}/"),
        (union, f"/centre/referrals/{referral.pk}/"),
        (finance, f"/centre/referrals/{referral.pk}/"),
        (finance, "/centre/"),
        (desk(journey, "staff"), "/centre/"),
        (desk(journey, "staff"), "/finance/"),
    ):
        assert client.get(url).status_code == 404
    assert centre.get("/centre/?q=nothing&state=all&kind=?&page=x").status_code == 200
    assert referral.number in centre.get("/centre/export.csv").content.decode()


def test_the_look_is_recorded_and_a_yes_asks_the_agency(journey: Journey) -> None:
    referral = ask(journey)
    centre = desk(journey, "centre")
    with CaptureQueriesContext(connection) as queries:
        page = centre.get(f"/centre/referrals/{referral.pk}/")
    assert len(queries) <= MOST_QUERIES
    text = page.content.decode()
    assert "我想先安静地说一会儿" in text
    assert "我想" not in re.findall(r"<title>.*?</title>", text)[0]
    with use_tenant(journey.tenant.id):
        look = AuditEntry.objects.get(action="referral.read", object_id=str(referral.pk))
        assert look.actor_id == journey.centre.user_id
    url = f"/centre/referrals/{referral.pk}/approve/"
    asks = centre.get(url, headers={"accept-language": "zh-hans"})
    assert asks.status_code == 200
    assert "马上询问机构。下面是机构能看到的内容。接受之前：" in asks.text, "what a yes means stands before the button"
    assert "看不到姓名和本人写的备注" in asks.text and "您写的" not in asks.text, (
        "said to the office, not to the person"
    )
    with use_tenant(journey.tenant.id):
        assert Referral.objects.get().state == "submitted"
    assert centre.post(url).status_code == 302
    assert centre.post(url).status_code == 409
    with use_tenant(journey.tenant.id):
        assert Referral.objects.get().state == "offered"


def test_a_no_needs_a_reason_and_frees_the_money(journey: Journey) -> None:
    referral = ask(journey)
    centre, url = desk(journey, "centre"), f"/centre/referrals/{referral.pk}/decline/"
    assert desk(journey, "union").post(url, {"reason": "talk_first"}).status_code == 404
    assert centre.post(url, {"reason": "because"}).status_code == 422
    year = referral.service_date.year
    assert stands(journey, year=year).reserved == referral.subsidy_fen > 0
    assert centre.post(url, {"reason": "talk_first"}).status_code == 302
    assert stands(journey, year=year).reserved == 0


def test_an_office_does_not_offer_to_decide_its_own_request(journey: Journey) -> None:
    referral = ask(journey, by="centre")
    page = desk(journey, "centre").get(f"/centre/referrals/{referral.pk}/").content.decode()
    assert "/approve/" not in page
    assert "your own request" in page


def draft(journey: Journey, client: Client, **values: str) -> SubsidyPolicy:
    today = local_day(now())
    body = {"scheme": "mediation", "share": "66.67", "valid_from": today.isoformat(), "subsidy_cap": "199.90", **values}
    answer = client.post("/finance/policies/new/", body)
    assert answer.status_code == 302, answer.content.decode()
    with use_tenant(journey.tenant.id):
        return SubsidyPolicy.objects.order_by("-id")[0]


def test_a_policy_is_typed_in_percent_and_yuan_and_approved_by_a_second_person(journey: Journey) -> None:
    maker, checker = desk(journey, "finance"), desk(journey, "finance2")
    policy = draft(journey, maker, quota_sessions="8")
    assert (policy.share_bp, policy.session_subsidy_cap_fen, policy.quota_amount) == (6667, 19990, 8)
    one = f"/finance/policies/{policy.pk}/"
    page = maker.get(one).content.decode()
    assert "66.67%" in page
    assert "approve/" not in page
    assert maker.post(f"{one}approve/").status_code == 403
    with use_tenant(journey.tenant.id):
        assert SubsidyPolicy.objects.get(pk=policy.pk).state == "draft"
    assert "approve/" in checker.get(one).content.decode()
    read = re.search(r'name="seen" value="([0-9a-f]+)"', checker.get(f"{one}approve/").content.decode())
    assert read
    assert checker.post(f"{one}approve/", {"seen": read[1]}).status_code == 302
    assert checker.post(f"{one}end/", {"valid_until": "2020-01-01"}).status_code == 422
    end = local_day(now()) + timedelta(30)
    assert checker.post(f"{one}end/", {"valid_until": end.isoformat()}).status_code == 302
    with use_tenant(journey.tenant.id):
        assert SubsidyPolicy.objects.get(pk=policy.pk).valid_until == end


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": "100.01"},
        {"share": "7.123"},
        {"subsidy_cap": "1.234"},
        {"subsidy_cap": "-1"},
        {"quota_sessions": "1", "quota_yuan": "5"},
        {"valid_until": date(2020, 1, 1).isoformat()},
        {"scheme": "holidays"},
    ],
)
def test_a_policy_that_cannot_be_is_explained_and_not_kept(journey: Journey, wrong: dict[str, str]) -> None:
    body = {"scheme": "mediation", "share": "70", "valid_from": local_day(now()).isoformat(), **wrong}
    with use_tenant(journey.tenant.id):
        before = SubsidyPolicy.objects.count()
    assert desk(journey, "finance").post("/finance/policies/new/", body).status_code == 422
    with use_tenant(journey.tenant.id):
        assert SubsidyPolicy.objects.count() == before


def test_the_policies_are_filtered_and_exported(journey: Journey) -> None:
    finance = desk(journey, "finance")
    draft(journey, finance)
    assert "Family mediation" in finance.get("/finance/policies/?when=draft").content.decode()
    with CaptureQueriesContext(connection) as queries:
        current = finance.get("/finance/policies/?when=current&scheme=counselling").content.decode()
    assert len(queries) <= MOST_QUERIES
    assert "66.67%" not in current
    assert "70%" in current
    assert "66.67%" in finance.get("/finance/policies/export.csv").content.decode()
    assert desk(journey, "union").get("/finance/policies/").status_code == 200
    assert desk(journey, "union").get("/finance/policies/new/").status_code == 404
    assert desk(journey, "staff").get("/finance/policies/").status_code == 404


def test_a_grant_is_asked_by_one_decided_by_another_and_counts_once(journey: Journey) -> None:
    finance, url = desk(journey, "finance"), "/finance/pools/"
    year = local_day(now()).year
    body = {"kind": "grant", "scheme": "camp", "year": str(year), "amount": "1200.50", "reason": "年度预算"}
    assert desk(journey, "union").post(url, body).status_code == 404
    for amount in ("0", "-5", "1.234", "x"):
        assert finance.post(url, {**body, "amount": amount}).status_code == 422
    asked = finance.post(url, body)
    assert asked.status_code == 200
    assert stands(journey, "camp").granted == 0
    sending = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.content.decode()))
    order = finance.post(url, sending)
    assert (order.status_code, finance.post(url, sending)["location"]) == (302, order["location"])
    with use_tenant(journey.tenant.id):
        assert PoolOrder.objects.filter(scheme="camp").count() == 1
    assert stands(journey, "camp").granted == 0, "nothing moves before a second person says yes"
    approve = f"{order['location']}approve/"
    assert finance.get(approve).status_code == 302, "whoever asked is led back to who may"
    assert finance.post(approve).status_code == 403
    second = desk(journey, "finance2")
    assert second.get(approve).status_code == 200
    assert second.post(approve).status_code == 302
    assert second.post(approve).status_code == 409
    assert stands(journey, "camp").granted == 120_050
    assert "1200.50" in second.get("/finance/orders/export.csv").content.decode()


@pytest.mark.parametrize("ordinary", [False, True])
def test_a_line_of_one_persons_request_tells_neither_service_nor_day(journey: Journey, ordinary: bool) -> None:
    """Month, voucher number, amount: the same for every service, or the gap would name the kind. No filter tells more."""
    with use_tenant(journey.tenant.id), as_of(datetime(2026, 12, 31, 16, 1, tzinfo=UTC)):  # 1 January in Shanghai
        fill_pools(journey.finance, journey.finance2, [2027], {"camp": 77})
        entry = _reserved(journey, "childcare" if ordinary else "counselling")
        row = ledger_row(entry)
        assert (row.at, row.scheme, row.reference, row.month) == (None, "", "", "2027-01")
        grant = next(each for each in movements(scheme="camp") if each.amount == 77)
        assert (ledger_row(grant).scheme, ledger_row(grant).at) == ("camp", grant.transfer.created_at)
        for scheme in SCHEME_TEXTS:
            assert entry not in movements(scheme=scheme), scheme
        for q in ("referral", "reserve", entry.transfer.reference, entry.transfer.reference.split("/")[1]):
            assert entry not in movements(q=q), q
        on = {name: movements(**LedgerFilter(asked).wanted()) for name, asked in DAYS.items()}
        assert {name for name, rows in on.items() if entry in rows} == {"that day", "another day of the month"}


DAYS = {
    "that day": {"first": "2027-01-01", "last": "2027-01-01"},
    "another day of the month": {"first": "2027-01-20", "last": "2027-01-21"},
    "the day before": {"first": "2026-12-31", "last": "2026-12-31"},
    "the month after": {"first": "2027-02-01", "last": "2027-02-28"},
}


def _reserved(journey: Journey, scheme: str) -> Entry:
    """A line as a request writes it into the scheme's pool."""
    fill_pools(journey.finance, journey.finance2, [2027], {scheme: 500})
    key, reference = AccountKey(Book.POOL, scheme, 2027, Unit.FEN), f"referral/{uuid4()}/reserve"
    reserve(actor=journey.actors["staff"], account=key, amount=210, reference=reference)
    return Entry.objects.select_related("transfer", "account").get(transfer__reference=reference, amount__gt=0)


def test_a_list_of_names_records_that_it_was_opened(journey: Journey) -> None:
    def looks() -> list[dict[str, Any]]:
        with use_tenant(journey.tenant.id):
            return list(AuditEntry.objects.filter(action="referral.list").values("actor_id", "facts"))

    centre = desk(journey, "centre")
    assert centre.get("/centre/").status_code == 200
    assert looks() == [], "no name was shown"
    asked = ask(journey)
    assert desk(journey, "finance").get("/centre/").status_code == 404
    assert looks() == []
    assert journey.members["staff"].name in centre.get("/centre/").content.decode()
    assert looks() == [
        {"actor_id": journey.members["centre"].user_id, "facts": {"rows": 1, "requests": [str(asked.pk)]}}
    ]


def test_who_has_looked_counts_the_lists_on_which_one_stood_and_no_other(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        Membership.objects.filter(pk=journey.members["centre"].pk).update(name="沈静")
    asked, staff = ask(journey), desk(journey, "staff")
    mine = f"/my/referrals/{asked.pk}/"
    assert "Psychological centre: opened" not in staff.get(mine).content.decode()
    centre = desk(journey, "centre")
    other = ask(journey, by="staff2")
    alone = centre.get(f"/centre/?q={other.number}").content.decode()
    assert other.number in alone and asked.number not in alone, "a page on which the request does not stand"
    assert centre.get("/centre/export.csv").status_code == 200, "a file without names"
    assert desk(journey, "union").get("/union/").status_code == 200
    assert "Psychological centre: opened" not in staff.get(mine).content.decode()
    assert journey.members["staff"].name in centre.get("/centre/").content.decode()
    page = " ".join(staff.get(mine).content.decode().split())
    assert (
        page.count("Psychological centre: opened the list with your name") == 1
        and "Psychological centre: opened this request" not in page
    )
    assert centre.get(f"/centre/referrals/{asked.pk}/").status_code == 200
    page = " ".join(staff.get(mine).content.decode().split())
    assert page.index("Psychological centre: opened this request") < page.index(
        "Psychological centre: opened the list with your name"
    ), "the newest first"
    assert "沈静" not in page


def test_a_file_that_was_looked_for_by_a_name_is_a_look_at_each_request_of_that_name(journey: Journey) -> None:
    """It has no names; but the name is in what was asked."""
    with use_tenant(journey.tenant.id):
        Membership.objects.filter(pk=journey.members["staff"].pk).update(name="柳眉")
    asked, other = ask(journey), ask(journey, by="staff2")
    centre, staff, mine = desk(journey, "centre"), desk(journey, "staff"), f"/my/referrals/{asked.pk}/"
    for q in ("", asked.number, "无此人"):
        assert centre.get(f"/centre/export.csv?q={q}").status_code == 200
    assert "Psychological centre: opened" not in staff.get(mine).content.decode(), "nobody was asked for"
    found = b"".join(centre.get("/centre/export.csv?q=柳眉&state=all")).decode("utf-8-sig")
    assert asked.number in found
    assert other.number not in found
    assert "Psychological centre: opened the list with your name" in staff.get(mine).content.decode()
    with use_tenant(journey.tenant.id):
        (row,) = AuditEntry.objects.filter(action="referral.list")
    assert row.facts == {"rows": 1, "requests": [str(asked.pk)]}


@pytest.mark.parametrize("role", ["union", "principal"])
def test_the_principal_and_the_union_read_no_single_line(journey: Journey, role: str) -> None:
    ask(journey, units=1)
    with use_tenant(journey.tenant.id):
        Membership.objects.filter(pk=journey.members["union"].pk).update(roles=["staff", role])
    reader = desk(journey, "union")
    page = reader.get("/finance/")
    assert page.status_code == 200
    assert page.context["recent"] == []
    assert "/finance/ledger/" not in page.content.decode()
    for address in ("/finance/ledger/", "/finance/ledger/export.csv"):
        assert reader.get(address).status_code == 404
    assert desk(journey, "finance").get("/finance/").context["recent"]


def test_the_books_tell_finance_no_person_and_balance(journey: Journey) -> None:
    referral = ask(journey, units=1)
    finance = desk(journey, "finance")
    with CaptureQueriesContext(connection) as queries:
        home = finance.get("/finance/").content.decode()
    assert len(queries) <= MOST_QUERIES
    assert "difference 0" in home
    with CaptureQueriesContext(connection) as queries:
        page = finance.get("/finance/ledger/").content.decode()
    assert len(queries) <= MOST_QUERIES
    export = finance.get("/finance/ledger/export.csv").content.decode()
    for text in (home, page, export):
        assert str(referral.person_id) not in text
        assert journey.counselling.name not in text
    for text in (page, export):
        assert referral.number not in text
        assert str(referral.pk) not in text
    assert "No movement found" in finance.get("/finance/ledger/?q=nothing").content.decode()
    with use_tenant(journey.tenant.id):
        before = Transfer.objects.count()
    assert finance.get("/finance/ledger/?book=?&first=x&page=y").status_code == 200
    this_year = local_day(now()).year
    for asked in ("99999999", "02026123", "0202", "1999", "-2026", "²⁰²⁶", "2026.0", ""):
        page = finance.get("/finance/", {"year": asked})
        assert (page.status_code, page.context["year"]) == (200, this_year), asked
    assert finance.get("/finance/?year=2025").context["year"] == 2025
    with use_tenant(journey.tenant.id):
        assert Transfer.objects.count() == before
    assert desk(journey, "centre").get("/finance/ledger/").status_code == 404
