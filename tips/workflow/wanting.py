"""A relative asks for tips by e-mail or on their page, proves address or number, says that they are still welcome.

The way in is a family link; what is agreed to is the consent to ``tips``, which families keep. Locks: link → subscription.
"""

import hmac
import re
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.fields import EmailField
from audit import record
from families import links
from families.models import Consent, FamilyLink
from families.purposes import Purpose
from families.states import ConsentState
from families.workflow import FAMILY
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from tips import rules
from tips.models import MAIL, PAGE, Letter, LetterKind, LetterState, Rhythm, Subscription
from tips.ways import mail_is_offered, number_is_offered
from vault.blind import blind_index
from vault.phones import normalise_phone

_DIGITS: Final = 6
MOBILE: Final = re.compile(r"\+861[3-9][0-9]{9}")
SENT_OUT: Final = (LetterState.DUE, LetterState.SENDING, LetterState.SENT, LetterState.LOST)
"""States of a code that went or may have gone."""


def index_of(address: str) -> bytes:
    """By what an address is known again without being opened."""
    return blind_index(current_tenant_id(), "tips_address", address)


def code_index(subscription_id: UUID, code: str) -> bytes:
    """What is kept of a code."""
    return blind_index(current_tenant_id(), f"tips_code:{subscription_id}", code)


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


@transaction.atomic
def ask_tips(*, token: str, address: str, rhythm: str) -> Letter:
    """Write down where tips should go; nothing goes there but a code, until it comes back. Returns the letter with it.

    Asking again replaces what was asked and is the way to change address or rhythm. NotFound for a link that may not;
    Refused ``tips_no_mail``; Invalid ``tips_address_wrong``, ``tips_rhythm_unknown``; TooMany ``tips_code_soon``.
    """
    link, consent = _agreed(token)
    if not mail_is_offered():
        raise Refused("tips_no_mail")
    return _ask(link, consent, channel=MAIL, address=_checked_address(address), rhythm=rhythm, moment=now())


@transaction.atomic
def ask_tips_by_number(*, token: str, phone: str, rhythm: str) -> Letter:
    """Write down a number to prove; nothing goes there but a code. Once it came back, tips stand on the family's page.

    As ``ask_tips``. Refused ``tips_no_sms`` where no code can be sent, ``tips_sms_quiet`` outside 7:00–21:00 of the
    school, for the number may be somebody else's; Invalid ``tips_phone_wrong``. A number that had its codes of the day
    through whatever link gets none, and nothing tells so: the letter is dropped.
    """
    link, consent = _agreed(token)
    if not number_is_offered(consent):
        raise Refused("tips_no_sms")
    number, moment = _checked_number(phone), now()
    if not rules.is_open(rules.local_of(moment, Tenant.objects.get(pk=current_tenant_id()).time_zone)):
        raise Refused("tips_sms_quiet")
    had = Letter.objects.filter(
        address_index=index_of(number), kind=LetterKind.CODE, state__in=SENT_OUT, created_at__gt=moment - rules.A_DAY
    ).count()
    letter = _ask(link, consent, channel=PAGE, address=number, rhythm=rhythm, moment=moment)
    if had >= rules.CODES_A_DAY:
        letter.state = LetterState.DROPPED
        letter.save(update_fields=["state"])
    return letter


def _ask(link: FamilyLink, consent: Consent, *, channel: str, address: str, rhythm: str, moment: datetime) -> Letter:
    if rhythm not in Rhythm.values:
        raise Invalid("tips_rhythm_unknown", fields=(("rhythm", "tips_rhythm_unknown", ""),))
    _not_too_often(consent, moment)
    found = _open(consent)
    if found is not None and found.confirmed_at is not None:
        _end(found, moment)
        found = None
    wanted = found or Subscription(relative_id=link.relative_id, consent=consent)
    wanted.channel, wanted.rhythm = channel, rhythm
    wanted.address, wanted.address_index = address, index_of(address)
    wanted.code_hash = wanted.code_until = None
    wanted.code_tries = 0
    wanted.seen_at = moment
    wanted.save()
    letter = Letter.objects.create(
        subscription=wanted, channel=channel, kind=LetterKind.CODE, address_index=wanted.address_index
    )
    record(actor=FAMILY, action="tips.ask", obj=wanted, facts={"relative": link.relative_id})
    return letter


def confirm_tips(*, token: str, code: str) -> None:
    """The code came back: from now on letters go to that address. May run twice.

    Invalid ``tips_code_wrong``, after five tries and after half an hour Refused ``tips_code_over``; Conflict
    ``tips_address_taken`` when the same mailbox gets the tips already.
    """
    if not _took_code(token, code.strip()):  # a wrong try is counted: it commits, then it is told
        raise Invalid("tips_code_wrong", fields=(("code", "tips_code_wrong", ""),))


