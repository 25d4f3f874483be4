"""A search goes by an index, however many pages there are, and unpacks a body twice, however many words mean the same."""

import re
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.demo import load_pages
from content.found import pages_found
from content.models import TipIndexPage, TipPage
from content.search import ranked
from content.synonyms import ways_to_ask
from content.tokens import tree_word
from tests.content.conftest import Side
from tests.tenancy.catalogue import owner
from ui.lists import MOST_COUNTED

pytestmark = pytest.mark.django_db


def sent(side: Side, query: str) -> str:
    """The statement that finds the pages."""
    with CaptureQueriesContext(connection) as caught:
        list(pages_found(side.home, ways_to_ask(query))[:10])
    (found,) = [each["sql"] for each in caught if "to_tsquery" in each["sql"]]
    return str(found[found.index("SELECT") :])


def condition(statement: str) -> str:
    """What it asks of an entry's words."""
    words = re.search(r'WHERE (\(?content_words\("wagtailsearch_indexentry"\."title", .*)\s+ORDER BY', statement)
    assert words, statement
    return words[1]


def counting(side: Side, query: str) -> str:
    """The statement that counts them."""
    with CaptureQueriesContext(connection) as caught:
        len(pages_found(side.home, ways_to_ask(query)))
    (found,) = [each["sql"] for each in caught if "to_tsquery" in each["sql"]]
    return str(found[found.index("SELECT") :])


def explained(statement: str, **settings: Any) -> str:
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET LOCAL {name} = {value}")
        cursor.execute(f"EXPLAIN VERBOSE {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.fixture
def library(ours: Side) -> Side:
    load_pages(ours.tenant, kind="middle", seed=1)
    return ours


def plan(condition: str, table: str) -> str:
    """How rows of ``table`` are found by ``condition`` alone, where reading all of them is no choice."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT 1 FROM {table} WHERE {condition}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("query", ["压力", "没有这样的词"])
def test_words_and_pages_are_found_by_an_index(library: Side, query: str) -> None:
    """The indexes serve what Wagtail asks, word by word: another Wagtail that asks otherwise is seen here."""
    assert "search_entry_words" in plan(condition(sent(library, query)), "wagtailsearch_indexentry")
    key = '("wagtailcore_page"."id")::varchar(50)'
    assert f'"wagtailsearch_indexentry"."object_id" = {key}' in counting(library, query)
    assert "page_by_search_key" in plan(f"{key} = '7'", "wagtailcore_page")


def test_a_word_on_half_of_the_pages_is_asked_of_the_index_all_the_same(library: Side) -> None:
    """Where nothing forbids to read every entry. PostgreSQL took putting the words of all together for the cheaper way."""
    words = condition(sent(library, "家长"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO wagtailsearch_indexentry (content_type_id, object_id, title, body, title_norm, autocomplete, title_text, body_text)"
            " SELECT content_type_id, object_id || 'x' || n, title, body, title_norm, autocomplete, '', ''"
            " FROM wagtailsearch_indexentry, generate_series(1, 100) n WHERE body @@ '家长'::tsquery OR object_id LIKE '%1'"
        )
        with owner() as tidy:  # what has just been written waits beside the index, and makes it look dear
            tidy.execute("SELECT gin_clean_pending_list('search_entry_words')")
        cursor.execute(f"EXPLAIN SELECT 1 FROM wagtailsearch_indexentry WHERE {words}")
        told = "\n".join(row[0] for row in cursor.fetchall())
    assert "search_entry_words" in told, told


def test_a_query_is_read_once_and_not_again_for_every_page(library: Side) -> None:
    told = explained(sent(library, "压力"))
    assert "ts_rank" in told
    assert "to_tsquery" not in told, "the words of the query are worked out before the first page"


def test_the_words_that_rank_a_page_stand_in_its_entry(library: Side) -> None:
    """``m``: in the row itself for as long as there is room."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, attstorage FROM pg_attribute"
            " WHERE attrelid = 'wagtailsearch_indexentry'::regclass AND attname IN ('title', 'body')"
        )
        assert dict(cursor.fetchall()) == {"title": "m", "body": "m"}


def test_a_page_of_results_loads_no_more_than_it_shows(library: Side) -> None:
    """How many there are is counted, up to where a list stops: they are not fetched, and not ranked."""
    with CaptureQueriesContext(connection) as caught:
        shown = library.client().get("/search/", {"q": "一"})
    found = [each["sql"] for each in caught if "to_tsquery" in each["sql"]]
    assert len(found) == 2
    best, counted = found
    assert "LIMIT 11" in best
    assert "ts_rank" not in counted and f"LIMIT {MOST_COUNTED + 1}" in counted
    assert shown.context["results"].has_next


