"""Access keys for programs: issued once, stored hashed, bound to a person and a host's tenant."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor, ActorKind
from accounts.models import ApiToken, User
from accounts.places import FACTORS, Known, know_reader, place_part, read_place
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.identifiers import keyed_hash, new_secret
from tenancy.messages import Part, columns_of, read, send, width
from tenancy.models import Tenant
from tenancy.scope import use_tenant

PREFIX = "xq_"  # lets a leaked key be recognised by secret scanners
DAYS = 365
_OWNER = "(SELECT user_id FROM accounts_apitoken WHERE token_hash = %s AND tenant_id = %s)"
_KEY = (
    f"SELECT EXISTS (SELECT FROM mfa_authenticator WHERE type = ANY(%s) AND user_id = owner.id),"  # noqa: S608 - names of the schema
    f" {columns_of(ApiToken, 'key')}, {columns_of(User, 'owner')}"
    " FROM accounts_apitoken key JOIN accounts_user owner ON owner.id = key.user_id"
    " WHERE key.token_hash = %s AND key.tenant_id = %s"
)
MAX_LIVE = 20  # keys a person may hold at a time in one place


def token_hash(raw: str) -> bytes:
    """What the database keeps of a key."""
    return keyed_hash(settings.HASH_KEY, f"accounts.token|{raw}")


@transaction.atomic
def issue_token(*, actor: Actor, label: str, days: int = DAYS) -> tuple[ApiToken, str]:
    """A new key for the actor on the actor's host, and its text, which is shown this once.

    ``days`` from 1 to 365. Invalid for an empty label, other days, or more than ``MAX_LIVE`` living keys;
    Forbidden for the machine.
    """
    if actor.kind is ActorKind.SYSTEM or actor.user_id is None:
        raise Forbidden
    label = label.strip()
    if not label or len(label) > 60:
        raise Invalid("token_label", fields=(("label", "required", ""),))
    if not 1 <= days <= DAYS:
        raise Invalid("token_days", fields=(("days", "out_of_range", f"1-{DAYS}"),))
    User.objects.select_for_update(no_key=True).get(pk=actor.user_id)  # two requests count the same keys one by one
    if own_tokens(actor).filter(revoked_at=None, expires_at__gt=now()).count() >= MAX_LIVE:
        raise Invalid("token_too_many", fields=(("label", "too_many", str(MAX_LIVE)),))
    raw = PREFIX + new_secret(256)
    token = ApiToken.objects.create(
        user_id=actor.user_id,
        tenant_id=actor.tenant_id,
        token_hash=token_hash(raw),
        label=label,
        expires_at=now() + timedelta(days=days),
    )
    record(actor=actor, action="token.issue", obj=token, facts={"days": days})
    return token, raw


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: UUID) -> ApiToken:
    """End one of the actor's own keys at once; a second time changes nothing. NotFound for another's."""
    token = own_tokens(actor).select_for_update(no_key=True).filter(pk=token_id).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        record(actor=actor, action="token.revoke", obj=token)
    return token


@transaction.atomic
def end_keys(user: User, tenant: Tenant | None = None) -> int:
    """End every living key of ``user``, on every host or on that of ``tenant``, each with its row in that host's record.
    Returns how many.

    For the moment a password is replaced: whoever had the old one may have made keys. And for the moment a place is
    taken: a key from before was made at another place, and the program that holds it belongs there.
    """
    keys = living_keys(user) if tenant is None else living_keys(user).filter(tenant=tenant)
    ended = list(keys.select_for_update(no_key=True).order_by("tenant_id", "pk"))
    for token in ended:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        if token.tenant_id is not None:
            with use_tenant(token.tenant_id):
                record(actor=Actor(user_id=user.pk, tenant_id=token.tenant_id), action="token.revoke", obj=token)
    return len(ended)


def living_keys(user: User) -> "QuerySet[ApiToken]":
    """The keys of ``user`` that work, on every host."""
    return ApiToken.objects.filter(user_id=user.pk, revoked_at=None, expires_at__gt=now())


def own_tokens(actor: Actor) -> "QuerySet[ApiToken]":
    """The actor's keys on the actor's host, newest first. NotFound for the machine, which has none."""
    if actor.user_id is None or actor.tenant_id is None:
        raise NotFound
    return ApiToken.objects.filter(user_id=actor.user_id, tenant_id=actor.tenant_id).order_by("-created_at")


def living_token(raw: str, tenant: Tenant) -> tuple[ApiToken, Known] | None:
    """The key with this text if it lives and was made for this host, with its owner, and what else its door has to know;
    one message. Notes the day of use, at most once a day."""
    if not raw.startswith(PREFIX) or len(raw) > 128:
        return None
    key = (token_hash(raw), tenant.id)
    with use_tenant(tenant.id):
        keys, places = send(Part(_KEY, (list(FACTORS), *key)), place_part(tenant, _OWNER, *key))
        if not keys:
            return None
        [row] = keys
        known = Known(place=read_place(tenant, places), holds_factor=row[0])
        split = 1 + width(ApiToken)
        [token], [token.user] = read(ApiToken, [row[1:split]]), read(User, [row[split:]])
        know_reader(known.place, token.user)
    moment = now()
    if not token.is_live(moment) or not token.user.is_active:
        return None
    today = local_day(moment, tenant.time_zone)
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token, known