@transaction.atomic
def _took_code(token: str, code: str) -> bool:
    _link, consent = _agreed(token)
    wanted = _open(consent)
    if wanted is None:
        raise NotFound
    if wanted.confirmed_at is not None:
        return True
    moment = now()
    if wanted.code_hash is None or wanted.code_until is None or moment >= wanted.code_until:
        raise Refused("tips_code_over")
    if wanted.code_tries >= rules.MOST_TRIES:
        raise Refused("tips_code_over")
    if not hmac.compare_digest(bytes(wanted.code_hash), code_index(wanted.pk, code)):
        wanted.code_tries += 1
        wanted.save(update_fields=["code_tries"])
        return False
    wanted.confirmed_at = wanted.seen_at = wanted.next_at = moment
    wanted.code_hash = wanted.code_until = None
    try:
        with transaction.atomic():
            wanted.save(update_fields=["confirmed_at", "seen_at", "next_at", "code_hash", "code_until"])
    except IntegrityError as error:
        raise Conflict("tips_address_taken") from error
    record(actor=FAMILY, action="tips.confirm", obj=wanted, facts={"relative": wanted.relative_id})
    return True


@transaction.atomic
def note_seen(*, token: str) -> None:
    """Somebody touched the page: the year begins anew. By POST alone, so that a scanner of mails keeps nothing alive."""
    _link, consent = _agreed(token)
    wanted = _open(consent)
    if wanted is not None:
        wanted.seen_at = now()
        wanted.save(update_fields=["seen_at"])


@transaction.atomic
def drop_address(*, token: str) -> None:
    """No more letters; the agreement to tips stands, so the page goes on showing them. May run twice."""
    _link, consent = _agreed(token)
    wanted = _open(consent)
    if wanted is not None:
        _end(wanted, now())


def close(wanted: Subscription, why: rules.End, moment: datetime) -> None:
    """End a locked subscription. The address goes when nothing more is to be sent there."""
    wanted.ended_at, wanted.ended_why = moment, why.value
    wanted.code_hash = wanted.code_until = None
    if why is rules.End.STOPPED:
        wanted.address = ""
    wanted.save(update_fields=["ended_at", "ended_why", "code_hash", "code_until", "address_sealed"])


def _end(wanted: Subscription, moment: datetime) -> None:
    close(wanted, rules.End.STOPPED, moment)
    record(actor=FAMILY, action="tips.end", obj=wanted, facts={"why": rules.End.STOPPED.value})


def _agreed(token: str) -> tuple[FamilyLink, Consent]:
    """A live link for tips that were agreed to, locked. NotFound for every other."""
    link = links.find(token, lock=True)
    if not link.is_live(now()) or link.purpose != Purpose.TIPS or link.act == FamilyLink.Act.ANSWER:
        raise NotFound
    consent = Consent.objects.get(pk=link.consent_id)
    if consent.state != ConsentState.GIVEN:
        raise NotFound
    # Two links of one agreement are two rows: the agreement's row puts their acts in an order.
    return link, Consent.objects.select_for_update(no_key=True).get(pk=consent.pk)


def _open(consent: Consent) -> Subscription | None:
    rows = Subscription.objects.select_for_update(no_key=True)
    found: Subscription | None = rows.filter(consent=consent, ended_at__isnull=True).first()
    return found


def _not_too_often(consent: Consent, moment: datetime) -> None:
    codes = Letter.objects.filter(subscription__consent=consent, kind=LetterKind.CODE)
    times = sorted(codes.filter(created_at__gt=moment - rules.A_DAY).values_list("created_at", flat=True))
    if times and (len(times) >= rules.CODES_A_DAY or moment - times[-1] < rules.CODE_APART):
        raise TooMany("tips_code_soon")


def _checked_address(raw: str) -> str:
    try:
        return str(EmailField(max_length=254).clean(raw))
    except ValidationError as error:
        raise Invalid("tips_address_wrong", fields=(("address", "tips_address_wrong", ""),)) from error


def _checked_number(raw: str) -> str:
    """A mobile number of the mainland in E.164: texts abroad cost many times as much, and whoever types one pays nothing."""
    try:
        number = normalise_phone(raw)
    except Invalid:
        number = ""
    if not MOBILE.fullmatch(number):
        raise Invalid("tips_phone_wrong", fields=(("phone", "tips_phone_wrong", ""),))
    return number