def test_a_body_is_ranked_by_the_typed_words_and_by_all(library: Side) -> None:
    assert len(ways_to_ask("压力")) > 2
    assert sent(library, "压力").count('"wagtailsearch_indexentry"."body", ') == 2


@pytest.mark.parametrize("asking", [sent, counting])
def test_no_second_process_loads_all_pages_for_ten(library: Side, asking: Any) -> None:
    """However cheap PostgreSQL believes it to be: each process would hash the pages of all schools anew."""
    freely = {"parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}
    statement = asking(library, "家长")
    assert "Gather" in explained("SELECT count(*) FROM wagtailcore_page", **freely), "the settings ask for it"
    assert "Gather" not in explained(statement, **freely)


def test_pages_are_joined_to_nothing_before_they_are_ranked(library: Side) -> None:
    statement = sent(library, "家长")
    assert "JOIN" not in statement
    assert "wagtailcore_page" not in statement


def test_entries_of_another_school_are_not_ranked(ours: Side, theirs: Side) -> None:
    """The word that says whose page it is stands in the index; who types it finds no page of another school."""
    for side in (ours, theirs):
        load_pages(side.tenant, kind="middle", seed=1)
    every = {str(page.pk) for page in theirs.home.get_descendants(inclusive=True)}
    assert set(ranked(["家长"], [ours.home.path])) & every == set()
    assert set(ranked(["家长"], [theirs.home.path])) <= every
    assert len(set(ranked(["家长"], [theirs.home.path]))) >= 3
    mine = [page.pk for page in ours.home.get_descendants()]
    found = pages_found(ours.home, [tree_word(theirs.home.path)])[:10]
    assert [page for page in found if page.pk not in mine] == []


def test_drafts_leave_no_page_of_results_short(library: Side) -> None:
    """Twelve that would stand first are drafts: the next ones are shown, and none is shown twice on the second page."""
    index = TipIndexPage.objects.child_of(library.home).get()
    for number in range(14):
        said = [("paragraph", "<p>鸬鹚</p>")]
        tip = TipPage(title="鸬鹚", slug=f"c{number}", summary="鸬鹚", body=said, live=number > 10)
        index.add_child(instance=tip)
    found = pages_found(library.home, ["鸬鹚"])
    first, second = ([page.slug for page in found[part]] for part in (slice(0, 2), slice(2, 4)))
    assert (len(first), len(second), len(found)) == (2, 1, 3)
    assert {*first, *second} == {"c11", "c12", "c13"}


@pytest.mark.parametrize("query", ["the", "，。！", "' | 'zq", "\\"])
def test_a_query_of_no_words_finds_no_page(library: Side, query: str) -> None:
    """Neither all pages of the school, whose word is asked for beside it."""
    found = pages_found(library.home, ways_to_ask(query))
    assert (found[:10], len(found)) == ([], 0)


def test_entries_of_before_learn_whose_they_are(library: Side) -> None:
    """``0012_whose_page_it_is``: a search finds them without being written anew."""
    (best,) = list(ranked(["家长"], [library.home.path])[:1])
    with connection.cursor() as cursor:
        word = [tree_word(library.home.path)]
        cursor.execute("UPDATE wagtailsearch_indexentry SET body = ts_delete(body, %s)", word)
        assert list(ranked(["家长"], [library.home.path])) == []
        cursor.execute(import_module("content.migrations.0012_whose_page_it_is").WHOSE)
    assert ranked(["家长"], [library.home.path])[0] == best


def test_whose_body_holds_the_typed_word_stands_before_whose_holds_another(library: Side) -> None:
    def add(slug: str, words: str) -> Any:
        index = TipIndexPage.objects.child_of(library.home).get()
        tip = TipPage(title="一条", slug=slug, summary="一句话", body=[("paragraph", f"<p>{words}</p>")])
        return index.add_child(instance=tip)

    add("typed", "疏导一下心情")
    add("other", "减压一下心情")
    for query, first in (("疏导", "typed"), ("减压", "other")):
        slugs = [page.slug for page in pages_found(library.home, ways_to_ask(query))[:10]]
        assert [slug for slug in slugs if slug in ("typed", "other")][0] == first, (query, slugs)
