"""By which way tips may reach a family here: what is not set up is not shown (books §6)."""

from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

from families.models import Consent
from notifications.models import Channel
from notifications.providers.capability import Kind, may_carry
from tips.models import MAIL

_WITHOUT_NUMBERS: Final = ("tips.1", "tips.2")


def mail_is_offered() -> bool:
    """Whether tips may go by e-mail from this installation. Nothing else carries them: SMS and calls none, ever."""
    return bool(settings.MAIL_IS_SET) and may_carry((), Kind.TIPS, Channel(MAIL)).is_carried


def number_is_offered(consent: Consent) -> bool:
    """Whether a number can be proved here: a code may go as SMS. The tips then stand on the family's page.

    Not on an agreement whose text knew no numbers (``tips.1`` and ``tips.2`` of ``families.purposes``).
    """
    if consent.text_id in _WITHOUT_NUMBERS or not settings.SIGN_IN_SMS:
        return False
    return not settings.SIGN_IN_SMS_OFFERED or bool(import_string(settings.SIGN_IN_SMS_OFFERED)())


def send_code(phone: str, code: str) -> None:
    """The code, by the road that sign-in's codes take (``settings.SIGN_IN_SMS``); nothing tells whether it left."""
    import_string(settings.SIGN_IN_SMS)(phone=phone, code=code)
