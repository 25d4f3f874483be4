"""Which provider carries a channel for the open school: its own account, else the installation's gateway or mail."""

from django.conf import settings

from notifications.models import Channel, ProviderAccount
from notifications.providers.catalogue import provider_of
from notifications.providers.gateway import Gateway
from notifications.providers.mail import Mail
from notifications.providers.ports import Provider


def ways_out(channel: str) -> Provider | None:
    """The provider of ``channel``; None when the school has none and the installation has no gateway."""
    account = ProviderAccount.objects.filter(channel=channel, is_active=True).order_by("pk").first()
    if account is not None:
        return provider_of(account)
    if channel == Channel.EMAIL:
        return Mail()
    return Gateway() if settings.GATEWAY_URL else None
