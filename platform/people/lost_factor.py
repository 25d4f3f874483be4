"""Takes a lost second factor off an account: the operator's word, once somebody has made sure who asks (ADR 0021)."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.actor import Actor, require
from accounts.managers import clean_email
from accounts.models import Membership, User
from accounts.tokens import end_keys
from audit import record
from kernel.clock import now
from kernel.errors import Invalid, Refused
from notifications.models import Channel
from notifications.outbox import enqueue
from people.workflow import is_email
from tenancy.scope import across_tenants, use_tenant

TEMPLATE: Final = "second_factor_off"


class Check(StrEnum):
    """How whoever asks was known to be the account's owner. Closed: a free text would hold names."""

    SEEN = "seen"
    CALLED_BACK = "called_back"
    SCHOOL_CONFIRMED = "school_confirmed"


@transaction.atomic
def take_off_second_factor(*, actor: Actor, email: str, check: str) -> None:
    """Take every second factor and spare code off the account that has proved ``email``, and its password with them.

    So whoever has the password alone gains nothing: the owner sets a new one with a link to the proved address, and their
    role asks for a new factor at once. Sessions end with the password, access keys on every host, and the owner is told
    by e-mail and in 消息 of every school. Nothing tells whether there is such an account or had a factor (ADR 0010).

    Needs ``account.recover``. Invalid ``email_invalid`` or ``recovery_check``; Refused ``own_factor`` for one's own account.
    """
    require(actor, "account.recover")
    if not is_email(email):
        raise Invalid("email_invalid", fields=(("email", "email_invalid", ""),))
    if check not in list(Check):
        raise Invalid("recovery_check", fields=(("check", "recovery_check", ""),))
    user = User.objects.select_for_update(no_key=True).filter(email=clean_email(email)).first()
    if user is not None and user.pk == actor.user_id:
        raise Refused("own_factor")
    places = _places_of(user) if user is not None else []
    if user is not None:
        Authenticator.objects.filter(user_id=user.pk).delete()
        user.set_unusable_password()
        user.save(update_fields=["password"])
        end_keys(user)
        _tell(user, places)
    facts = {"check": check}
    record(
        actor=actor,
        action="account.factor_off",
        object_type="accounts.user",
        object_id=user.pk if user else None,
        facts=facts,
    )


def _places_of(user: User) -> list[tuple[UUID, UUID]]:
    """``(school, place)`` wherever the account is somebody: their 消息 stand there."""
    with across_tenants("the schools of one account, to tell its owner in each"):
        return list(Membership.objects.filter(user_id=user.pk).order_by("tenant_id").values_list("tenant_id", "pk"))


def _tell(user: User, places: list[tuple[UUID, UUID]]) -> None:
    key = f"factor-off:{user.pk}:{now():%Y%m%d%H%M%S%f}"
    enqueue(key=key, template=TEMPLATE, to=user, channels=[Channel.EMAIL])
    for tenant_id, place_id in places:
        with use_tenant(tenant_id):
            place = Membership.objects.get(pk=place_id)
            enqueue(key=key, template=TEMPLATE, to=place, channels=[Channel.IN_APP])
