"""Rows with what the counter's pages hang on them, named for the type checker. Nothing here exists when the product runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from partners.members import Desk
    from referrals.claims_shown import ShownClaim
    from referrals.counter.selectors import Span
    from referrals.models import Booking, Offer, Redemption, Voucher
    from ui.lists import Text

    class ShownOffer(Offer):
        """An offer with its service and amount as texts, its times, and how many others were proposed."""

        service_name: str
        amount: str
        spans: list[Span]
        proposed: int

    class ShownUnscanned(Booking):
        """An appointment that nobody scanned: how it stands by the dates, until when it is asked, what was said and charged."""

        stands: str
        until: datetime | None
        said: str
        charged: str
        is_open: bool

    class ShownVoucher(Voucher):
        """A voucher with what a counter may read of it: the card, the service, what is left."""

        card: str
        service_name: str
        left: str

    class ShownRedemption(Redemption):
        """A redemption with its service in words, by whom it was made, whether it may be taken back, and why it was."""

        service_name: str
        desk: Desk
        redeemed_at_desk: str
        reversible: bool
        claim: ShownClaim | None
        claimable: bool
        corrected_text: str
        reason_text: Text
