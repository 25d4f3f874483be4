"""Budgets and quotas: what moves, what is refused, and that a refusal moves nothing (M2)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actor import Actor
from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from ledger import selectors, workflow
from ledger.keys import AGAINST, ALONE, AccountKey, Balance, Kind
from ledger.models import Account, Entry, Transfer
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school

POOL = AccountKey("pool", "counselling", 2026, "fen")
QUOTA = AccountKey("quota", "person:1/counselling", 2026, "session")


@pytest.fixture
def finance(school: Any) -> Iterator[Actor]:
    with use_tenant(school.id):
        yield actor_of(make_person(school, "finance"))


def grant(actor: Actor, account: AccountKey = POOL, amount: int = 1000, reference: str = "grant-1") -> Transfer:
    return workflow.grant(actor=actor, account=account, amount=amount, reference=reference)


def moved() -> tuple[int, int]:
    return Transfer.objects.count(), Entry.objects.count()


def test_a_booking_lives_from_reserve_to_refund(finance: Actor) -> None:
    grant(finance)
    workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1:reserve")
    assert selectors.balance(POOL) == Balance(granted=1000, available=600, reserved=400, spent=0)
    workflow.commit(actor=finance, account=POOL, amount=300, reference="b1:commit", against="b1:reserve")
    workflow.release(actor=finance, account=POOL, amount=100, reference="b1:release", against="b1:reserve")
    assert selectors.balance(POOL) == Balance(granted=1000, available=700, reserved=0, spent=300)
    workflow.refund(actor=finance, account=POOL, amount=300, reference="b1:refund", against="b1:reserve")
    assert selectors.balance(POOL) == Balance(granted=1000, available=1000, reserved=0, spent=0)
    assert selectors.difference() == 0


@pytest.mark.parametrize(("account", "code"), [(POOL, "pool_used_up"), (QUOTA, "quota_used_up")])
def test_overspending_is_refused_and_moves_nothing(finance: Actor, account: AccountKey, code: str) -> None:
    grant(finance, account, 5)
    before = moved()
    with pytest.raises(Refused) as refusal:
        workflow.reserve(actor=finance, account=account, amount=6, reference="too-much")
    assert refusal.value.reason == code
    assert refusal.value.params == {"left": 5, "unit": account.unit}
    assert moved() == before
    assert selectors.balance(account).available == 5


def test_two_lines_move_together_or_not_at_all(finance: Actor) -> None:
    grant(finance, POOL, 1000, "g1")
    grant(finance, QUOTA, 1, "g2")
    workflow.move(actor=finance, kind=Kind.RESERVE, amounts={POOL: 300, QUOTA: 1}, reference="b1")
    before = moved()
    with pytest.raises(Refused, match="quota_used_up"):
        workflow.move(actor=finance, kind=Kind.RESERVE, amounts={POOL: 300, QUOTA: 1}, reference="b2")
    assert moved() == before
    assert (selectors.balance(POOL).reserved, selectors.balance(QUOTA).reserved) == (300, 1)


def test_a_line_nobody_opened_is_named_and_stays_unopened(finance: Actor) -> None:
    grant(finance, POOL, 1000, "g1")
    with pytest.raises(Refused, match="quota_used_up") as refusal:
        workflow.move(actor=finance, kind=Kind.RESERVE, amounts={POOL: 300, QUOTA: 1}, reference="b1")
    assert refusal.value.params == {"left": 0, "unit": "session"}
    assert Account.objects.filter(book="quota").count() == 0
    assert selectors.balance(POOL).reserved == 0


def test_a_movement_is_one_message(finance: Actor, django_assert_num_queries: Any) -> None:
    grant(finance)
    with django_assert_num_queries(1):
        workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    with django_assert_num_queries(1), pytest.raises(Refused):
        workflow.reserve(actor=finance, account=POOL, amount=601, reference="b2")


def test_the_same_reference_moves_once_and_never_something_else(finance: Actor) -> None:
    grant(finance)
    first = workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    again = workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    assert again.pk == first.pk
    assert selectors.balance(POOL).reserved == 400
    with pytest.raises(Conflict, match="reference_reused"):
        workflow.reserve(actor=finance, account=POOL, amount=401, reference="b1")
    with pytest.raises(Conflict, match="reference_reused"):
        workflow.release(actor=finance, account=POOL, amount=400, reference="b1", against="b1")
    assert selectors.balance(POOL).reserved == 400


def test_a_retry_succeeds_even_when_the_pool_is_empty_by_then(finance: Actor) -> None:
    grant(finance, amount=400)
    workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    assert workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1").reference == "b1"


def test_no_booking_takes_what_another_holds(finance: Actor) -> None:
    grant(finance)
    workflow.reserve(actor=finance, account=POOL, amount=100, reference="b1")
    workflow.reserve(actor=finance, account=POOL, amount=500, reference="b2")
    before = moved()
    with pytest.raises(Refused, match="more_than_reserved"):
        workflow.commit(actor=finance, account=POOL, amount=101, reference="b1:commit", against="b1")
    with pytest.raises(NotFound):
        workflow.commit(actor=finance, account=POOL, amount=1, reference="b3:commit", against="b3")
    workflow.commit(actor=finance, account=POOL, amount=100, reference="b1:commit", against="b1")
    with pytest.raises(Refused, match="more_than_spent"):
        workflow.refund(actor=finance, account=POOL, amount=1, reference="b2:refund", against="b2")
    assert moved() == (before[0] + 1, before[1] + 2)


@pytest.mark.parametrize("kind", sorted(AGAINST))
def test_nothing_is_spent_released_or_refunded_without_its_reservation(finance: Actor, kind: Kind) -> None:
    grant(finance)
    workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    before = moved()
    with pytest.raises(Invalid, match="ledger_input"):
        workflow.move(actor=finance, kind=kind, amounts={POOL: 1}, reference="x")
    assert moved() == before
    with pytest.raises(IntegrityError, match="ledger_against_a_reservation"), transaction.atomic():
        Transfer.objects.create(kind=kind, reference="by-hand")


def test_a_return_takes_out_what_is_available_and_a_carry_moves_it_into_the_next_year(finance: Actor) -> None:
    grant(finance)
    workflow.reserve(actor=finance, account=POOL, amount=400, reference="b1")
    with pytest.raises(Refused, match="pool_used_up"):
        workflow.give_back(actor=finance, account=POOL, amount=601, reference="r1", reason="plan")
    workflow.give_back(actor=finance, account=POOL, amount=200, reference="r1", reason="plan")
    carried = workflow.carry(actor=finance, account=POOL, amount=300, reference="c1", reason="close")
    assert selectors.balance(POOL) == Balance(granted=500, available=100, reserved=400, spent=0)
    following = replace(POOL, period=2027)
    assert selectors.balance(following) == Balance(granted=300, available=300, reserved=0, spent=0)
    assert (carried.budget_year, Entry.objects.filter(transfer=carried).count()) == (2026, 4)
    with pytest.raises(Refused, match="pool_used_up"):
        workflow.carry(actor=finance, account=POOL, amount=101, reference="c2", reason="close")
    connection.check_constraints()
    assert selectors.difference() == 0
    assert [row.action for row in AuditEntry.objects.order_by("seq")][-2:] == ["ledger.return", "ledger.carry"]


@pytest.mark.parametrize("kind", sorted(ALONE - {Kind.CARRY}))
def test_what_leaves_or_enters_the_books_is_no_step_of_a_booking(finance: Actor, kind: Kind) -> None:
    grant(finance)
    with pytest.raises(Invalid, match="grant_stands_alone"):
        workflow.move(actor=finance, kind=kind, amounts={POOL: 1}, reference="m")


def test_the_check_finds_a_reservation_that_gave_what_it_did_not_hold(finance: Actor) -> None:
    """M6: by hand, past the function that refuses it. Balances and transfers are even, and still the books are off."""
    grant(finance)
    first = workflow.reserve(actor=finance, account=POOL, amount=100, reference="b1")
    workflow.reserve(actor=finance, account=POOL, amount=100, reference="b2")
    assert selectors.difference() == 0
    hand = Transfer.objects.create(kind="release", reference="hand", against=first)
    for bucket, amount in (("reserved", -150), ("available", 150)):
        Entry.objects.create(transfer=hand, account=Account.objects.get(bucket=bucket), amount=amount)
    connection.check_constraints()
    assert selectors.difference() == 50


@pytest.mark.parametrize("amount", [0, -1, 10**18, True, 1.5, "100"])
def test_only_whole_positive_amounts_move(finance: Actor, amount: Any) -> None:
    with pytest.raises(Invalid):
        grant(finance, amount=amount)
    assert moved() == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reference": ""}, "ledger_input"),
        ({"reference": "x" * 10_000}, "ledger_input"),
        ({"account": AccountKey("purse", POOL.owner, POOL.period, POOL.unit)}, "ledger_line"),
        ({"account": AccountKey(POOL.book, POOL.owner, POOL.period, "yuan")}, "ledger_line"),
        ({"account": AccountKey(POOL.book, "", POOL.period, POOL.unit)}, "ledger_line"),
        ({"account": AccountKey(POOL.book, POOL.owner, 1999, POOL.unit)}, "ledger_line"),
    ],
)
def test_a_line_or_a_reference_without_sense_moves_nothing(finance: Actor, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        workflow.grant(**{"actor": finance, "account": POOL, "amount": 1, "reference": "g", **wrong})
    assert moved() == (0, 0)


def test_money_is_put_into_the_books_by_a_grant_alone(finance: Actor) -> None:
    """``move`` asks for no permission and leaves no row of the record: it may not be the way around both."""
    with pytest.raises(Invalid, match="grant_stands_alone"):
        workflow.move(actor=finance, kind=Kind.GRANT, amounts={POOL: 100}, reference="m")
    assert moved() == (0, 0)


def test_only_finance_grants(school: Any) -> None:
    with use_tenant(school.id):
        staff = actor_of(make_person(school, "staff"))
        with pytest.raises(Forbidden):
            grant(staff)
        assert moved() == (0, 0)


def test_a_school_sees_its_own_books_only(finance: Actor, other_school: Any) -> None:
    grant(finance)
    with use_tenant(other_school.id):
        assert selectors.balance(POOL) == Balance()
        assert selectors.pools(2026) == []


def test_screens_show_pools_and_entries_newest_first(finance: Actor) -> None:
    grant(finance)
    for n in range(3):
        workflow.reserve(actor=finance, account=POOL, amount=n + 1, reference=f"b{n}")
    (account,) = selectors.pools(2026)
    assert (account.key, account.used_bp) == (POOL, 60)
    page = selectors.entries(POOL, page=3)
    assert [row.amount for row in page.results] == [-3, -2, -1]
    rest = selectors.entries(POOL, page.next, page=3)
    assert [row.kind for row in rest.results] == ["grant"]
    assert rest.next is None


def test_lock_accounts_opens_missing_lines_at_zero(finance: Actor) -> None:
    found = workflow.lock_accounts([QUOTA, POOL, QUOTA])
    assert found == {POOL: Balance(), QUOTA: Balance()}
    assert Account.objects.count() == 8


def test_lines_of_a_rolled_back_act_are_opened_again(finance: Actor) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        workflow.lock_accounts([POOL, QUOTA])
        raise ZeroDivisionError
    assert Account.objects.count() == 0
    grant(finance)
    assert selectors.balance(POOL).available == 1000


@pytest.mark.parametrize(
    "act",
    [
        lambda: Account.objects.filter(bucket="available").update(balance=5),
        lambda: Account.objects.filter(bucket="available").update(owner="camp"),
        lambda: Account.objects.create(book="pool", owner="x", period=2026, unit="fen", bucket="spent", balance=1),
        lambda: Entry.objects.update(amount=7),
        lambda: Entry.objects.all().delete(),
        lambda: Transfer.objects.update(kind="refund"),
    ],
)
def test_the_database_refuses_a_hand_in_the_books(finance: Actor, act: Any) -> None:
    grant(finance)
    with pytest.raises(DatabaseError), transaction.atomic():
        act()
    assert selectors.balance(POOL).available == 1000
    assert selectors.difference() == 0


def test_the_database_refuses_a_balance_below_zero(finance: Actor) -> None:
    grant(finance, amount=3)
    transfer = Transfer.objects.create(kind="reserve", reference="by-hand")
    available = Account.objects.get(bucket="available")
    with pytest.raises(IntegrityError, match="ledger_never_below_zero"), transaction.atomic():
        Entry.objects.create(transfer=transfer, account=available, amount=-4)


def test_the_database_refuses_a_lopsided_transfer(finance: Actor) -> None:
    grant(finance)
    transfer = Transfer.objects.create(kind="reserve", reference="lopsided")
    with pytest.raises(IntegrityError, match="debit and credit"), transaction.atomic():
        Entry.objects.create(transfer=transfer, account=Account.objects.get(bucket="available"), amount=-4)
        connection.check_constraints()


def test_the_check_looks_at_the_entrys_school_whatever_is_open(finance: Actor, other_school: Any) -> None:
    grant(finance)
    with use_tenant(other_school.id):
        assert Account.objects.count() == 0
        connection.check_constraints()


def test_the_apps_role_may_not_change_or_delete_an_entry(committed: None) -> None:
    school = make_school()
    finance = actor_of(make_person(school, "finance"))
    with use_tenant(school.id), transaction.atomic():
        grant(finance)
    database = connection.settings_dict
    address = {"host": database["HOST"], "port": database["PORT"], "dbname": database["NAME"]}
    with psycopg.connect(user=database["USER"], password=database["PASSWORD"], **address) as raw:
        raw.execute("set role xinqiao_app")  # for the session: the tester has no right of its own
        raw.execute("select set_config('app.tenant', %s, false)", [str(school.id)])
        raw.commit()
        assert raw.execute("select count(*) from ledger_entry").fetchone() == (2,)
        for statement in (
            "update ledger_entry set amount = 1",
            "delete from ledger_entry",
            "truncate ledger_entry",
            "update ledger_transfer set reason = 'x'",
            "delete from ledger_transfer",
            "update ledger_account set balance = balance + 1",
            "alter table ledger_entry disable trigger all",
        ):
            with pytest.raises(psycopg.Error):
                raw.execute(statement)
            raw.rollback()
        assert raw.execute("select sum(amount) filter (where amount > 0) from ledger_entry").fetchone() == (1000,)
