"""What a code of this app says to a person. Codes are stable, texts are not; nothing here names anybody."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

REFUSALS: Final[Mapping[str, Text]] = {
    "phone_invalid": _("This is not a telephone number."),
    "password_wrong": _("This is not your password."),
    "phone_code_wrong": _("This code is not right, or no longer. Check it, or have another one sent."),
    "phone_code_soon": _("A code was sent less than a minute ago."),
    "phone_not_offered": _("No text messages can be sent from here yet, so no number can be kept."),
    "place_held": _("You have a place here already, with this very account."),
    "token_label": _("Give the key a name."),
    "token_days": _("A key is valid for 1 to 365 days."),
    "token_too_many": _("You have many keys already; revoke one first."),
}


def refusal_text(code: str, params: Mapping[str, object]) -> str | None:
    """The sentence for a refusal of this app; None for a code it does not know."""
    row = REFUSALS.get(code)
    return None if row is None else str(row) % params
