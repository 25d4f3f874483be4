"""What is said to somebody who has left, in place of a message that names a page they cannot open (ADR 0046).

One answer for every message about a request: the same words where they name no page, others with the link to their own page
while something runs, others without a link once nothing does, or nothing at all.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ASKED: Final = "leaver_asked"
"""Their word is wanted within 48 h; with their link."""
NEWS: Final = "leaver_news"
"""What is booked comes near or has changed; with their link."""
OFF: Final = "leaver_off"
"""It does not take place; nothing is left to open."""
UPHELD: Final = "leaver_upheld"
DECIDED: Final = "leaver_decided"
"""The school has decided; whoever wants to know more asks there."""
WITH_LINK: Final = (ASKED, NEWS)

_INSTEAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("booking_no_show", "booking_unscanned", "voucher_redeemed"), ASKED),
        **dict.fromkeys(
            (
                "booking_confirmed", "booking_moved", "booking_reassigned", "booking_reminder", "proposal_new",
                "referral_approved", "referral_submitted", "referral_by_proxy", "reschedule_asked", "agency_paused",
                "voucher_ends_soon", "voucher_rest_ends_soon",
            ),
            NEWS,
        ),
        **dict.fromkeys(
            (
                "booking_cancelled_by_agency", "agency_paused_move", "agency_paused_off", "course_stopped",
                "referral_no_taker", "referral_undecided", "referral_declined", "referral_declined_again",
            ),
            OFF,
        ),
        "voucher_upheld": UPHELD,
        **dict.fromkeys(("booking_decided", "use_corrected", "amount_answered", "subsidy_changed"), DECIDED),
    }
)  # fmt: skip
_NOTHING: Final = frozenset({"was_it_solved"})
"""What only the page of the request could answer."""


def for_leaver(template: str) -> str | None:
    """The message that somebody who has left is sent instead; None for none."""
    return None if template in _NOTHING else _INSTEAD.get(template, template)
