"""Which provider carries a channel for the open school: its own account, proven ones first, else the installation's."""

from notifications.models import Channel
from notifications.providers.catalogue import provider_of
from notifications.providers.gateway import Gateway
from notifications.providers.mail import Mail
from notifications.providers.ports import Provider
from notifications.selectors import open_ways


def ways_out(channel: str) -> Provider | None:
    """The provider of ``channel``; None when the school has none and the installation has no gateway."""
    for way in open_ways(channel):
        if way.account is not None:
            return provider_of(way.account)
    if channel == Channel.EMAIL:
        return Mail()
    return Gateway() if Gateway.is_set() else None
