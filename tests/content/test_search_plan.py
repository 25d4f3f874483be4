"""A search goes by an index, however many pages there are, and unpacks a body twice, however many words mean the same."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.demo import load_pages
from content.found import pages_found
from content.models import TipIndexPage, TipPage
from content.synonyms import ways_to_ask
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
    words = re.search(r'AND (content_words\("wagtailsearch_indexentry"\."title", .*)\) ORDER BY', statement)
    assert words
    return words[1]


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
    statement = sent(library, query)
    assert "search_entry_words" in plan(condition(statement), "wagtailsearch_indexentry")
    key = '("wagtailcore_page"."id")::varchar(50)'
    assert f'"wagtailsearch_indexentry"."object_id" = {key}' in statement
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
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN VERBOSE {sent(library, '压力')}")
        told = "\n".join(row[0] for row in cursor.fetchall())
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
    ranked, counted = found
    assert "LIMIT 11" in ranked
    assert "ts_rank" not in counted and f"LIMIT {MOST_COUNTED + 1}" in counted
    assert shown.context["results"].has_next


def test_a_body_is_ranked_by_the_typed_words_and_by_all(library: Side) -> None:
    assert len(ways_to_ask("压力")) > 2
    assert sent(library, "压力").count('"wagtailsearch_indexentry"."body", ') == 2


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
