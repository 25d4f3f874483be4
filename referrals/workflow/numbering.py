"""Numbers of vouchers, drawn at random: they do not tell in which order vouchers were issued, nor how many (books §5)."""

import secrets
from collections.abc import Callable, Iterator
from typing import Final

from django.db import IntegrityError, transaction

from referrals.models import Voucher

_DIGITS: Final = (5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6)
"""Of each try: five are enough until a good part of a year's numbers is used, then six are."""
_CONSTRAINT: Final = "voucher_number_once"


def drawn_numbers(prefix: str, draw: Callable[[int], int] = secrets.randbelow) -> Iterator[str]:
    """``<prefix>-<5 or 6 digits>``, as many as may be tried; ``draw(n)`` gives a whole number below ``n``."""
    for digits in _DIGITS:
        yield f"{prefix}-{draw(10**digits):0{digits}d}"


def save_numbered(voucher: Voucher, prefix: str, draw: Callable[[int], int] = secrets.randbelow) -> None:
    """Save a new voucher under a number that the school has not given out; two who draw the same try again.

    RuntimeError when none was free in a dozen tries: then the school has issued most of a million in that year.
    """
    for number in drawn_numbers(prefix, draw):
        voucher.number = number
        try:
            with transaction.atomic():
                voucher.save(force_insert=True)
        except IntegrityError as error:
            if _CONSTRAINT not in str(error):
                raise
        else:
            return
    raise RuntimeError("no number of a voucher is free")
