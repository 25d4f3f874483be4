"""One function per channel. Each sends a claimed message and returns, or raises ``SendFailed`` with a code.

They run outside any transaction, may run twice for the same message, and carry the same key each time.
"""

import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

import requests
from django.conf import settings
from django.core.mail import EmailMessage

from accounts import invitations
from accounts.models import Membership
from notifications import signing
from notifications.models import Channel, InboxMessage, OutboxMessage
from notifications.texts import INVITATION, Rendered, render
from tenancy.models import Tenant

TIMEOUT_SECONDS: Final = 5


class SendFailed(Exception):
    """The channel said no, or nothing. ``final`` when another try cannot help. The code holds no address and no text."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


def send_in_app(message: OutboxMessage, tenant: Tenant) -> None:
    """A row in the person's 消息; the same key makes one row."""
    membership = Membership.objects.filter(user_id=message.to_user_id).first()
    if membership is None:
        raise SendFailed("no_membership", final=True)
    row = InboxMessage(
        membership=membership,
        key=message.key,
        template=message.template,
        context=message.context,
        link=message.link,
        created_at=message.created_at,
    )
    InboxMessage.objects.bulk_create([row], ignore_conflicts=True)


def send_email(message: OutboxMessage, tenant: Tenant) -> None:
    """Plain text by Django's mail backend. The Message-ID is made from the row, so a duplicate can be recognised."""
    address, link = (
        _invitation(message, tenant) if message.template == INVITATION else (_address(message), message.link)
    )
    text = _text(message)
    body = f"{text.body}\n\n{_url(message, tenant, link)}" if link else text.body
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    mail = EmailMessage(text.subject, body, to=[address], headers={"Message-ID": f"<{message.pk}@{domain}>"})
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        raise SendFailed("address_refused") from None
    except (smtplib.SMTPException, OSError):
        raise SendFailed("mail") from None


def send_gateway(message: OutboxMessage, tenant: Tenant) -> None:
    """POST to ``GATEWAY_URL`` in the contract's shape, signed (``signing``); 2xx is taken.

    It goes to that address only: no redirect is followed, and no proxy that happens to stand in the environment is
    used, only ``GATEWAY_PROXY``. Of the answer nothing but its status is read.
    """
    if not settings.GATEWAY_URL.startswith(("http://", "https://")):
        raise SendFailed("no_gateway")
    key = gateway_key(message)
    payload = {
        "key": key,
        "tenant": tenant.slug,
        "kind": message.template,
        "channel": message.channel,
        "to": _address(message),
        "body": _text(message).body,
        "drill": False,
        "at": message.created_at.astimezone(UTC).isoformat(),
    }
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": key, **signing.headers_for(body)}
    try:
        with requests.Session() as line:
            line.trust_env = False
            line.verify = _authorities()
            if settings.GATEWAY_PROXY:
                line.proxies = {"http": settings.GATEWAY_PROXY, "https": settings.GATEWAY_PROXY}
            with line.post(
                settings.GATEWAY_URL,
                data=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
    except OSError:  # all of requests' errors are, and what the system says of a bundle that cannot be read
        raise SendFailed("gateway_unreachable") from None
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise SendFailed(f"http_{status}")


@cache
def _authorities() -> str | bool:
    """Where this machine keeps whom it trusts, a school's own authority among them; else those of the package."""
    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and any(Path(paths.capath).iterdir()) else None
    return paths.cafile or folder or True


def gateway_key(message: OutboxMessage) -> str:
    """The same for every try of one message, and for no other message."""
    return f"{message.tenant_id}:{message.key}:{message.channel}"


SENDERS: Final[Mapping[str, Callable[[OutboxMessage, Tenant], None]]] = {
    Channel.IN_APP: send_in_app,
    Channel.EMAIL: send_email,
    Channel.WECOM: send_gateway,
    Channel.SMS: send_gateway,
    Channel.VOICE: send_gateway,
    Channel.GATEWAY: send_gateway,
}


def _address(message: OutboxMessage) -> str:
    """The sealed address, else the person's own. Final failure when the person is gone or has none."""
    given: str = message.to_address
    if given:
        return given
    user = message.to_user
    if user is None or not user.is_active:
        raise SendFailed("recipient_gone", final=True)
    if message.channel in (Channel.SMS, Channel.VOICE) or not user.email:
        raise SendFailed("no_address", final=True)
    return str(user.email)


def _text(message: OutboxMessage) -> Rendered:
    language = message.to_user.language if message.to_user else settings.LANGUAGE_CODE
    return render(message.template, message.context, language)


def _invitation(message: OutboxMessage, tenant: Tenant) -> tuple[str, str]:
    """Where the invitation goes and its link, both as they are now, and only while it would still help."""
    place = invitations.place_to_invite(message.to_place_kind, message.to_place, tenant)
    if place is None:
        raise SendFailed("not_needed", final=True)
    return place.email, invitations.path_for(message.to_place_kind, place)


def _url(message: OutboxMessage, tenant: Tenant, link: str) -> str:
    """The link with its host: the school's for its people, the platform's for everybody else."""
    is_member = message.to_user_id and Membership.objects.filter(user_id=message.to_user_id).exists()
    host = tenant.host if is_member or message.to_place else settings.PLATFORM_HOST
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{host}{link}"
    return f"http://{host}:{settings.BASE_PORT}{link}"
