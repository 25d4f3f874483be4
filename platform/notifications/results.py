"""The outcome of a test in words: what happened, and what to do."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from notifications.providers.ports import Trouble

RESULTS: Final[Mapping[str, Any]] = {
    "": _("The provider took it. Type the digits when they have arrived."),
    "taken": _("The provider took it"),
    "under_way": _("On its way, or cut off: send another test after a minute."),
    Trouble.LIMIT: _("The provider's limit for this number is reached. Wait, then test again."),
    Trouble.TEMPLATE: _(
        "The provider refused signature or template. Compare them with what it approved, letter by letter."
    ),
    Trouble.NO_TEMPLATE: _("No approved template for verification codes is entered below. Enter its number first."),
    Trouble.NUMBER: _("The provider does not send to this number."),
    Trouble.NOT_REACHED: _("WeCom finds no member with your number, or the application may not write to them."),
    Trouble.BALANCE: _("The account has no balance left. Top it up at the provider."),
    Trouble.SIGNATURE: _(
        "The provider does not accept the account. Compare identifier and secret, and what the account may do."
    ),
    Trouble.DOWN: _("The provider did not answer, or said that it is out of order."),
    Trouble.NO_LINE: _(
        "There is no connection to the provider: nothing was sent. Is its address right, and may this installation reach it?"
    ),
    Trouble.CUT: _("The connection ended before the provider answered. The message may have gone out."),
    Trouble.GATEWAY_UNREACHABLE: _(
        "There is no connection to the message service: nothing was sent. Is its address right, and does it run?"
    ),
    Trouble.GATEWAY_SILENT: _("The message service did not answer in time. The message may have gone out."),
    Trouble.LATE: _("The provider did not answer within five seconds."),
    Trouble.UNREADABLE: _("What the provider answered cannot be read. Is a proxy or a sign-in page in between?"),
    Trouble.REFUSED: _("The provider refused the message, with a code that we do not know."),
    Trouble.NO_MARK: _("This installation bears no mark, so nothing leaves it. Ask whoever runs it."),
}
"""Code of an outcome → what is said of it; empty when it was taken."""


def in_words(code: Any) -> Any:
    """The sentence; the code itself for one that is not known any more."""
    return RESULTS.get(str(code), str(code))
