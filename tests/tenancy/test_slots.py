"""Slots stand in one table for all schools: nobody reads it, and times are all that comes out (books §4)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from kernel.errors import Conflict
from seats import places
from seats.models import SlotUse
from seats.sweeping import sweep
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.tenancy.catalogue import ROLES, connect_tester, owner

pytestmark = pytest.mark.django_db

START = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
AT_ONCE = timedelta(microseconds=1)
"""A hold that has run out by the time the next statement looks."""


@pytest.mark.parametrize("role", sorted({role for role in ROLES.values() if role != "xinqiao_owner"}))
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM seats_slotuse",
        "INSERT INTO seats_slotuse (id, resource, during, seats, capacity)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), tstzrange(now(), now() + '1h'), 1, 1)",
        "UPDATE seats_slotuse SET seats = 2",
        "DELETE FROM seats_slotuse",
        "TRUNCATE seats_slotuse",
    ],
)
def test_no_role_of_the_application_may_touch_the_table(role: str, statement: str) -> None:
    with connect_tester() as connection:
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_only_the_app_may_call_the_functions_and_each_looks_nowhere_else() -> None:
    with owner() as connection:
        rows = connection.execute(
            "SELECT proname, prosecdef, proconfig, has_function_privilege('xinqiao_app', oid, 'EXECUTE'),"
            " has_function_privilege('xinqiao_partner', oid, 'EXECUTE'),"
            " has_function_privilege('xinqiao_system', oid, 'EXECUTE') FROM pg_proc WHERE proname LIKE 'slot\\_%'"
        ).fetchall()
    assert {row[0] for row in rows} == {"slot_take", "slot_keep", "slot_free", "slot_busy", "slot_sweep"}
    assert all(row[1:] == (True, ["search_path=pg_catalog, public"], True, False, False) for row in rows)


def test_what_one_school_took_another_finds_taken_and_learns_the_time_alone(school: Tenant) -> None:
    resource = uuid4()
    with use_tenant(school.pk):
        slot = places.take(resource, START, START + HOUR).slot
    with use_tenant(make_school().pk):
        with pytest.raises(Conflict, match="slot_taken"):
            places.take(resource, START + HOUR / 2, START + 2 * HOUR)
        assert places.busy([resource], START, START + HOUR) == [places.Busy(resource, START, START + HOUR, 1)]
        places.take(resource, START + HOUR, START + 2 * HOUR)  # half-open: it begins when the other ends
        places.free(uuid4())  # somebody else's key frees nothing
        assert len(places.busy([resource], START, START + 2 * HOUR)) == 2
    with use_tenant(school.pk):
        places.free(slot)
        places.free(slot)
        assert [row.starts_at for row in places.busy([resource], START, START + 2 * HOUR)] == [START + HOUR]


def test_seats_are_counted_at_the_fullest_moment(school: Tenant) -> None:
    resource = uuid4()
    with use_tenant(school.pk):
        places.take(resource, START, START + HOUR, seats=3, capacity=5)
        places.take(resource, START + HOUR, START + 2 * HOUR, seats=3, capacity=5)
        places.take(resource, START, START + 2 * HOUR, seats=2, capacity=5)  # 3 + 2 at any moment, not 3 + 3 + 2
        with pytest.raises(Conflict, match="slot_taken"):
            places.take(resource, START + HOUR / 2, START + HOUR, seats=1, capacity=5)
        places.take(resource, START + 2 * HOUR, START + 3 * HOUR, seats=5, capacity=5)


def test_a_hold_runs_out_by_the_clock_of_the_database(school: Tenant) -> None:
    resource = uuid4()
    with use_tenant(school.pk):
        held = places.take(resource, START, START + HOUR, hold=timedelta(minutes=5)).slot
        with pytest.raises(Conflict, match="slot_taken"):
            places.take(resource, START, START + HOUR)
        places.keep(held, resource, START, START + HOUR, hold=AT_ONCE)
        assert places.busy([resource], START, START + HOUR) == []
        places.take(resource, START, START + HOUR)
        with pytest.raises(Conflict, match="slot_taken"):
            places.keep(held, resource, START, START + HOUR)


def test_a_hold_that_ran_out_is_taken_anew_while_nobody_else_has_it(school: Tenant) -> None:
    resource = uuid4()
    with use_tenant(school.pk):
        held = places.take(resource, START, START + HOUR, hold=AT_ONCE).slot
        assert places.busy([resource], START, START + HOUR) == []
        assert places.keep(held, resource, START, START + HOUR) == (held, None)
        with pytest.raises(Conflict, match="slot_taken"):
            places.take(resource, START, START + HOUR)


def test_a_stretch_that_is_none_is_refused_before_it_is_sent(school: Tenant) -> None:
    with use_tenant(school.pk):
        for seats, ends in ((0, START + HOUR), (2, START + HOUR), (1, START)):
            with pytest.raises(ValueError, match="stretch"):
                places.take(uuid4(), START, ends, seats=seats)


def test_what_ran_out_and_what_is_long_past_is_deleted(school: Tenant) -> None:
    old = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    with use_tenant(school.pk):
        stays, held, past = uuid4(), uuid4(), uuid4()
        places.take(stays, START, START + HOUR)
        places.take(held, START, START + HOUR, hold=AT_ONCE)
        places.take(past, old, old + HOUR)
    assert sweep() >= 2
    with use_tenant(school.pk):
        assert places.busy([past], old, old + HOUR) == []
        assert [row.resource for row in places.busy([stays, held], START, START + HOUR)] == [stays]


def test_of_one_seat_the_database_holds_no_two_even_when_no_function_has_asked() -> None:
    resource = uuid4()
    insert = (
        "INSERT INTO seats_slotuse (id, resource, during, seats, capacity)"
        " VALUES (gen_random_uuid(), %s, tstzrange(%s, %s), 1, 1)"
    )
    with owner() as connection:
        try:
            connection.execute(insert, [resource, START, START + HOUR])
            with pytest.raises(psycopg.errors.ExclusionViolation):
                connection.execute(insert, [resource, START + HOUR / 2, START + 2 * HOUR])
        finally:
            connection.execute("DELETE FROM seats_slotuse WHERE resource = %s", [resource])


def test_the_table_has_no_column_that_could_name_anybody() -> None:
    assert {field.name for field in SlotUse._meta.fields} == {
        "id", "resource", "during", "seats", "capacity", "until",
    }  # fmt: skip
