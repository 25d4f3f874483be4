"""Refusals when a school opens a way out. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "channel_exists": Row(
        _("Somebody entered this account in the same moment"), NOTHING_CHANGED, _("Open the page again and compare.")
    ),
    "credential_wrong": Row(
        _("This does not look like what the provider gives out"),
        NOTHING_CHANGED,
        _("Copy it from the provider's page."),
    ),
    "callback_pair": Row(
        _("Token and key of the callback belong together"), NOTHING_CHANGED, _("Enter both, or leave both empty.")
    ),
    "callback_number_wrong": Row(
        _("Only a landline, a 400 or a 95 number may stand in a template"),
        NOTHING_CHANGED,
        _("Enter such a number, with its area code: 0571-88886666."),
    ),
    "template_wrong": Row(
        _("The number of a template has letters, digits, _ . - only"),
        NOTHING_CHANGED,
        _("Copy it from the provider's page."),
    ),
    "never_carried": Row(
        _("Carriers refuse this kind, whatever is written"), NOTHING_CHANGED, _("Use messages here, WeCom or e-mail.")
    ),
    "channel_no_number": Row(
        _("Prove your own telephone number first"),
        _("A test goes to the number that you have proven yourself, and to nobody else."),
        _("Prove it on the page of your account, then test again."),
    ),
    "channel_test_soon": Row(
        _("A test was sent less than a minute ago"), NOTHING_CHANGED, _("Wait a minute: providers count them too.")
    ),
    "channel_code_wrong": Row(
        _("These are not the digits of the last test, or they are too old"),
        NOTHING_CHANGED,
        _("Look again, or send another test."),
    ),
}
