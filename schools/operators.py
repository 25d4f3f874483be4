"""Adds and removes operators, by whoever has the server, with a word to all who operate the installation beside them."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from accounts.actor import system_in
from accounts.managers import clean_email
from accounts.models import User
from accounts.operators import can_sign_in, disable, new_operator, operators, waiting_operator
from audit import record
from kernel.errors import Conflict, Invalid, NotFound
from notifications.models import Channel
from notifications.outbox import enqueue
from people.workflow import is_email
from schools.workflow import platform_tenant
from tenancy.models import Tenant
from tenancy.scope import use_tenant

ADDED: Final = "operator_added"
REMOVED: Final = "operator_removed"
_LONGEST: Final = 80


@transaction.atomic
def add_operator(*, email: str, name: str, is_another: bool = False) -> User:
    """The platform's own row and an operator without a password, who is written into the platform's record.

    For whoever has the server, not for a page: who can add an operator could as well read the keys. Everybody who operates
    already is told by e-mail. Once more for one who has not chosen a password yet: nothing is added, and a new link can be
    made. Invalid ``email_invalid`` or ``name_missing``; Conflict ``operator_exists`` unless ``is_another``, ``account_exists``.
    """
    name = name.strip()
    if not is_email(email):
        raise Invalid("email_invalid", fields=(("email", "email_invalid", ""),))
    if not name or len(name) > _LONGEST:
        raise Invalid("out_of_range", fields=(("name", "out_of_range", ""),))
    platform = platform_tenant()
    Tenant.objects.select_for_update(no_key=True).get(pk=platform.pk)  # two firsts at once stand in a row
    if (waiting := waiting_operator(email)) is not None:
        return waiting
    present = list(operators())
    if present and not is_another:
        raise Conflict("operator_exists")
    user = new_operator(email=email, name=name)
    _tell(platform, user, "operator.add", ADDED, present)
    return user


@transaction.atomic
def remove_operator(*, email: str) -> User:
    """Disables the account: what is open with it is shut at its next request, and its keys open nothing.

    For whoever has the server. NotFound for an address that nobody operates with; Conflict ``operator_last`` for the only one
    who is left and can sign in: without anybody no school could be opened.
    """
    platform = platform_tenant()
    Tenant.objects.select_for_update(no_key=True).get(pk=platform.pk)  # the last two at once stand in a row
    present = list(operators())
    user = next((one for one in present if one.email == clean_email(email)), None)
    if user is None:
        raise NotFound
    left = [one for one in present if one != user]
    if not any(map(can_sign_in, left)):
        raise Conflict("operator_last")
    disable(user)
    _tell(platform, user, "operator.remove", REMOVED, left)
    return user


def _tell(platform: Tenant, user: User, act: str, template: str, others: Sequence[User]) -> None:
    """A row of the platform's record, and a letter to everybody else who operates it."""
    with use_tenant(platform.pk):
        record(
            actor=system_in(platform.pk),
            action=act,
            object_type="accounts.user",
            object_id=user.pk,
            facts={"rows": operators().count()},
        )
        for one in others:
            enqueue(key=f"{act}:{user.pk}", template=template, to=one, channels=[Channel.EMAIL])
