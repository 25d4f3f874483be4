"""Rows with what a person's own pages hang on them, named for the type checker. Nothing here exists when the product runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from referrals.models import Voucher
    from ui.lists import Text

    class ShownVoucher(Voucher):
        """A voucher with today's state, its title, its agency and what is left in words."""

        state_today: str
        title: Text
        partner_name: str
        left: str
