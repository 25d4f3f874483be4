"""Who sees a job: who started it. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, silent

MODELS: Final = {
    "jobs.Job": columns(
        "kind owner state done total stage result result_file result_name error cancel_requested attempts due_at"
        " lease_until created_at finished_at",
        hidden="params",
    ),
}

PAGES: Final[Mapping[str, Page]] = silent("detail cancel result api-job")
