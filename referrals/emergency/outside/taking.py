"""Keys, replies and buttons that a provider hands in (``settings.ANSWERS_TAKER``, chain §4).

An answer counts by the 128-bit reference of its page, or by the code of its recipient. A call that is not signed counts by
the reference alone: who knows only a code and cannot sign may leave a note, and acknowledges nothing. A press in WeCom
counts for the member to whom that very card was sent, and for nobody else.
"""

import re
from typing import Final
from uuid import UUID

from kernel.errors import NotFound
from kernel.fold import fold_text
from notifications.answers import Answer, AnswerKind, Source
from referrals.emergency import secrets
from referrals.emergency.models import Delivery, Recipient
from referrals.emergency.outside import finding
from referrals.emergency.outside.finding import Located
from referrals.emergency.rules.sending import ALARM
from referrals.emergency.workflow import outside
from referrals.emergency.workflow.outside import Said
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

ASKING: Final = "emergency_page_"
"""How the texts begin that ask for an answer; to a stand-down there is none."""

KEYS: Final = {"1": Said.TAKE, "2": Said.DECLINE, "9": Said.WRONG_NUMBER}
HEARD: Final = "1"
"""The one key that the alarm asks a line outside for; it takes nothing."""

_WRONG: Final = re.compile("打错|错号|wrong number")
_DENIED: Final = re.compile(r"(?:(?:没有?|未)[说拨]?|并非|不是[您你]?们?|(?:not|isn.?t)(?: an?)?)\s*$")
"""What stands before them where nobody was called wrongly: whoever says that it is no wrong number may be on the way."""
_ASKED: Final = re.compile("[?？吗]|是不是|是否")
_EDGES: Final = re.compile(r"^[\s#*。.!！,，]+|[\s#*。.!！,，]+$")


def take_answer(answer: Answer, host: Tenant) -> None:
    """What ``answer`` says, once and however often it comes. NotFound for what is unknown, another school's, or over."""
    page = finding.by_reference(answer.key)
    codes = finding.codes_in(answer.value) if answer.kind is AnswerKind.REPLY else []
    found = _recipient_of(page) if page else _by_codes(codes)
    if found is None or (host.kind != TenantKind.PLATFORM and host.pk != found.tenant_id):
        raise NotFound
    with use_tenant(found.tenant_id):
        if answer.source is Source.WECOM and not (page and _went_to(page.pk, answer.member)):
            raise NotFound
        said = _said(answer.value, codes, _codes_of(found.pk, codes))
        if (page is None and not answer.is_signed) or (page is not None and not _asks(page.pk)):
            said = None
        if page is not None and _is_alarm(page.pk) and answer.value.strip("# *") == HEARD:
            outside.heard(recipient_id=found.pk)
        elif said is None:
            outside.say(recipient_id=found.pk, words=answer.value)
        else:
            outside.answer(recipient_id=found.pk, said=said, may_give_up=True)


def _recipient_of(page: Located) -> Located | None:
    with use_tenant(page.tenant_id):
        recipient = Delivery.objects.filter(pk=page.pk).values_list("recipient_id", flat=True).first()
    return Located(page.tenant_id, recipient) if recipient else None


def _by_codes(codes: list[str]) -> Located | None:
    """The one recipient of the one code; None where it could be two."""
    found = finding.by_code(codes[0]) if len(codes) == 1 else []
    return found[0] if len(found) == 1 else None


def _codes_of(recipient_id: UUID, codes: list[str]) -> bool:
    """Whether every code of a reply is the recipient's own. NotFound for another's: it was written down wrong, or tried."""
    if not codes:
        return False
    kept = Recipient.objects.values_list("code_hash", flat=True).get(pk=recipient_id)
    if any(kept is None or secrets.code_hash(code) != bytes(kept) for code in codes):
        raise NotFound
    return True


def _said(value: str, codes: list[str], is_own_code: bool) -> Said | None:
    """What a value means; None for words. A typed code by itself is a yes."""
    plain = fold_text(value).lower()
    wrong = _WRONG.search(plain)
    if wrong is not None:  # asked or denied it is words for whoever is on duty, and costs nobody a contact
        is_meant = not _ASKED.search(plain) and not _DENIED.search(plain[: wrong.start()])
        return Said.WRONG_NUMBER if is_meant else None
    for code in codes:
        plain = re.sub(r"[ .\-]?".join(code), " ", plain)
    rest = _EDGES.sub("", plain)
    if rest in KEYS:
        return KEYS[rest]
    return Said.TAKE if is_own_code and not rest else None


def _asks(delivery_id: UUID) -> bool:
    return Delivery.objects.filter(pk=delivery_id, text__startswith=ASKING).exists()


def _went_to(delivery_id: UUID, member: str) -> bool:
    """Whether a card of WeCom was sent to ``member``: whoever else presses it is nobody."""
    kept = Delivery.objects.values_list("member_hash", flat=True).get(pk=delivery_id)
    return kept is not None and bytes(kept) == secrets.member_hash(member)


def _is_alarm(delivery_id: UUID) -> bool:
    return Delivery.objects.filter(pk=delivery_id, text=ALARM, recipient__member=None).exists()
