"""A school's calendar says nothing of a person. Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, silent

MODELS: Final = {"workdays.CalendarChange": columns("first_day last_day is_workday created_at")}

PAGES: Final[Mapping[str, Page]] = silent("school_calendar school_calendar_remove")
