"""The only writer of calendar addresses of the rota: one a member, made anew or ended by whoever it belongs to."""

import secrets
from hashlib import sha256

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import NotFound
from referrals.emergency.models import DutyFeed, chain_moment
from referrals.emergency.workflow.holders import locked_chain

_TOKEN_BYTES = 32


def hash_of(token: str) -> bytes:
    """By which an address is found. The secret itself is 256 bits and nowhere kept, so a plain hash is enough."""
    return sha256(token.encode()).digest()


@transaction.atomic
def make_feed(*, actor: Actor) -> str:
    """The secret of a new address of the actor's; the one before is dead from this moment. Needs ``duty.take``."""
    require(actor, "duty.take")
    if actor.membership_id is None:
        raise NotFound
    locked_chain()  # of two that are made at once the later stands
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    DutyFeed.objects.filter(member_id=actor.membership_id).delete()
    row = DutyFeed(member_id=actor.membership_id, token_hash=hash_of(token), made_at=chain_moment())
    row.save(force_insert=True)
    record(actor=actor, action="duty_feed.make", obj=row)
    return token


@transaction.atomic
def end_feed(*, actor: Actor) -> bool:
    """The address is dead. False where there was none. Needs ``duty.take``."""
    require(actor, "duty.take")
    locked_chain()
    row = DutyFeed.objects.filter(member_id=actor.membership_id).first()
    if row is None:
        return False
    record(actor=actor, action="duty_feed.end", obj=row)
    row.delete()
    return True
