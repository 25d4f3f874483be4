"""One function per channel. Each sends a claimed message and returns, or raises ``SendFailed`` with a code.

They run outside any transaction, may run twice for the same message, and carry the same key each time.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from accounts import invitations
from accounts.models import Membership
from kernel.clock import now
from notifications.models import Channel, InboxMessage, OutboxMessage
from notifications.providers.gateway import Gateway
from notifications.providers.mail import Mail
from notifications.providers.ports import Failed, Page, Provider
from notifications.texts import INVITATION, Rendered, made_links, render
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
    """Plain text by Django's mailer. The Message-ID is made from the row, so a duplicate can be recognised."""
    address, link = (
        _invitation(message, tenant) if message.template == INVITATION else (_address(message), _link(message))
    )
    text = _text(message)
    body = f"{text.body}\n\n{_url(message, tenant, link)}" if link else text.body
    _by(Mail(), message, tenant, key=str(message.pk), to=address, subject=text.subject, text=body)


def send_gateway(message: OutboxMessage, tenant: Tenant) -> None:
    """To the message gateway (``providers.gateway``)."""
    key = gateway_key(message)
    _by(Gateway(), message, tenant, key=key, to=_address(message), text=_text(message).body)


def _by(
    provider: Provider, message: OutboxMessage, tenant: Tenant, *, key: str, to: str, text: str, subject: str = ""
) -> None:
    """Hand the message over. SendFailed with the provider's reason."""
    page = Page(
        key=key,
        channel=message.channel,
        to=to,
        school=tenant.slug,
        kind=message.template,
        subject=subject,
        text=text,
        written_at=message.created_at,
    )
    outcome = provider.send(page, at=now(), seconds=TIMEOUT_SECONDS)
    if isinstance(outcome, Failed):
        raise SendFailed(outcome.code, final=outcome.is_final)


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


def _link(message: OutboxMessage) -> str:
    """The link as it was written; that of a message which holds a secret is made now, and only while it would open something."""
    make = made_links().get(message.template)
    if make is None:
        return str(message.link)
    path = make(message.to_user_id)
    if path is None:
        raise SendFailed("not_needed", final=True)
    return path


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
