"""Who sees who is trained. The pages of the manual say nothing of anybody. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, silent

MODELS: Final = {"manual.QuizBest": columns("person right asked reached_on")}

PAGES: Final[Mapping[str, Page]] = {**silent("guides guide training")}
