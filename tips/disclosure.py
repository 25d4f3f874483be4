"""Who sees what of family tips: the relative their own, the school counts. Found by ``disclosure.table`` (docs/privacy.md)."""

from collections.abc import Mapping
from typing import Final

from disclosure.table import Page, columns, shows, silent
from disclosure.words import Reader

MODELS: Final = {
    "tips.Series": columns("title is_single every_days starts_on created_at stopped_at"),
    "tips.Item": columns("series page place"),
    "tips.Subscription": columns(
        "relative consent channel rhythm code_until code_tries confirmed_at seen_at next_at ended_at ended_why created_at",
        hidden="address_sealed address_index code_hash",
    ),
    "tips.Letter": columns(
        "subscription channel kind week state sends trouble created_at next_at taken_at", hidden="address_index"
    ),
    "tips.Given": columns("letter series page place", hidden="address_index"),
}

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        ("tips_ask", "tips_ask_by_number", "tips_code", "tips_seen", "tips_off", "tips_stop"),
        shows("link", Reader.RELATIVE),
    ),
    **silent(
        "tips_desk tips_csv tips_series_new tips_single_new tips_series tips_preview tips_series_stop tips_item_move"
        " tips_item_remove"
    ),
}
