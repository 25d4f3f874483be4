"""Tables of messages, of who carries them, and of the mark without which nobody does."""

from notifications.models.mark import InstanceMark
from notifications.models.messages import (
    OPEN_STATES,
    Channel,
    Delivery,
    InboxMessage,
    OutboxMessage,
    OutboxState,
    Preference,
    Priority,
)
from notifications.models.providers import ChannelRule, ProviderAccount, ProviderName

__all__ = [
    "OPEN_STATES",
    "Channel",
    "ChannelRule",
    "Delivery",
    "InboxMessage",
    "InstanceMark",
    "OutboxMessage",
    "OutboxState",
    "Preference",
    "Priority",
    "ProviderAccount",
    "ProviderName",
]
