"""What an ending gives back, in words: nothing is said of money that the school never set aside."""

from typing import Any

from django.utils.translation import gettext as _

from disclosure.sentences import spaced
from referrals.models import Referral


def with_freed(referral: Referral, before: Any, after: Any = "") -> str:
    """``before``, that what was set aside is free again, ``after``: the middle one only where something was.

    A service that the school adds nothing to holds neither money nor quota (``subsidies.accounting``).
    """
    return _joined(before, _("What the school set aside is free again.") if referral.subsidy_fen else "", after)


def with_freeing(referral: Referral, before: Any, after: Any = "") -> str:
    """The same to an office before it presses: nothing is free yet."""
    return _joined(before, _("What the school set aside will be free again.") if referral.subsidy_fen else "", after)


def with_return(referral: Referral, before: Any, after: Any = "") -> str:
    """The same to the person before they press: it goes back to their quota."""
    return _joined(
        before, _("What the school set aside goes back to your quota.") if referral.subsidy_fen else "", after
    )


def _joined(*parts: Any) -> str:
    told = [str(part) for part in parts if part]
    return spaced(told) if told else ""
