"""The school's or the operator's own message service: the contract's POST, signed (docs/notifications.md §The gateway)."""

import json
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import urlsplit

from django.conf import settings
from urllib3.exceptions import LocationParseError

from notifications import signing
from notifications.providers.exchanges import Deadline, LineFailed
from notifications.providers.line import Answer, Line, is_loopback, line_to
from notifications.providers.loop import Post, post_to
from notifications.providers.ports import LOST, Failed, Outcome, Page, Provider, Sent, Trouble, failed

_PASSED_ON: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Said by what stands before the service: it was handed the message and no answer came back, as from a line that falls silent."""

OWN_FIELDS: Final = ("incident", "track", "leg", "step")
_WEB: Final = ("http://", "https://")
_WRITE: Final = json.JSONEncoder(ensure_ascii=False).encode


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
        return _leads_somewhere(url) and not (settings.LOOPBACK_IS_OURS and is_loopback(url))

    def _posted(self, page: Page, at: datetime) -> Post | Failed | None:
        """By a proxy it is not said on a connection of our own."""
        if settings.GATEWAY_PROXY:
            return None
        said = self._said(page, at)
        try:
            return said if isinstance(said, Failed) else post_to(*said)
        except LocationParseError:  # no address at all
            return failed(Trouble.GATEWAY_UNREACHABLE)

    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        said = self._said(page, at)
        if isinstance(said, Failed):
            return said
        line, headers, body = said
        try:
            return self.heard(page, line.call("POST", "", deadline, headers=headers, body=body, most=0))
        except LineFailed as lost:
            return self.heard(page, lost)

    def heard(self, page: Page, answer: Answer | LineFailed) -> Outcome:
        """2xx is taken, 502 and 504 may be; any other status is the service's own no."""
        if isinstance(answer, LineFailed):
            lost = failed(LOST[answer.loss])
            return failed(Trouble.GATEWAY_UNREACHABLE if lost.is_unsaid else Trouble.GATEWAY_SILENT)
        if answer.status in _PASSED_ON:
            return failed(Trouble.GATEWAY_SILENT)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return Failed(f"http_{answer.status}")
        return Sent(page.key)

    @staticmethod
    def _said(page: Page, at: datetime) -> tuple[Line, dict[str, str], bytes] | Failed:
        url: str = settings.GATEWAY_URL
        if not url.startswith(_WEB):
            return Failed("no_gateway")
        body = _WRITE(message_of(page, at)).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": page.key,
            **signing.headers_for(body, at=at),
        }
        return line_to(url, settings.GATEWAY_PROXY), headers, body


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


@cache
def _leads_somewhere(url: str) -> bool:
    try:
        return url.startswith(_WEB) and bool(urlsplit(url).hostname)
    except ValueError:
        return False
