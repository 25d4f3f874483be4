"""What a provider is handed for one delivery: a fixed text, never a name or a reason; for somebody outside how to answer."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings

from notifications.models import Channel
from notifications.providers.capability import Kind
from notifications.providers.ports import Choice, Page
from notifications.texts import render
from referrals.emergency import secrets
from referrals.emergency.engine.decide import DIAL
from referrals.emergency.engine.kinds import kind_of
from referrals.emergency.models import Delivery, LegStep, Recipient
from referrals.emergency.rules.sending import ALARM, CARD_CODE
from tenancy.models import Tenant

INBOX: Final = "/my/messages/"
"""Where every colleague finds what they are called for: one address for all, nothing of the incident in it."""

_READ_ALONE: Final = (Channel.SMS, Channel.VOICE)
"""What carries no link of its own: without an address the words "open it" lead nowhere."""

_HEARD: Final = (Choice("1", "听到了"),)
_CHOICES: Final = (Choice("1", "我来处理"), Choice("2", "不是我"))
_WRONG_NUMBER: Final = Choice("9", "打错了")
"""Keys and buttons (``outside.taking``): a colleague has no third, for whoever answers at another number is no colleague."""

MOST_COUNTED: Final = 100
"""Reports of one incident that are counted; so many are said as more than one less."""
_COUNTS: Final = frozenset({"emergency_page_school", "emergency_page_team", "emergency_alarm", "emergency_report_new"})
"""Calls that say how many reports there are, where there is more than one (chain §1)."""

SMS_ALONE: Final = 70
SMS_PART: Final = 67
"""Characters of a text message in Chinese, and of each part of a longer one: every part is paid and counted."""


def asks(text: str) -> bool:
    """Whether it can be answered by a key, a button, a code."""
    return text.startswith("emergency_page_")


def choices_of(delivery: Delivery) -> tuple[Choice, ...]:
    """What can be pressed; none where nothing is asked."""
    if is_heard_by_key(delivery):
        return _HEARD
    if not asks(delivery.text):
        return ()
    return _CHOICES if delivery.recipient.member_id is not None else (*_CHOICES, _WRONG_NUMBER)


def kind_of_delivery(delivery: Delivery) -> Kind:
    """By which a channel says whether it may carry it."""
    has_code = asks(delivery.text) or delivery.text == CARD_CODE
    return kind_of(delivery.text, has_code=delivery.recipient.member_id is None and has_code)


def params_of(delivery: Delivery) -> Mapping[str, str]:
    """With what an approved template is filled: nothing, but to somebody outside who is asked to answer."""
    if kind_of_delivery(delivery) is not Kind.OUTSIDE:
        return {}
    return {"code": _code_in(delivery), "number": delivery.recipient.shown_number}


def _code_in(delivery: Delivery) -> str:
    """The recipient's own, which answers; in a call that was asked for another, which opens the card and answers nothing."""
    if delivery.text == CARD_CODE:
        return secrets.card_code_of(delivery.pk)
    return secrets.code_of(delivery.recipient_id)


def context_of(delivery: Delivery) -> Mapping[str, str]:
    """What stands behind a text: whoever hears that something is over reads of what, for it may be the second that night.

    A colleague reads the incident's number; somebody outside the four digits of their own page, where it had any.
    """
    recipient = delivery.recipient
    if kind_of(delivery.text) is not Kind.STAND_DOWN:
        return {}
    if recipient.member_id is not None:
        return {"number": delivery.leg.incident.number}
    return {"number": recipient.shown_number} if recipient.step.purpose == LegStep.Purpose.STEP else {}


