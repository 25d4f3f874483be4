"""Search that finds Chinese words: Wagtail's PostgreSQL backend with one method changed on both compilers."""

from typing import Any, Final

from django.contrib.postgres.search import SearchRank, SearchVectorField
from django.db.models import Func
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)
from modelsearch.query import Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText

from content.tokens import query_tokens

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
