"""What a provider is handed for one delivery: a fixed text, never a name or a reason; for somebody outside how to answer."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from accounts.models import Membership
from notifications.models import Channel
from notifications.providers.capability import Kind
from notifications.providers.ports import Choice, Page
from notifications.texts import render
from referrals.emergency import secrets
from referrals.emergency.engine.decide import DIAL
from referrals.emergency.engine.kinds import kind_of
from referrals.emergency.models import Delivery, Recipient
from tenancy.models import Tenant

INBOX: Final = "/my/messages/"
"""Where every colleague finds what they are called for: one address for all, nothing of the incident in it."""

_READ_ALONE: Final = (Channel.SMS, Channel.VOICE)
"""What carries no link of its own: without an address the words "open it" lead nowhere."""

_CHOICES: Final = (Choice("1", "我来处理"), Choice("2", "不是我"))


def asks(delivery: Delivery) -> bool:
    """Whether it can be answered by a key, a button, a code."""
    return delivery.text.startswith("emergency_page_")


def kind_of_delivery(delivery: Delivery) -> Kind:
    """By which a channel says whether it may carry it."""
    return kind_of(delivery.text, has_code=delivery.recipient.member_id is None and asks(delivery))


def params_of(delivery: Delivery) -> Mapping[str, str]:
    """With what an approved template is filled: nothing, but to somebody outside who is asked to answer."""
    if kind_of_delivery(delivery) is not Kind.OUTSIDE:
        return {}
    return {"code": secrets.code_of(delivery.recipient_id), "number": delivery.recipient.shown_number}


def message_for(delivery: Delivery, school: Tenant) -> Page:
    """The page as every provider gets it (chain §4); which template it goes by is the way's."""
    recipient, leg = delivery.recipient, delivery.leg
    said = render(delivery.text, {}, settings.LANGUAGE_CODE)
    to = recipient.address
    link, body = f"/centre/emergency/{leg.incident_id}/", said.body
    if delivery.text == DIAL:
        body += recipient.role.partition(":")[2]
    if recipient.member_id is not None and delivery.channel in _READ_ALONE and kind_of_delivery(delivery) is Kind.PAGE:
        body += f"请打开 {_shown_host(school.host)}{INBOX}。"
    if recipient.member_id is None:
        link = "/a/"
        if asks(delivery):
            body += _how_to_answer(recipient, school)
    elif delivery.channel == Channel.EMAIL:
        to = Membership.objects.values_list("email", flat=True).get(pk=recipient.member_id)
    own = {
        "incident": str(leg.incident_id),
        "track": leg.kind,
        "leg": str(leg.pk),
        "step": recipient.role,
    }
    return Page(
        key=secrets.reference_of(delivery.pk),
        channel=delivery.channel,
        to=to,
        school=school.slug,
        kind="chain",
        params=params_of(delivery),
        text=f"{said.subject}。{body}",
        subject=said.subject,
        link=_whole(link, school.host if recipient.member_id else settings.PLATFORM_HOST),
        call_reference=secrets.reference_of(delivery.pk),
        choices=_CHOICES if asks(delivery) else (),
        own=own,
        written_at=delivery.created_at,
    )


def _whole(path: str, host: str) -> str:
    """With its host: a card of WeCom opens nothing else."""
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{host}{path}"
    return f"http://{host}:{settings.BASE_PORT}{path}"


def _how_to_answer(recipient: Recipient, school: Tenant) -> str:
    code = secrets.code_of(recipient.pk)
    spaced = " ".join((code[:3], code[3:6], code[6:]))
    call = f"，或回电 {school.duty_phone}" if school.duty_phone else ""
    return f"编号 {recipient.shown_number}。请打开 {_shown_host(settings.PLATFORM_HOST)}/a/ 输入 {spaced}{call}。"


def _shown_host(host: str) -> str:
    """As somebody types it; the port is the development server's."""
    return host if settings.SECURE_SSL_REDIRECT else f"{host}:{settings.BASE_PORT}"
