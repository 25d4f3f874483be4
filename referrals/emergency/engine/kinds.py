"""Which kind of message each text of the chain is: by it a channel says whether it may carry it, and with which template."""

from collections.abc import Mapping
from typing import Final

from notifications.providers.capability import Kind

_PAGES: Final = (
    "emergency_page_school", "emergency_page_team", "emergency_page_family", "emergency_page_medical",
    "emergency_page_community", "emergency_dial", "emergency_alarm", "emergency_put_off", "emergency_ask_review", "emergency_ask_arrived",
    "emergency_ask_still_there", "emergency_ask_handed_over", "emergency_ask_hold", "emergency_ask_grade", "emergency_ask_take_over",
    "emergency_ask_contact", "emergency_ask_assessment", "emergency_ask_watch", "emergency_ask_companion", "emergency_report_joined", "emergency_report_new", "emergency_card_code", "watchdog_trouble_operator",
    "watchdog_trouble_school",
)  # fmt: skip
_NOTICES: Final = (
    "emergency_stood_down", "emergency_not_needed", "emergency_joined", "emergency_false_alarm",
    "watchdog_well_operator", "watchdog_well_school",
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_PAGES, Kind.PAGE),
    **dict.fromkeys(_NOTICES, Kind.STAND_DOWN),
}
"""Text → kind. Whoever must come, answer or look is called; everybody else is told."""


def kind_of(text: str, *, has_code: bool = False) -> Kind:
    """Of one message; ``has_code``: it goes to somebody outside and carries a code to answer with.

    A text that stands in no row is a call: a page is never lost for want of one.
    """
    kind = KINDS.get(text, Kind.PAGE)
    return Kind.OUTSIDE if has_code and kind is Kind.PAGE else kind
