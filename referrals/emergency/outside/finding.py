"""Whom a secret from outside belongs to, whatever their school: the secret is all that is known of it (chain §4)."""

import re
from typing import Any, Final, NamedTuple
from uuid import UUID

from stdnum import damm

from kernel.fold import fold_text
from referrals.emergency import secrets
from referrals.emergency.models import Delivery, Recipient
from tenancy.scope import across_tenants

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{27}", re.ASCII)
REFERENCE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
MOST_ALIKE: Final = 20
_CHINESE: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_BETWEEN: Final = re.compile(r"[\s.,·\-–—_]+")
_DIGITS_OF_A_CODE: Final = secrets.CODE_DIGITS + 1
_CODE_IN_TEXT: Final = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){8}(?!\d)")


class Located(NamedTuple):
    """A row of one school."""

    tenant_id: UUID
    pk: UUID


def by_token(token: str) -> Located | None:
    """The recipient of a link."""
    if not TOKEN.fullmatch(token):
        return None
    return next(iter(_located(Recipient, token_hash=secrets.token_hash(token))), None)


def by_code(code: str) -> list[Located]:
    """Recipients with this code: eight digits are few, so two schools may have the same; the last four digits decide."""
    return _located(Recipient, code_hash=secrets.code_hash(code)) if is_code(code) else []


def by_reference(reference: str) -> Located | None:
    """The delivery that a provider was given this reference for."""
    if not REFERENCE.fullmatch(reference):
        return None
    return next(iter(_located(Delivery, reference_hash=secrets.reference_hash(reference))), None)


def _located(model: type[Recipient] | type[Delivery], **by: bytes) -> list[Located]:
    with across_tenants("whose a link, a typed code or the reference of a call is, of every school"):
        rows: Any = model.objects.filter(**by).order_by("-pk").values_list("tenant_id", "pk")[:MOST_ALIKE]
        return [Located(tenant, pk) for tenant, pk in rows]


def is_code(digits: str) -> bool:
    """Whether these are nine digits of which the last fits the others."""
    return len(digits) == _DIGITS_OF_A_CODE and digits.isascii() and digits.isdigit() and bool(damm.is_valid(digits))


def digits_of(typed: str) -> str:
    """The digits of what was typed, in any spelling that people use, blanks and strokes left out; ``""`` for anything else."""
    plain = _BETWEEN.sub("", fold_text(typed[:200])).translate(_CHINESE)
    return "".join(str(int(sign)) for sign in plain) if plain.isdecimal() else ""


def codes_in(text: str) -> list[str]:
    """Whole codes in a reply, each once."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in fold_text(text))
    found = (re.sub(r"\D", "", code) for code in _CODE_IN_TEXT.findall(plain))
    return list(dict.fromkeys(code for code in found if is_code(code)))
