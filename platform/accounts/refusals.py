"""Refusals about one's own account: keys, number, and the place that waits (rules §5). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, GO_BACK, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "invitation_ended": Row(
        _("This link is no longer valid"),
        _("Links end after a while, for your safety. Nothing was changed."),
        _("Ask for a new link where you got this one."),
    ),
    "token_label": Row(_("Give the key a name."), NOTHING_CHANGED, CHECK_INPUT),
    "token_days": Row(_("A key is valid for 1 to 365 days."), NOTHING_CHANGED, CHECK_INPUT),
    "token_too_many": Row(_("You have many keys already"), NOTHING_CHANGED, _("Revoke one you no longer use.")),
    "phone_invalid": Row(_("The phone number is not complete"), NOTHING_CHANGED, CHECK_INPUT),
    "password_wrong": Row(_("This is not your password."), NOTHING_CHANGED, CHECK_INPUT),
    "phone_code_wrong": Row(
        _("This code is not right, or no longer. Check it, or have another one sent."), NOTHING_CHANGED, CHECK_INPUT
    ),
    "phone_code_soon": Row(
        _("A code was sent less than a minute ago."), NOTHING_CHANGED, _("Wait a while before you send another.")
    ),
    "phone_not_offered": Row(
        _("No text messages can be sent from here yet, so no number can be kept."), NOTHING_CHANGED, GO_BACK
    ),
    "place_held": Row(
        _("You have a place here already, with this very account."),
        _("One person has one place in a school or an institution. Nothing was changed."),
        _("Tell whoever invited you that you are here already."),
    ),
    "account_exists": Row(
        _("There is an account with this address"), NOTHING_CHANGED, _("Sign in with it to take the place.")
    ),
}
