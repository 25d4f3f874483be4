"""What `bin/bench growth` counts: rows and pages that a read takes, the same on any machine, of 10 schools and of 200."""

from collections.abc import Iterator
from dataclasses import replace
from typing import LiteralString, cast

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from bench._plans import Planner, Read, Sent, short_tables
from bench.growth import _PAGER, MOST, Look, Row
from tenancy.models import Tenant
from tenancy.scope import Scope
from ui.lists import MOST_COUNTED

pytestmark = pytest.mark.django_db
SCHOOLS = {"small": 10, "large": 200}
FETCHED = "SELECT note FROM {} WHERE id = ANY ('{{5,905,1205,1805}}'::int[])"
"""Rows by their keys, as names are fetched after a list: four ways down one index."""


@pytest.fixture
def planner() -> Iterator[Planner]:
    """Two cities of rows, 300 a school, all schools mixed, as those live that were written side by side."""
    login = settings.OWNER_DATABASE
    with psycopg.connect(
        host=login["HOST"] or None, port=login["PORT"] or None, user=login["USER"], password=login["PASSWORD"],
        dbname=connection.settings_dict["NAME"], autocommit=True,
    ) as opened:  # fmt: skip
        opened.execute("CREATE SCHEMA growth_guard")
        opened.execute("SET search_path = growth_guard; SET enable_seqscan = off")
        for name, schools in SCHOOLS.items():
            for text in (
                f"CREATE UNLOGGED TABLE {name} (id int PRIMARY KEY, tenant int, at_tenant int, note text)",
                f"INSERT INTO {name} SELECT n, n % {schools}, n % {schools}, repeat('x', 100)"
                f" FROM generate_series(0, {schools * 300 - 1}) n",
                f"CREATE INDEX ON {name} (tenant)",
                f"CREATE INDEX ON {name} (note, id, at_tenant)",
                f"VACUUM ANALYZE {name}",
            ):
                opened.execute(cast(LiteralString, text))
        yield Planner({"app": opened})
        opened.execute("DROP SCHEMA growth_guard CASCADE")


def sides(planner: Planner, statement: str) -> dict[str, Look]:
    looks = {}
    for name in SCHOOLS:
        sent = Sent(statement.format(name), Scope(), statement)
        looks[name] = Look(1, [sent], [planner.read(sent)], 0.0)
    return looks


def faults(planner: Planner, statement: str) -> list[str]:
    looks = sides(planner, statement)
    return Row("/finance/", looks["small"], looks["large"]).faults()


def test_a_list_of_one_school_is_no_dearer_among_two_hundred(planner: Planner) -> None:
    for statement in ("SELECT note FROM {} WHERE tenant = 3 LIMIT 20", FETCHED):
        assert faults(planner, statement) == []


def test_a_read_that_goes_through_other_schools_rows_is_named(planner: Planner) -> None:
    (fault,) = faults(planner, "SELECT count(*) FROM {} WHERE note LIKE 'y%'")
    assert fault.startswith("/finance/: ")
    assert "LIKE 'y%'" in fault


def test_a_walk_along_an_index_through_other_schools_is_named(planner: Planner) -> None:
    """Few rows come of it and none is thrown away: only the pages tell. The index begins with another column."""
    (fault,) = faults(planner, "SELECT count(*) FROM {} WHERE at_tenant = 3")
    assert fault.startswith("/finance/: Read(rows=")


def test_a_deeper_index_and_rows_farther_apart_are_no_growth(planner: Planner) -> None:
    """The tree of the large city has a level more, and a school's rows lie on a page each."""
    read = sides(planner, FETCHED)["large"].whole
    assert (read.rows, read.descents) == (4, 4)
    small = Read(rows=1_000, pages=1_300, descents=500)
    assert not Read(rows=1_000, pages=3_000, descents=500).grows_from(small, MOST)
    assert Read(rows=1_000, pages=4_000, descents=500).grows_from(small, MOST)
    assert Read(rows=1_600, pages=3_000, descents=500).grows_from(small, MOST)


def test_a_short_table_read_whole_counts_by_its_pages_and_once_only(planner: Planner) -> None:
    """The agencies of all schools stand on five pages: which way PostgreSQL takes to three of them is no growth."""
    connection = planner._roles["app"]
    connection.execute("CREATE TABLE agency AS SELECT n AS id, repeat('x', 100) AS note FROM generate_series(1, 200) n")
    connection.execute("VACUUM ANALYZE agency")
    connection.execute("SET enable_seqscan = on")
    once = Sent("SELECT note FROM agency WHERE id IN (5, 7)", Scope(), "once")
    each = "SELECT 1 FROM generate_series(1, 3) n, LATERAL (SELECT FROM agency WHERE id = n OFFSET 0) found"
    again = Sent(each, Scope(), "again")
    assert {"agency"} <= short_tables(connection)
    assert "small" not in short_tables(connection)
    knowing = Planner(planner._roles, short_tables(connection))
    assert [planner.read(once).rows, knowing.read(once).rows] == [200, knowing.read(once).pages]
    assert knowing.read(once).pages < 10
    assert knowing.read(again).rows == planner.read(again).rows == 600


def test_a_page_that_asks_more_often_is_named(planner: Planner) -> None:
    look = sides(planner, FETCHED)["small"]
    more = Look(look.messages + 1, look.reads, look.taken, 0.0)
    assert Row("/partner/", look, more).faults() == ["/partner/: asks 2 times beside 1"]


def test_a_pager_asks_once_and_nothing_else_may(planner: Planner) -> None:
    """A list of ten schools fits one page; of two hundred it has a second one, and its pager counts, up to a limit."""
    look = sides(planner, FETCHED)["small"]
    paged = replace(look, messages=look.messages + 1, pagers=1)
    assert Row("/operator/schools/", look, paged).faults() == []
    more = replace(paged, messages=look.messages + 2)
    assert Row("/operator/schools/", look, more).faults() == ["/operator/schools/: asks 3 times beside 1"]
    twice = replace(look, messages=look.messages + 2, pagers=2)
    assert Row("/operator/schools/", look, twice).faults() == ["/operator/schools/: asks 3 times beside 1"]
    assert Row("/operator/schools/", paged, replace(paged, messages=3)).faults() != [], "it had a second page before"
    counted = str(Tenant.objects.order_by()[: MOST_COUNTED + 1].query)
    assert _PAGER.match(f"SELECT COUNT(*) FROM ({counted}) subquery")
    assert not _PAGER.match('SELECT COUNT(*) AS "__count" FROM "tenancy_tenant"')


def test_the_same_read_takes_the_same_however_often_it_is_asked(planner: Planner) -> None:
    assert len({sides(planner, FETCHED)["large"].whole for _ in range(5)}) == 1
