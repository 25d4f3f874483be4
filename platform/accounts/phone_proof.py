"""How a person proves their telephone number: a code is sent to it and typed (ADR 0010). The e-mail address has allauth's own page.

Carriers give numbers to other people. Whoever proves a number takes it over from the account that had it, and nothing
on the pages tells that it was somebody's. A proof grows old (``settings.PHONE_PROOF_DAYS``; docs/sign-in.md).
"""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from accounts.actor import Actor
from accounts.elsewhere import schools_of
from accounts.known_by import numbers_changed
from accounts.models import PHONE_FIELDS, PhoneCode, User, phone_index
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, Invalid, Refused, TooMany
from kernel.identifiers import keyed_hash
from vault.phones import normalise_phone

CODE_LASTS: Final = timedelta(minutes=10)
AGAIN_AFTER: Final = timedelta(minutes=1)
MOST_TRIES: Final = 3


def is_offered() -> bool:
    """Whether a code can be sent here (``settings.SIGN_IN_SMS``). Else no number can be proved, and none is kept."""
    if not settings.SIGN_IN_SMS:
        return False
    return not settings.SIGN_IN_SMS_OFFERED or bool(import_string(settings.SIGN_IN_SMS_OFFERED)())


def has_proved(user_id: UUID | None, number: str) -> bool:
    """Whether the account has proved ``number`` (E.164), however long ago: asked about one's own number alone."""
    return user_id is not None and User.objects.filter(pk=user_id, phone_hash=phone_index(number)).exists()


@transaction.atomic
def ask_code(*, actor: Actor, phone: str, password: str) -> tuple[User, str, str]:
    """Begin: ``(the person, the number, the code to send)``, confirmed by the person's password. The caller sends the code.

    Invalid for a wrong password or a
    number that is none; Refused ``phone_not_offered``; TooMany ``phone_code_soon`` within ``AGAIN_AFTER``.
    """
    if not is_offered():
        raise Refused("phone_not_offered")
    user = _locked(actor, password)
    number = normalise_phone(phone)
    before = PhoneCode.objects.filter(user=user).first()
    if before is not None and now() - before.sent_at < AGAIN_AFTER:
        raise TooMany("phone_code_soon")
    code = f"{secrets.randbelow(1_000_000):06d}"
    kept = PhoneCode(user=user, code_hash=_hash(user, number, code))
    kept.phone = number
    kept.save()
    return user, number, code


def prove(*, actor: Actor, code: str) -> User | None:
    """Finish: keep the number that the code was sent to. The account that had it before and has lost it, or None; the
    caller tells it.

    Invalid ``phone_code_wrong`` for another code, after ``MOST_TRIES`` tries, and after ``CODE_LASTS``: nothing tells
    which. A try is counted under a lock.
    """
    is_right, before = _proved(actor, code)
    if not is_right:
        raise Invalid("phone_code_wrong", fields=(("code", "phone_code_wrong", ""),))
    return before


@transaction.atomic
def _proved(actor: Actor, code: str) -> tuple[bool, User | None]:
    if actor.user_id is None:
        raise Forbidden
    asked = PhoneCode.objects.filter(user_id=actor.user_id).first()
    number = asked.phone if asked else ""
    # Both accounts are locked together, in key order: two that take each other's number would wait for each other.
    either = Q(pk=actor.user_id) | Q(phone_hash=phone_index(number))
    rows = list(User.objects.select_for_update(no_key=True).filter(either).order_by("pk"))
    user = next(row for row in rows if row.pk == actor.user_id)
    kept = PhoneCode.objects.select_for_update(no_key=True).filter(user=user).first()
    if kept is None or kept.tries >= MOST_TRIES or now() - kept.sent_at > CODE_LASTS:
        return False, None
    kept.tries += 1
    kept.save(update_fields=["tries"])
    if not constant_time_compare(bytes(kept.code_hash), _hash(user, number, code.strip())):
        return False, None
    before = next((row for row in rows if row.pk != user.pk), None)
    if before is not None:
        before.keep_proved_phone("")
        before.save(update_fields=PHONE_FIELDS)
    user.keep_proved_phone(number)
    try:
        with transaction.atomic():
            user.save(update_fields=PHONE_FIELDS)
    except IntegrityError:  # somebody else proved it since the rows were looked up: a new code is needed
        return False, None
    kept.delete()
    for school in schools_of(user.pk):
        numbers_changed(school)
    record(actor=actor, action="profile.phone", obj=user, facts={"removed": False})
    return True, before


@transaction.atomic
def remove_phone(*, actor: Actor, password: str) -> None:
    """Forget the number, confirmed by the person's password. Invalid for a wrong one."""
    user = _locked(actor, password)
    PhoneCode.objects.filter(user=user).delete()
    if user.phone_hash is None:
        return
    user.keep_proved_phone("")
    user.save(update_fields=PHONE_FIELDS)
    record(actor=actor, action="profile.phone", obj=user, facts={"removed": True})


def _locked(actor: Actor, password: str) -> User:
    if actor.user_id is None:
        raise Forbidden
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    if not user.check_password(password):
        raise Invalid("password_wrong", fields=(("password", "password_wrong", ""),))
    return user


def _hash(user: User, number: str, code: str) -> bytes:
    return keyed_hash(settings.HASH_KEY, f"accounts.phone_code|{user.pk}|{number}|{code}")


def proved_phone_of(actor: Actor) -> str:
    """The actor's own number while its proof is fresh, in E.164; ``""`` when there is none. NotFound for the machine."""
    user = User.objects.filter(pk=actor.known_user).first()
    return user.proved_phone() if user is not None else ""
