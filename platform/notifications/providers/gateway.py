"""The school's or the operator's own message service: the contract's POST, signed (docs/notifications.md §The gateway)."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import urlsplit

from django.conf import settings

from notifications import signing
from notifications.providers.line import Deadline, LineFailed, is_loopback, line_to
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent

OWN_FIELDS: Final = ("incident", "track", "leg", "step")
_WEB: Final = ("http://", "https://")


class Gateway(Provider):
    """It goes to ``GATEWAY_URL`` only: no redirect is followed, and no proxy that happens to stand in the environment is
    used, only ``GATEWAY_PROXY``. Of the answer nothing but its status is read; 2xx is taken.

    Real, unless it runs on this very machine where ``LOOPBACK_IS_OURS``.
    """

    name: ClassVar = "gateway"
    channels: ClassVar = frozenset({"wecom", "sms", "voice", "gateway"})

    @staticmethod
    def is_set() -> bool:
        """Whether this installation has one."""
        return str(settings.GATEWAY_URL).startswith(_WEB)

    @property
    def is_real(self) -> bool:
        """An address that leads nowhere, or not into the web, reaches nobody."""
        url: str = settings.GATEWAY_URL
        is_somewhere = url.startswith(_WEB) and bool(_host(url))
        return is_somewhere and not (settings.LOOPBACK_IS_OURS and is_loopback(url))

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        url: str = settings.GATEWAY_URL
        if not url.startswith(_WEB):
            return Failed("no_gateway")
        body = json.dumps(message_of(page, at), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": page.key,
            **signing.headers_for(body, at=at),
        }
        try:
            answer = line_to(url, settings.GATEWAY_PROXY).call("POST", "", deadline, headers=headers, body=body, most=0)
        except LineFailed:
            return Failed("gateway_unreachable")
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return Failed(f"http_{answer.status}")
        return Sent(page.key)


def message_of(page: Page, at: datetime) -> dict[str, object]:
    """The contract's body. ``drill`` is always false: drills never leave the house. Which incident it is about is told to
    a gateway of the school's own only (``GATEWAY_IS_OWN``).
    """
    own = {name: page.own[name] for name in OWN_FIELDS if name in page.own} if settings.GATEWAY_IS_OWN else {}
    return {
        "key": page.key,
        "tenant": page.school,
        "kind": page.kind,
        **own,
        "channel": page.channel,
        "to": page.to,
        "body": page.text,
        "drill": False,
        "at": (page.written_at or at).astimezone(UTC).isoformat(),
    }


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
