"""``/services/``: who pays what before anybody signs in, by the same rule as the form behind it."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import local_day, now
from ledger.selectors import balance
from ledger.workflow import reserve
from partners.models import Agreement
from referrals.subsidies.accounting import pool_of
from referrals.subsidies.prices import listed_prices, price_services
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_school
from tests.workflow.partner_facts import platform
from tests.workflow.staff_facts import Facts, make_facts


@pytest.fixture(scope="module")
def planted(own_database: None) -> Facts:
    return make_facts(make_school())


@pytest.fixture
def facts(planted: Facts, db: None) -> Facts:
    return deepcopy(planted)


def shown(facts: Facts) -> str:
    response = Client(HTTP_HOST=facts.school.host).get("/services/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_stranger_reads_the_prices_in_peoples_words(facts: Facts) -> None:
    page = shown(facts)
    for words in (
        "想找人聊聊",
        "孩子有人照看",
        facts.counselling.name,
        facts.partner.name,
        "学校付 70%",
        "前 3 次不用审核",
    ):
        assert words in page, words
    assert "学校付 70%，每人每学年 4 次。" in page, "the quota is named as the rule says it, of no person"
    for empty in ("家里有了争执", "老人有人陪"):
        assert empty not in page, empty


def test_where_the_school_pays_nothing_there_is_no_bar(facts: Facts) -> None:
    page = shown(facts)
    row = page[page.index(facts.home_help.name) :].split("</li>")[0]
    assert "按协议价" in row
    assert '<svg viewBox="0 0 10000' not in row
    assert "0%" not in row


def test_the_price_of_a_month_says_so_and_no_price_stands_there_twice(facts: Facts) -> None:
    page = shown(facts)
    row = page[page.index(facts.childcare.name) :].split('class="when"')[0]
    assert row.count("<small>/月</small>") == 2, "the school's part and the person's"
    assert "总价 ¥1,200.00" in row
    row = page[page.index(facts.home_help.name) :].split('class="when"')[0]
    assert row.count("¥") == 1, "without a subsidy the whole price is the person's"


def test_who_is_signed_in_is_not_told_to_sign_in(facts: Facts) -> None:
    client = Client(HTTP_HOST=facts.school.host)
    assert "登录后能看到" in shown(facts)
    client.force_login(facts.person.user)
    page = client.get("/services/").content.decode()
    assert "登录后能看到" not in page and "请您登录" not in page


def test_the_prices_are_those_of_the_form(facts: Facts) -> None:
    with use_tenant(facts.school.id):
        day = local_day(now(), facts.school.time_zone)
        listed = {row.service.pk: (row.decision.subsidy_fen, row.decision.self_fen) for row in listed_prices(day)}
        signed_in = {
            row.service.pk: (row.decision.subsidy_fen, row.decision.self_fen)
            for row in price_services(actor_of(facts.person), day)
            if row.decision
        }
    assert listed
    assert listed == signed_in


def test_continue_asks_to_sign_in_and_keeps_the_choice(facts: Facts) -> None:
    address = f"/apply/{facts.counselling.pk}/"
    assert f'href="{address}"' in shown(facts)
    sent = Client(HTTP_HOST=facts.school.host).get(address)
    assert (sent.status_code, sent["Location"]) == (302, f"/accounts/login/?next={address}")


def test_an_empty_pool_is_said_without_its_balance(facts: Facts) -> None:
    assert "经费快用完" not in shown(facts)
    with use_tenant(facts.school.id):
        day = local_day(now(), facts.school.time_zone)
        terms = {row.service.pk: row.terms for row in listed_prices(day)}
        pool = pool_of(terms[facts.counselling.pk], day)
        reserve(actor=facts.finance, account=pool, amount=balance(pool).available - 12_345, reference="x")
    page = shown(facts)
    assert "经费快用完" in page
    assert "123.45" not in page


def test_a_service_without_an_agreement_has_no_price(facts: Facts) -> None:
    with use_tenant(facts.school.id):
        Agreement.objects.update(state="suspended", suspended_at=now())
    page = shown(facts)
    assert facts.counselling.name not in page
    assert "暂时没有可选的服务" in page


def test_one_schools_prices_are_not_anothers_and_the_platform_has_none(facts: Facts) -> None:
    other: Any = make_school()
    assert facts.counselling.name not in Client(HTTP_HOST=other.host).get("/services/").content.decode()
    assert Client(HTTP_HOST=platform().host).get("/services/").status_code == 404


def test_the_page_asks_little(facts: Facts) -> None:
    shown(facts)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown(facts)
    assert len(asked) <= 10, [query["sql"][:120] for query in asked]
