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

pytestmark = pytest.mark.django_db


def sent(side: Side, query: str) -> str:
    """The statement that finds the pages."""
    with CaptureQueriesContext(connection) as caught:
        list(pages_found(side.home, ways_to_ask(query))[:10])
    (found,) = [each["sql"] for each in caught if "to_tsquery" in each["sql"]]
    return str(found[found.index("SELECT") :])


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
    words = re.search(r'AND (\("wagtailsearch_indexentry"\."title" \|\| .*)\) ORDER BY', statement)
    assert words
    assert "search_entry_words" in plan(words[1], "wagtailsearch_indexentry")
    key = '("wagtailcore_page"."id")::varchar(50)'
    assert f'"wagtailsearch_indexentry"."object_id" = {key}' in statement
    assert "page_by_search_key" in plan(f"{key} = '7'", "wagtailcore_page")


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
