"""By which way tips may reach a family here: what is not set up is not shown (books §6)."""

from django.conf import settings

from notifications.models import Channel
from notifications.providers.capability import Kind, may_carry
from tips.models import MAIL


def mail_is_offered() -> bool:
    """Whether tips may go by e-mail from this installation. There is no other way: SMS and calls carry none, ever."""
    return bool(settings.MAIL_IS_SET) and may_carry((), Kind.TIPS, Channel(MAIL)).is_carried
