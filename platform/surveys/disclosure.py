"""Nothing of a survey is of a person: no column leads to one. Found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, silent

MODELS: Final = {
    "surveys.Survey": columns(
        "questionnaire subject opens_at closes_at closed_at fewest most answered created_at",
        hidden="token_hash token_sealed",
    ),
    "surveys.Counter": columns("survey question value number"),
    "surveys.Words": columns("survey question", hidden="text_sealed"),
    "surveys.Spent": columns("survey", hidden="form_hash"),
}

PAGES: Final[Mapping[str, Page]] = {**silent("survey survey_thanks")}