def message_for(delivery: Delivery, school: Tenant, *, reports: int = 0, email: str = "") -> Page:
    """The page as every provider gets it (chain §4); which template it goes by is the way's. ``reports``: of its incident;
    ``email``: of the colleague, for that channel.
    """
    recipient, leg, kind, channel = delivery.recipient, delivery.leg, kind_of_delivery(delivery), delivery.channel
    is_colleague, choices = recipient.member_id is not None, choices_of(delivery)
    said = render(delivery.text, context_of(delivery), settings.LANGUAGE_CODE)
    to = recipient.address
    if is_colleague and channel == Channel.EMAIL:
        to = email
    text = f"{said.subject}。{said.body}{_how_many(delivery, reports)}"
    if delivery.text == DIAL:
        text += f"要拨 {recipient.role.partition(':')[2]}。"
    if channel == Channel.VOICE:
        text += _keys(choices)
    if is_heard_by_key(delivery):
        text += (
            "请打电话找到能接手的老师。" if channel == Channel.VOICE else "听到请回复 1，再请打电话找到能接手的老师。"
        )
    if delivery.text == CARD_CODE:
        text += f"{_spaced(_code_in(delivery))}。"
    elif kind is Kind.OUTSIDE:
        text += _how_to_answer(recipient, school)
    elif kind is Kind.PAGE and channel != Channel.IN_APP:
        text += _where(delivery, school, len(text))
    link = f"/centre/emergency/{leg.incident_id}/" if is_colleague else "/a/"
    own = {
        "incident": str(leg.incident_id),
        "track": leg.kind,
        "leg": str(leg.pk),
        "step": recipient.role,
    }
    reference = secrets.reference_of(delivery.pk)
    return Page(
        key=reference,
        channel=channel,
        to=to,
        school=school.slug,
        kind="chain",
        params=params_of(delivery),
        text=text,
        subject=said.subject,
        link=_whole(link, school.host if is_colleague else settings.PLATFORM_HOST),
        call_reference=reference,
        choices=choices,
        own=own,
        written_at=delivery.created_at,
    )


def is_heard_by_key(delivery: Delivery) -> bool:
    """Whether a line outside says by a key that it has heard the alarm; a colleague opens the page and takes the leg."""
    return delivery.text == ALARM and delivery.recipient.member_id is None


def _how_many(delivery: Delivery, reports: int) -> str:
    if reports < 2 or delivery.text not in _COUNTS:
        return ""
    return f"已收到 {reports} 份报告。" if reports < MOST_COUNTED else f"已收到的报告超过 {MOST_COUNTED - 1} 份。"


def _whole(path: str, host: str) -> str:
    """With its host: a card of WeCom opens nothing else."""
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{host}{path}"
    return f"http://{host}:{settings.BASE_PORT}{path}"


def parts_of(length: int) -> int:
    """In how many parts a Chinese text message of ``length`` characters leaves."""
    return 1 if length <= SMS_ALONE else -(-length // SMS_PART)


def _keys(choices: Sequence[Choice]) -> str:
    """Which key means what: whoever hears a call sees no button."""
    return "，".join(f"{choice.label}请按 {choice.key}" for choice in choices) + "。" if choices else ""


def _where(delivery: Delivery, school: Tenant, length: int) -> str:
    """Where a colleague opens it, on a channel that carries no link, and where whoever is called calls back (chain §5).

    A text message becomes no part longer by it: the number is left out then. ``length``: what stands before.
    """
    is_read_alone = delivery.channel in _READ_ALONE or (delivery.channel == Channel.WECOM and not asks(delivery.text))
    is_shown = delivery.recipient.member_id is not None and is_read_alone
    opens = f"请打开 {_shown_host(school.host)}{INBOX}" if is_shown else ""
    call = f"回电 {school.duty_phone}" if school.duty_phone else ""
    whole = f"{opens}，或{call}" if opens and call else opens or (f"可{call}" if call else "")
    if delivery.channel == Channel.SMS and parts_of(length + len(whole) + 1) > parts_of(length + len(opens) + 1):
        whole = opens
    return f"{whole}。" if whole else ""


def _how_to_answer(recipient: Recipient, school: Tenant) -> str:
    spaced = _spaced(secrets.code_of(recipient.pk))
    call = f"，或回电 {school.duty_phone}" if school.duty_phone else ""
    return f"编号 {recipient.shown_number}。请打开 {_shown_host(settings.PLATFORM_HOST)}/a/ 输入 {spaced}{call}。"


def _spaced(code: str) -> str:
    return " ".join((code[:3], code[3:6], code[6:]))


def _shown_host(host: str) -> str:
    """As somebody types it; the port is the development server's."""
    return host if settings.SECURE_SSL_REDIRECT else f"{host}:{settings.BASE_PORT}"
