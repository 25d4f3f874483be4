"""Signs calls to the message gateway and checks its receipts, with one shared secret.

``X-Xinqiao-Timestamp``: seconds since 1970. ``X-Xinqiao-Signature``: ``v1=`` and the hex HMAC-SHA256, under
``GATEWAY_SECRET``, of the timestamp, a point, and the body as sent. The time is part of what is signed, so an old message
cannot be sent again with a new time.
"""

import hmac
import re
from datetime import datetime
from typing import Final

from django.conf import settings

from kernel.errors import DomainError
from notifications.providers.clock import signing_clock

TIMESTAMP: Final = "X-Xinqiao-Timestamp"
SIGNATURE: Final = "X-Xinqiao-Signature"
WINDOW_SECONDS: Final = 300
"""How far the clocks of the two may be apart, and how long a recorded call could be sent again."""

_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


class BadSignature(DomainError):
    """Not signed, signed by somebody else, changed on the way, or too old: all look the same."""

    code, status = "bad_signature", 401


def headers_for(body: bytes, *, at: datetime) -> dict[str, str]:
    """What goes with ``body``, signed at ``at``; nothing without a secret."""
    if not settings.GATEWAY_SECRET:
        return {}
    seconds = str(int(at.timestamp()))
    return {TIMESTAMP: seconds, SIGNATURE: _signature(seconds, body)}


def check(body: bytes, *, timestamp: str, signature: str) -> None:
    """BadSignature unless ``body`` was signed with our secret within ``WINDOW_SECONDS``. Without a secret nothing is.

    By the clock that we sign with, never by this machine's: one that is an hour off refuses nobody (chain §3).
    """
    if not settings.GATEWAY_SECRET or not _SECONDS.fullmatch(timestamp):
        raise BadSignature
    if not hmac.compare_digest(_signature(timestamp, body).encode(), signature.encode()):
        raise BadSignature
    if abs(signing_clock.now().timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise BadSignature


def _signature(seconds: str, body: bytes) -> str:
    secret: str = settings.GATEWAY_SECRET
    return "v1=" + hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
