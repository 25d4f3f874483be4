"""The ``Idempotency-Key`` of calls: a client that lost the answer sends it again and gets the same bytes (``api.once``)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.db import router, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from api.models import IdempotencyKey
from api.once import once

HEADER = "Idempotency-Key"


def idempotent[Handler: Callable[..., Any]](handler: Handler) -> Handler:
    """Decorates ``post(self, request, …)`` of a ``BaseView``: one transaction, one effect per key.

    Without the header the handler simply runs in a transaction. Answers below 300 are stored; the handler raises for
    everything else. Raises what ``once`` raises.
    """

    @wraps(handler)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            with transaction.atomic(using=router.db_for_write(IdempotencyKey)):
                return cast(HttpResponse, handler(view, request, *args, **kwargs))

        def act() -> tuple[int, Any]:
            answer = handler(view, request, *args, **kwargs)
            return answer.status_code, answer.data

        done = once(
            actor_id=view.actor.known_user,
            key=key,
            call=f"{request.method} {request.path}",
            sent=request.data,
            act=act,
        )
        response = HttpResponse(done.content, status=done.status, content_type="application/json")
        if done.replayed:
            response["Idempotent-Replayed"] = "true"
        return response

    return cast(Handler, run)
