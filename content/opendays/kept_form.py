"""What a family has typed and not sent: sealed in a cookie of its own browser, for half an hour, at the invitation's address alone.

So the check has an address of its own, and Back, reload, the language switch and "not yet" lose nothing. Nothing of it is
kept here: who sends no answer has told the school nothing.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict

from content.opendays.models import Invitation
from kernel.clock import now
from vault import cipher, keyring
from vault.sealed import seal, unseal

COOKIE: Final = "openday_form"
LIVES: Final = timedelta(minutes=30)
_LONGEST: Final = 2000
"""Characters of a form that is kept: a whole answer is a fifth of it, and a cookie has an end."""
_NOT_KEPT: Final = ("csrfmiddlewaretoken", "sure")


def keep(response: HttpResponse, request: HttpRequest, invitation: Invitation) -> None:
    """Lay what was posted into the answer's cookie. What is longer than an answer can be is not kept."""
    typed = request.POST.copy()
    for name in _NOT_KEPT:
        typed.pop(name, None)
    text = typed.urlencode()
    if len(text) > _LONGEST:
        return
    sealed = seal(*_place(invitation), json.dumps([now().isoformat(), text]))
    response.set_cookie(
        COOKIE,
        urlsafe_b64encode(sealed).decode(),
        max_age=LIVES,
        path=request.path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def read(request: HttpRequest, invitation: Invitation) -> QueryDict | None:
    """What was typed here in the last half hour; None for nothing, for what is too old, altered or of another invitation."""
    given = request.COOKIES.get(COOKIE, "")
    try:
        at, text = json.loads(unseal(*_place(invitation), urlsafe_b64decode(given)))
    except (ValueError, cipher.Unreadable, keyring.NoKey):
        return None
    return QueryDict(text) if now() < datetime.fromisoformat(at) + LIVES else None


def forget(response: HttpResponse, request: HttpRequest) -> None:
    """The answer was sent."""
    response.delete_cookie(COOKIE, path=request.path, samesite="Lax")


def _place(invitation: Invitation) -> tuple[UUID, str, str, str]:
    return cast(UUID, invitation.tenant_id), Invitation._meta.db_table, str(invitation.pk), "form"
