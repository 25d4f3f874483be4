"""What may leave next: no more of the queue is read than can be taken, and a school with very many hides no other."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from kernel.clock import now
from referrals.emergency.engine import due
from referrals.emergency.engine.due import FIRST, RING, Turn, by_order_of_index, due_pages
from referrals.emergency.engine.send import EACH, SEEN
from referrals.emergency.models import Delivery
from referrals.emergency.rules.sending import RANKS, Rank
from tenancy.models import Tenant
from tenancy.scope import across_tenants, use_tenant
from tests.conftest import make_school
from tests.emergency.sending_steps import leg_that_pages, page_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock", "school")]
ONE = "+8613900000001"
FIRST_PAGE, LATER = RANKS[Rank.FIRST_PAGE], RANKS[Rank.LATER_STEP]
SCANS = ("Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan", "Seq Scan")


def pages(school: Tenant, count: int, *, rank: int = FIRST_PAGE, ago: float = 1.0, **values: Any) -> list[UUID]:
    """So many of one school, all due ``ago`` seconds ago and a little less each."""
    with use_tenant(school.pk):
        first = page_row(leg_that_pages(), ONE, rank=rank, due_at=now() - timedelta(seconds=ago), **values)
        columns = [
            field.column for field in Delivery._meta.concrete_fields if field.column not in ("id", "key", "due_at")
        ]
        kept = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO emergency_delivery (id, key, due_at, {kept}) SELECT gen_random_uuid(), key || n,"
                f" due_at + n * interval '1 microsecond', {kept} FROM emergency_delivery, generate_series(1, %s) AS n"
                " WHERE id = %s RETURNING id",
                [count - 1, first.pk],
            )
            return [first.pk, *(row[0] for row in cursor.fetchall())]


def schools_of(found: Iterable[tuple[UUID, UUID]]) -> Counter[UUID]:
    return Counter(tenant_id for tenant_id, _pk in found)


def taken(found: list[tuple[UUID, UUID]], count: int) -> None:
    """The first ``count`` leave."""
    for tenant_id, pk in found[:count]:
        with use_tenant(tenant_id):
            Delivery.objects.filter(pk=pk).update(state="sent")


def test_what_is_most_urgent_comes_first_whosever_it_is(school: Tenant) -> None:
    other = make_school()
    later = pages(school, 2, rank=LATER, ago=60)
    first = pages(other, 2, ago=1)
    found = [pk for _school, pk in due_pages("sms", EACH, SEEN, Turn())]
    assert found == [*first, *later]
    assert due_pages("voice", EACH, SEEN, Turn()) == []


def test_what_is_not_due_or_held_or_gone_is_not_there(school: Tenant) -> None:
    soon, past = now() + timedelta(seconds=20), now() - timedelta(seconds=20)
    with use_tenant(school.pk):
        leg = leg_that_pages()
        page_row(leg, ONE, due_at=soon)
        page_row(leg, ONE, state="claimed", lease_until=soon)
        for state in ("sent", "failed", "dropped"):
            page_row(leg, ONE, state=state)
        lapsed = page_row(leg, ONE, state="claimed", lease_until=past)
    assert due_pages("sms", EACH, SEEN, Turn()) == [(school.pk, lapsed.pk)]
    pages(school, SEEN + 5, ago=60, state="claimed", lease_until=soon)
    assert due_pages("sms", EACH, SEEN, Turn()) == [(school.pk, lapsed.pk)], "held ones hide none, however many"


def test_ten_thousand_of_one_school_let_another_through_at_once(school: Tenant) -> None:
    """They are all older, and as urgent."""
    pages(school, 10_000, ago=600)
    small = make_school()
    mine = pages(small, 3, ago=1)
    found = due_pages("sms", EACH, SEEN, Turn())
    assert {pk for tenant_id, pk in found[:6] if tenant_id == small.pk} == set(mine), "its third beside their third"
    assert schools_of(found)[school.pk] == EACH


def test_a_first_page_passes_ten_thousand_later_steps_of_its_own_school(school: Tenant) -> None:
    pages(school, 10_000, rank=LATER, ago=600)
    (urgent,) = pages(school, 1, ago=1)
    assert due_pages("sms", EACH, SEEN, Turn())[0] == (school.pk, urgent)


def test_among_many_with_very_many_all_take_turns(school: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven schools with more than a sender sees, two of the ring at a time, four pages taken each time: within a few
    rounds each had its share, the last and smallest too.
    """
    monkeypatch.setattr(due, "SCHOOLS", 2)
    schools = [school, *(make_school() for _ in range(6))]
    for number, one in enumerate(schools):
        pages(one, 100, ago=1_000 - number)
    small = make_school()
    pages(small, 1, ago=1)
    turn, left = Turn(UUID(int=0)), Counter[UUID]()
    for _ in range(8):
        found = due_pages("sms", 4, 20, turn)
        left += schools_of(found[:4])
        taken(found, 4)
    assert left[small.pk] == 1
    assert set(left) == {*(one.pk for one in schools), small.pk}, left


def test_a_school_that_has_nothing_due_ends_no_round(school: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its calls come in a minute; behind it in the ring others are due now."""
    monkeypatch.setattr(due, "SCHOOLS", 1)
    schools = sorted((school, *(make_school() for _ in range(3))), key=lambda one: one.pk)
    for one in schools[:2]:
        pages(one, 1, ago=-60)
    pages(schools[2], 50, ago=600)
    (mine,) = pages(schools[3], 1, ago=1)
    turn = Turn(UUID(int=0))
    seen = {pk for _ in range(5) for _school, pk in due_pages("sms", 4, 10, turn)}
    assert mine in seen


def rows_read(plan: dict[str, Any]) -> int:
    """Of every scan: what it gave and what it looked at in vain."""
    own = 0
    if plan["Node Type"] in SCANS and plan.get("Relation Name") == "emergency_delivery":
        each = (
            plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        )
        own = round(each * plan["Actual Loops"])
    return own + sum(rows_read(one) for one in plan.get("Plans", ()))


def indexes(plan: dict[str, Any]) -> set[str]:
    own = {plan["Index Name"]} if "Index Name" in plan else set()
    return own.union(*(indexes(one) for one in plan.get("Plans", ())))


@pytest.mark.parametrize(("statement", "by"), [(FIRST, "delivery_due"), (RING, "delivery_due_of_school")])
def test_the_queue_is_read_by_an_index_to_its_limit(school: Tenant, statement: str, by: str) -> None:
    """Ten thousand of one school are due, as many more wait for their minute; a sender sees four hundred. Nobody has counted the
    rows for the database, so it takes the index because it must.
    """
    pages(school, 10_000, ago=600)
    pages(school, 10_000, rank=FIRST_PAGE, ago=-60)
    pages(make_school(), 10, rank=LATER)
    values = {
        "channel": "sms",
        "ranks": sorted(RANKS.values()),
        "limit": SEEN,
        "schools": 50,
        "each": 8,
        "after": UUID(int=0),
    }
    with (
        across_tenants("how the queue is read") as alias,
        by_order_of_index(alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        (told,) = cursor.fetchone()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    assert by in indexes(plan), plan
    assert rows_read(plan) <= 2 * SEEN, json.dumps(plan, indent=1)
