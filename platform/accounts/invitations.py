"""Invitations: a person without a password is sent a link by e-mail to choose one.

The link is made when the message is sent and stands in no table: whoever reads the database can use none. It ends after
``settings.INVITATION_DAYS`` and with the first password, and nothing tells a wrong link from a used or an old one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string

from accounts.actor import Actor, require
from accounts.models import Membership, User
from accounts.places import actor_at
from audit import record
from kernel.clock import now
from kernel.errors import NotFound, Refused, TooMany
from tenancy.models import Tenant

AGAIN_AFTER: Final = timedelta(hours=1)
"""The least time between two invitations of one person."""

_SALT: Final = "accounts.invitation"


class Writes(Protocol):
    """``settings.INVITATION_OUTBOX``: notifications stands above accounts, so it is handed in by name."""

    def __call__(self, messages: Sequence[tuple[str, Membership]]) -> None:
        """Write a message per ``(key, member)`` into the caller's transaction; the same key again writes nothing."""


def is_open(user: User) -> bool:
    """Whether an invitation would help: there is an address, and no password yet."""
    return bool(user.is_active and user.email and not user.has_usable_password())


def invite(members: Iterable[Membership]) -> list[UUID]:
    """Invite those of ``members`` (``user`` loaded) whom it helps; their ids. Inside the caller's transaction."""
    chosen = [member for member in members if is_open(member.user)]
    if not chosen:
        return []
    ids = [member.pk for member in chosen]
    moment = now()
    for member in chosen:
        member.invited_at = moment
    Membership.objects.filter(pk__in=ids).update(invited_at=moment)
    _write(chosen)
    return ids


def _write(members: Iterable[Membership]) -> None:
    """A message each, with a key of its own: two invitations of one person are two messages."""
    write: Writes = import_string(settings.INVITATION_OUTBOX)
    write([(f"invitation:{member.pk}:{member.invited_at:%Y%m%d%H%M%S%f}", member) for member in members])


def mark_invited(members: Iterable[Membership]) -> list[Membership]:
    """Of members (``user`` loaded) that are about to be written for the first time: those who stay and whom an invitation
    helps, marked as invited. Written once instead of twice; ``invite_newcomers`` follows in the same transaction.
    """
    chosen = [member for member in members if member.left_on is None and is_open(member.user)]
    moment = now()
    for member in chosen:
        member.invited_at = moment
    return chosen


def invite_newcomers(members: Sequence[Membership]) -> None:
    """Write the messages to those that ``mark_invited`` chose."""
    if members:
        _write(members)


@transaction.atomic
def invite_again(*, actor: Actor, membership_id: UUID) -> None:
    """Send one member another invitation. Needs ``member.manage``.

    Refused (``invitation_needless``) for somebody who left, has a password or no address; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, "member.manage")
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    member: Membership | None = rows.filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    if not is_open(member.user) or member.left_on is not None:
        raise Refused("invitation_needless")
    if member.invited_at is not None and now() - member.invited_at < AGAIN_AFTER:
        raise TooMany("invitation_too_soon")
    invite([member])
    record(actor=actor, action="invitation.send", obj=member)


def path_for(user: User) -> str:
    """The link's path, made anew at each call."""
    token = signing.dumps({"u": str(user.pk), "f": _state_of(user)}, salt=_SALT, compress=True)
    return reverse("account_invitation", args=[token])


def invited(token: str, tenant: Tenant) -> User:
    """Whose invitation this is. NotFound for a link that is wrong, used, too old, or of somebody without a place here."""
    return _open(token, tenant, User.objects.all())


@transaction.atomic
def accept(*, token: str, tenant: Tenant, password: str) -> User:
    """Set the first password. NotFound as ``invited``; django's ValidationError for a weak password."""
    user = _open(token, tenant, User.objects.select_for_update(no_key=True))
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    actor = actor_at(tenant, user)
    if actor is None:
        raise NotFound
    record(actor=replace(actor, display_name=""), action="invitation.accept", obj=user)
    return user


def _open(token: str, tenant: Tenant, users: Any) -> User:
    age = timedelta(days=settings.INVITATION_DAYS)
    try:
        said = signing.loads(token, salt=_SALT, max_age=age)
        user: User | None = users.filter(pk=UUID(said["u"])).first()
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotFound("invitation_ended") from None
    if user is None or not is_open(user) or not constant_time_compare(said.get("f", ""), _state_of(user)):
        raise NotFound("invitation_ended")
    if actor_at(tenant, user) is None:
        raise NotFound("invitation_ended")
    return user


def _state_of(user: User) -> str:
    """Another one as soon as a password is set or the address changes."""
    return salted_hmac(_SALT, f"{user.pk}:{user.password}:{user.email}", algorithm="sha256").hexdigest()[:32]
