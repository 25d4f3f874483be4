"""What probes ask. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, silent

PAGES: Final[Mapping[str, Page]] = silent("healthz readyz metrics")
