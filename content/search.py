"""Search that finds Chinese words: Wagtail's PostgreSQL backend with one method changed on both compilers."""

from collections.abc import Sequence
from functools import cache, reduce
from operator import add
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField
from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.functions import Cast
from modelsearch.backends import get_search_backend
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
    get_sql_weights,
)
from modelsearch.query import Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText
from wagtail.search.models import IndexEntry

from content.tokens import query_tokens, tree_word

# A word no index holds: a query of nothing but punctuation finds nothing instead of failing.
_NOTHING = "\ufdd0"
_ALL_WORDS: Final = 0.25
"""What any of the words weighs beside those that were typed."""


class PairsMixin:
    """Asks for the pairs that ``content.tokens.index_tokens`` stored."""

    def build_tsquery_content(self, query: Any, config: str | None = None, invert: bool = False) -> Any:
        if isinstance(query, Boost):
            query = query.subquery  # it only weighs (``build_tsrank``)
        if isinstance(query, PlainText):
            words = query_tokens(query.query_string) or _NOTHING
            query = PlainText(words, operator=query.operator, boost=query.boost)
        elif isinstance(query, Phrase):
            query = PlainText(query_tokens(query.query_string) or _NOTHING, operator="and")
        return super().build_tsquery_content(query, config=config, invert=invert)  # type: ignore[misc]


class Words(Func):
    """All words of an entry, as ``search_entry_words`` holds them.

    A function of ours and not ``||``, for PostgreSQL takes that for cheap: of a word on every third page it would put the
    words of every entry together instead of asking the index.
    """

    function = "content_words"
    output_field = SearchVectorField()


class SearchQueryCompiler(PairsMixin, PostgresSearchQueryCompiler):
    """Wagtail's, but for how words are found and for what other words than the typed ones weigh."""

    def search(
        self,
        config: str | None,
        start: int | None,
        stop: int | None,
        score_field: str | None = None,
        backend: Any = None,
    ) -> Any:
        """Wagtail's, with ``Words`` for what an entry holds."""
        if self.fields is not None or isinstance(self.query, (Fuzzy, MatchAll, Not)):
            return super().search(config, start, stop, score_field, backend)
        vectors = self.get_search_vectors(self.build_tsquery(self.query, config=config))
        words = Words(*(vector for vector, _boost in vectors))
        found = self.queryset.annotate(_vector_=words).filter(_vector_=self.build_tsquery(self.query, config=config))
        rank = self._build_rank_expression(vectors, config)
        return self._apply_ordering_and_scoring(found, rank, start, stop, score_field)

    def build_tsrank(self, vector: Any, query: Any, config: str | None = None, boost: float = 1.0) -> Any:
        """Each ``ts_rank`` unpacks its words anew: typed words once and all words once, instead of once a synonym."""
        if isinstance(query, Or):
            typed = query
            while isinstance(typed, Or):
                typed = typed.subqueries[0]
            ranks = (self._rank(vector, each, config) for each in (typed, query))
            return next(ranks) + next(ranks) * _ALL_WORDS
        return super().build_tsrank(vector, query, config=config, boost=boost)

    def _rank(self, vector: Any, query: Any, config: str | None) -> SearchRank:
        return SearchRank(vector, self.build_tsquery(query, config=config), weights=self.sql_weights)


class AutocompleteQueryCompiler(PairsMixin, PostgresAutocompleteQueryCompiler):
    pass


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = SearchQueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler


def ranked(asked: Sequence[str], trees: Sequence[str]) -> QuerySet[IndexEntry, Any]:
    """Keys, as text, of the pages in ``trees`` (paths of their home pages) that hold all words of one of ``asked``, the best first; drafts are among them.

    Of entries alone: which school's page it is stands among the words of each (``tree_word``), so that the index leaves out all
    others, and nothing is joined before it is ranked. ``asked[0]`` was typed: it counts by itself, and any of them at a
    quarter. Of two equal ones the page that was made last.
    """
    ways = [(_query(_text(asked[0])), 1.0)]
    if len(asked) > 1:
        ways.append((_query(" | ".join(map(_text, asked))), _ALL_WORDS))
    title, body = (
        reduce(add, [SearchRank(F(name), query, weights=_weights()) * share for query, share in ways])
        for name in ("title", "body")
    )
    found = holding(IndexEntry.objects.annotate(words=Words(F("title"), F("body"))), asked, trees)
    newest = Cast("object_id", IntegerField()).desc()
    return found.order_by((title * F("title_norm") + body).desc(), newest).values_list("object_id", flat=True)


def holding[Rows: QuerySet[Any, Any]](rows: Rows, asked: Sequence[str], trees: Sequence[str]) -> Rows:
    """Those of ``rows`` whose ``words`` are of a page in one of ``trees`` and hold all words of one of ``asked``.

    Two conditions, not one: a query of words that say nothing (the) is empty, and beside another word it would be left out.
    """
    inside = " | ".join(f"'{tree_word(path)}'" for path in trees)
    return rows.filter(words=_query(inside)).filter(words=_query(" | ".join(map(_text, asked))))


def _query(text: str) -> SearchQuery:
    """One value instead of a tree of them: to put a tree together costs Django as much as the search costs the database."""
    return SearchQuery(text, search_type="raw", config=get_search_backend().config)


def _text(query: str) -> str:
    """All words of ``query``; they are letters and digits alone (``query_tokens``), so that nothing in them ends a word."""
    return f"({' & '.join(f"'{word}'" for word in query_tokens(query).split()) or f"'{_NOTHING}'"})"


@cache
def _weights() -> Any:
    return get_sql_weights()
