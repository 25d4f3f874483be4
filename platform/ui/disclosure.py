"""The design system's own pages. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, silent

PAGES: Final[Mapping[str, Page]] = silent("month help gallery gallery-screen")
