"""Stores the gateway's receipts: a message arrived, was read, or could not be delivered."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from kernel.errors import NotFound
from notifications.channels import SENDERS, send_gateway
from notifications.models import Delivery, OutboxMessage
from tenancy.models import Tenant
from tenancy.scope import use_tenant

MOVES: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({Delivery.FAILED, Delivery.DELIVERED, Delivery.READ}),
    Delivery.FAILED: frozenset({Delivery.DELIVERED, Delivery.READ}),
    Delivery.DELIVERED: frozenset({Delivery.READ}),
    Delivery.READ: frozenset(),
}
"""What is known → what may be learned. Receipts overtake each other: one that says less than is known changes nothing."""


def take_receipt(*, key: str, said: str, at: datetime, host: Tenant) -> None:
    """Note what the gateway says, once and however often it says so. ``at`` is the gateway's time.

    NotFound for a key that names no message handed to the gateway, and, on a school's host, for another school's. A key that
    is none of the outbox's goes to whoever sends beside it (``RECEIPTS_TAKER``: the chain lives above).
    """
    if ":" not in key and settings.RECEIPTS_TAKER:
        _taker(settings.RECEIPTS_TAKER)(key=key, said=said, at=at, host=host)
        return
    tenant_id, message_key, channel = _read(key)
    if host.kind != "platform" and host.pk != tenant_id:
        raise NotFound
    if not Tenant.objects.filter(pk=tenant_id).exists():
        raise NotFound
    with use_tenant(tenant_id), transaction.atomic():
        rows = OutboxMessage.objects.select_for_update(no_key=True)
        message = rows.filter(key=message_key, channel=channel, attempts__gt=0).first()
        if message is None:
            raise NotFound
        if said in MOVES[message.delivery]:
            message.delivery, message.delivery_at = said, at
            message.save(update_fields=["delivery", "delivery_at"])


class Taker(Protocol):
    """The hook's shape. NotFound for a key that it does not know."""

    def __call__(self, *, key: str, said: str, at: datetime, host: Tenant) -> None: ...


@cache
def _taker(path: str) -> Taker:
    found: Taker = import_string(path)
    return found


def _read(key: str) -> tuple[UUID, str, str]:
    """The parts of ``channels.gateway_key``. A message's own key may hold colons."""
    tenant, _, rest = key.partition(":")
    message_key, _, channel = rest.rpartition(":")
    try:
        tenant_id = UUID(tenant)
    except ValueError:
        raise NotFound from None
    if str(tenant_id) != tenant or SENDERS.get(channel) is not send_gateway:
        raise NotFound
    return tenant_id, message_key, channel
