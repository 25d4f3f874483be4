"""Adds an operator: the first one, by whoever has the server, and each further one with a word to all who operate already."""

from typing import Final

from django.db import transaction

from accounts.actor import system_in
from accounts.models import User
from accounts.operators import new_operator, operators, waiting_operator
from audit import record
from kernel.errors import Conflict, Invalid
from notifications.models import Channel
from notifications.outbox import enqueue
from people.workflow import is_email
from schools.workflow import platform_tenant
from tenancy.models import Tenant
from tenancy.scope import use_tenant

TEMPLATE: Final = "operator_added"
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
    with use_tenant(platform.pk):
        record(
            actor=system_in(platform.pk),
            action="operator.add",
            object_type="accounts.user",
            object_id=user.pk,
            facts={"rows": len(present) + 1},
        )
        for one in present:
            enqueue(key=f"operator-added:{user.pk}", template=TEMPLATE, to=one, channels=[Channel.EMAIL])
    return user
