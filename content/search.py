"""Search that finds Chinese words: Wagtail's PostgreSQL backend with one method changed on both compilers."""

from typing import Any

from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)
from modelsearch.query import Boost, Phrase, PlainText

from content.tokens import query_tokens

# A word no index holds: a query of nothing but punctuation finds nothing instead of failing.
_NOTHING = "\ufdd0"


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


class SearchQueryCompiler(PairsMixin, PostgresSearchQueryCompiler):
    pass


class AutocompleteQueryCompiler(PairsMixin, PostgresAutocompleteQueryCompiler):
    pass


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = SearchQueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
