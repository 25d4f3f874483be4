"""An act happens once, however often it is sent (promise M3): for calls and pages alike.

Who sends the same key again gets the same answer. The key's row commits in the transaction of the effect. A second
sending that arrives while the first is at work finds the key's advisory lock taken; the lock ends with the
transaction, also when the process dies, so there is no state "running" that could outlive its worker. A refusal is not
stored: it changed nothing and may be tried again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer

from api.errors import IdempotencyMismatch, InFlight
from api.models import KEY_LENGTH, IdempotencyKey
from kernel.clock import now
from kernel.errors import Invalid
from tenancy.messages import Part, insert, read, rows_of, send
from tenancy.scope import current_tenant_id

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an act answered: an HTTP status and JSON. ``replayed`` when it was given before and nothing happened now."""

    status: int
    content: bytes
    replayed: bool = False

    @property
    def data(self) -> Any:
        """The JSON as values."""
        return json.loads(self.content)


def once(
    *, actor_id: UUID, key: str, call: str, sent: Any, act: Callable[[], tuple[int, Any]], wait: bool = False
) -> Answer:
    """Do ``act`` in a transaction, or give the answer that the same ``key`` of the same person got before.

    ``call`` names what is done and ``sent`` is what was sent for it: another of either under the same key is another
    act. ``act`` returns a status and plain values; below 300 they are kept for seven days. With ``wait`` a second
    sending stands until the first has ended, for a page whose button was pressed twice.

    Raises Invalid ``bad_idempotency_key``, IdempotencyMismatch (422), InFlight (409), and whatever ``act`` raises.
    """
    if not 0 < len(key) <= KEY_LENGTH or not all("!" <= character <= "~" for character in key):
        raise Invalid("bad_idempotency_key")
    call, body_hash = call[:300], _hash_of(sent)
    with transaction.atomic(using=router.db_for_write(IdempotencyKey)):
        stored = _take(actor_id, key, wait=wait)
        if stored is not None:
            if stored.call != call or bytes(stored.body_hash) != body_hash:
                raise IdempotencyMismatch
            return Answer(stored.status, stored.answer.encode(), replayed=True)
        status, data = act()
        content: bytes = JSONRenderer().render(data)
        if status < 300:
            row = IdempotencyKey(actor_id=actor_id, key=key, call=call, body_hash=body_hash, status=status)
            row.answer = content.decode()
            send(insert([row]))
        return Answer(status, content)


def _hash_of(sent: Any) -> bytes:
    """Keyed hash of what was sent: spacing and the order of keys do not matter.

    Keyed, because it may hold a short secret such as a 12-digit code, which a plain hash would give away.
    """
    canonical = json.dumps(sent, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return salted_hmac("api.idempotency", canonical, algorithm="sha256").digest()


def _take(actor_id: UUID, key: str, *, wait: bool) -> IdempotencyKey | None:
    """Hold this key until the transaction ends, and then look whether it was answered before, in one message.

    InFlight when another transaction holds it and nobody waits.
    """
    tenant_id = current_tenant_id()
    digest = hashlib.sha256(f"{tenant_id}|{actor_id}|{key}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    attempt = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    held, stored = send(
        Part(f"SELECT {attempt}(%s)", (number,)),
        rows_of(IdempotencyKey, "actor_id = %s AND key = %s", actor_id, key),
    )
    if not wait and not held[0][0]:
        raise InFlight
    return next(iter(read(IdempotencyKey, stored)), None)


def purge_keys(*, before: datetime | None = None) -> int:
    """Delete the open school's keys older than seven days (or ``before``). Returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=before or now() - KEPT).delete()
    return deleted
