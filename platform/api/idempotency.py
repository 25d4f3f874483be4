"""Retries are safe (promise M3): a client that lost the answer sends the same key again and gets the same bytes.

The key's row commits in the transaction of the effect. A second request that arrives while the first is at work finds
the key's advisory lock taken and is told 409; the lock ends with the transaction, also when the process dies, so there
is no state "running" that could outlive its worker. A refusal is not stored: it changed nothing and may be tried again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import models, router, transaction
from django.db.models import Func, Value
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import IdempotencyMismatch, InFlight
from api.models import KEY_LENGTH, IdempotencyKey
from kernel.clock import now
from kernel.errors import Invalid
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

KEPT = timedelta(days=7)
HEADER = "Idempotency-Key"

Handler = TypeVar("Handler", bound=Callable[..., Any])


def idempotent[Handler: Callable[..., Any]](handler: Handler) -> Handler:
    """Decorates ``post(self, request, …)`` of a ``BaseView``: one transaction, one effect per key.

    Without the header the handler simply runs in a transaction. Answers below 300 are stored; the handler raises for
    everything else. Raises Invalid ``bad_idempotency_key``, IdempotencyMismatch (422) and InFlight (409).
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = key_of(request)
        actor_id = cast(UUID, view.actor.user_id)
        call, body_hash = f"{request.method} {request.path}"[:300], hash_of(request.data)
        with transaction.atomic(using=router.db_for_write(IdempotencyKey)):
            if key is None:
                return cast(HttpResponse, handler(view, request, *args, **kwargs))
            _take(actor_id, key)
            stored = IdempotencyKey.objects.filter(actor_id=actor_id, key=key).first()
            if stored is not None:
                return _replay(stored, call, body_hash)
            answer = handler(view, request, *args, **kwargs)
            return _keep(answer, IdempotencyKey(actor_id=actor_id, key=key, call=call, body_hash=body_hash))

    return cast(Handler, once)


def key_of(request: Request) -> str | None:
    """The client's key, None without one. Raises Invalid for anything but 1–255 visible ASCII characters."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= KEY_LENGTH or not all("!" <= character <= "~" for character in key):
        raise Invalid("bad_idempotency_key")
    return key


def hash_of(data: Any) -> bytes:
    """Keyed hash of the parsed body: spacing and the order of keys do not matter.

    Keyed, because a body may hold a short secret such as a 12-digit code, which a plain hash would give away.
    """
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return salted_hmac("api.idempotency", canonical, algorithm="sha256").digest()


def _take(actor_id: UUID, key: str) -> None:
    """Hold this key until the transaction ends, or raise InFlight when another transaction holds it."""
    tenant_id = current_tenant_id()
    digest = hashlib.sha256(f"{tenant_id}|{actor_id}|{key}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    attempt = Func(Value(number), function="pg_try_advisory_xact_lock", output_field=models.BooleanField())
    if not Tenant.objects.filter(pk=tenant_id).values_list(attempt, flat=True).get():
        raise InFlight


def _replay(stored: IdempotencyKey, call: str, body_hash: bytes) -> HttpResponse:
    if stored.call != call or bytes(stored.body_hash) != body_hash:
        raise IdempotencyMismatch
    answer = HttpResponse(stored.answer.encode(), status=stored.status, content_type="application/json")
    answer["Idempotent-Replayed"] = "true"
    return answer


def _keep(answer: Response, row: IdempotencyKey) -> HttpResponse:
    """Render once; what is stored and what is sent are the same bytes."""
    body: bytes = JSONRenderer().render(answer.data)
    if answer.status_code < 300:
        row.status, row.answer = answer.status_code, body.decode()
        row.save(force_insert=True)
    return HttpResponse(body, status=answer.status_code, content_type="application/json")


def purge_keys(*, before: datetime | None = None) -> int:
    """Delete the open school's keys older than seven days (or ``before``). Returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=before or now() - KEPT).delete()
    return deleted
