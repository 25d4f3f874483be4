"""Rows with what the offices' pages hang on them, named for the type checker. Nothing here exists when the product runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from referrals.models import Referral

    class ListedRequest(Referral):
        """A request with names in the reader's language, whether it is late, and its vouchers' numbers, parted by blanks."""

        service_name: str
        partner_name: str
        late: bool
        voucher_numbers: str
