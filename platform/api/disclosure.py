"""The interface's own tables and addresses. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, silent

MODELS: Final = {
    "api.IdempotencyKey": columns("actor_id call status created_at", hidden="key body_hash answer_sealed"),
}

PAGES: Final[Mapping[str, Page]] = silent("api-schema api-docs api-unknown")
