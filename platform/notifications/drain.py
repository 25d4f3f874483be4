"""Sends messages that are due: once, or after a crash once more with the same key.

claim (lease, commit) → send (no transaction) → settle. A worker killed between claim and settle leaves the lease to run
out; then another takes the message. All times are the database's clock, so a wrong clock on a worker does no harm.
"""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from notifications.channels import SENDERS, TIMEOUT_SECONDS, SendFailed
from notifications.models import OPEN_STATES, OutboxMessage, OutboxState
from notifications.providers.ports import Trouble
from tenancy.models import Tenant
from tenancy.rounds import each_by_itself
from tenancy.scope import across_tenants, use_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=3)
MAX_TRIES: Final = 8
BATCH: Final = 20
LOOP: Final = "notifications.drain"
_FIRST_WAIT: Final = timedelta(seconds=10)


def drain(*, limit: int = 500, lease: timedelta = LEASE) -> int:
    """Send up to ``limit`` due messages of all schools; returns how many went out. May run in many workers at once.

    Urgent ones first, whosever they are; what becomes due meanwhile is seen after each batch.
    """
    seen: set[UUID] = set()
    sent = 0
    while len(seen) < limit:
        with across_tenants("due messages of every school"):
            waiting = OutboxMessage.objects.filter(state__in=OPEN_STATES, next_at__lte=Now()).exclude(pk__in=seen)
            due = list(
                waiting.order_by("priority", "next_at").values_list("tenant_id", "pk")[: min(BATCH, limit - len(seen))]
            )
        if not due:
            break
        seen.update(pk for _tenant_id, pk in due)
        for tenant_id, rows in groupby(due, key=itemgetter(0)):
            tenant = Tenant.objects.get(pk=tenant_id)
            with use_tenant(tenant_id):
                sent += _send_batch([pk for _tenant_id, pk in rows], tenant, lease)
    return sent


def claim(ids: list[UUID], lease: timedelta = LEASE) -> list[OutboxMessage]:
    """Those of ``ids`` that are still due and nobody else holds, now held until the lease ends."""
    with transaction.atomic():
        free = OutboxMessage.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        rows = list(
            free.filter(pk__in=ids, state__in=OPEN_STATES, next_at__lte=Now())
            .select_related("to_user")
            .order_by("priority", "pk")
        )
        until = Now() + lease
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=OutboxState.CLAIMED, attempts=F("attempts") + 1, claimed_until=until, next_at=until
        )
    for row in rows:
        row.state, row.attempts = OutboxState.CLAIMED, row.attempts + 1
    return rows


def _send_batch(ids: list[UUID], tenant: Tenant, lease: timedelta) -> int:
    return each_by_itself(
        _while_held(claim(ids, lease), lease), lambda message: _send(message, tenant), loop=LOOP, failed=_crashed
    )


def _while_held(messages: list[OutboxMessage], lease: timedelta) -> Iterator[OutboxMessage]:
    """As long as the lease surely holds: somebody else may have the rest by the time it would be sent."""
    started = time.monotonic()
    for message in messages:
        if time.monotonic() - started > lease.total_seconds() - TIMEOUT_SECONDS:
            return
        yield message


def _send(message: OutboxMessage, tenant: Tenant) -> bool:
    if message.attempts > MAX_TRIES:  # its last worker died before it could say how it went
        _settle(message, OutboxState.DEAD, "lease_lost")
        return False
    try:
        SENDERS[message.channel](message, tenant)
    except SendFailed as failure:
        _put_back(message, failure)
        return False
    _settle(message, OutboxState.SENT, "")
    return True


def _crashed(message: OutboxMessage, _error: Exception) -> None:
    """A row that no sender can read waits and is given up like one that nobody takes; those behind it go out."""
    _put_back(message, SendFailed("crashed"))


def _put_back(message: OutboxMessage, failure: SendFailed) -> None:
    if failure.code == Trouble.NO_MARK:  # nothing was tried: it waits for the mark, however long that takes
        _wait(message, failure.code, tries=message.attempts - 1)
        return
    if failure.final or message.attempts >= MAX_TRIES:
        logger.error("message %s given up after %d tries: %s", message.pk, message.attempts, failure.code)
        _settle(message, OutboxState.DEAD, failure.code)
        return
    _wait(message, failure.code, tries=message.attempts)


def _wait(message: OutboxMessage, code: str, *, tries: int) -> None:
    """``tries``: how many count, so how often it may still be tried."""
    _mine(message).update(
        state=OutboxState.FAILED,
        attempts=tries,
        last_error=code,
        claimed_until=None,
        next_at=Now() + back_off(max(tries, 1)),
    )


def back_off(attempts: int) -> timedelta:
    """10 s, then doubled each time: the eighth try comes about 21 minutes after the first."""
    return _FIRST_WAIT * (1 << (attempts - 1))


def _settle(message: OutboxMessage, state: OutboxState, code: str) -> None:
    _mine(message).update(state=state, last_error=code, claimed_until=None, settled_at=Now())


def _mine(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """The row as this worker claimed it: one that lost its lease changes nothing."""
    return OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.CLAIMED, attempts=message.attempts)
