"""The finance page says whether the books balance without adding all of them up at each look."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of, now
from ledger.checked import BELIEVED, last_checked
from ledger.models import Account
from referrals.models import Unit
from referrals.tasks import BOOKS_TASK, check_all_books
from tenancy import roles
from tenancy.models import Setback, Tenant
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db

SUM = 'SUM("ledger_entry"."amount")'


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    cache.clear()


def added_up(finance: Client) -> bool:
    with CaptureQueriesContext(connection) as asked:
        assert finance.get("/finance/").status_code == 200
    return any(SUM in query["sql"] for query in asked)


def shift_a_balance(journey: Journey, fen: int) -> None:
    """What the database refuses to everybody, done by its owner with the triggers away."""
    row = Account.objects.filter(book="pool", bucket="available").first()
    assert row is not None
    assert connection.connection is not None
    connection.connection.execute(
        f"SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL ROLE {roles.OWNER};"
        f"ALTER TABLE ledger_account DISABLE TRIGGER USER; ALTER TABLE ledger_account NO FORCE ROW LEVEL SECURITY;"
        f"UPDATE ledger_account SET balance = balance + {fen} WHERE id = '{row.pk}'; SET CONSTRAINTS ALL IMMEDIATE;"
        f"ALTER TABLE ledger_account FORCE ROW LEVEL SECURITY; ALTER TABLE ledger_account ENABLE TRIGGER USER"
    )


def finance_of(journey: Journey) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["finance"].user)
    return client


def test_books_that_were_found_even_are_believed_for_ten_minutes(journey: Journey) -> None:
    finance = finance_of(journey)
    assert added_up(finance)
    assert not added_up(finance)
    with as_of(now() + BELIEVED - timedelta(seconds=1)):
        assert not added_up(finance)
    with as_of(now() + BELIEVED):
        assert added_up(finance)


def test_a_difference_is_never_believed_to_be_gone_or_still_there(journey: Journey) -> None:
    finance = finance_of(journey)
    shift_a_balance(journey, 7)
    for _again in range(2):
        assert "The books are off by ¥0.07" in finance.get("/finance/").content.decode()
    shift_a_balance(journey, -7)
    assert "difference 0" in finance.get("/finance/").content.decode()


def test_what_one_school_knows_says_nothing_of_another(journey: Journey, other_school: Tenant) -> None:
    with use_tenant(other_school.id):
        assert last_checked().difference == 0
    shift_a_balance(journey, 7)
    assert last_checked().difference == 7


def test_a_clock_that_jumped_back_is_not_believed(journey: Journey) -> None:
    with as_of(now() + timedelta(hours=1)):
        last_checked()
    shift_a_balance(journey, 7)
    assert last_checked().difference == 7


def test_every_night_a_school_whose_books_are_off_is_said_until_it_is_mended(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        ask(journey)
    assert check_all_books() >= 1
    with use_tenant(journey.tenant.id):
        assert not Setback.objects.exists()
        unit = Unit.objects.get()
        unit.subsidy_fen, unit.self_fen = unit.subsidy_fen - 1, unit.self_fen + 1
        unit.save()
    check_all_books()
    with use_tenant(journey.tenant.id):
        assert (Setback.objects.get().loop, Setback.objects.get().error) == (BOOKS_TASK, "ArithmeticError")
        unit.subsidy_fen, unit.self_fen = unit.subsidy_fen + 1, unit.self_fen - 1
        unit.save()
    check_all_books()
    with use_tenant(journey.tenant.id):
        assert not Setback.objects.exists()
