"""The only writers of the record."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.db import models, router, transaction

from audit import chain
from audit.facts import checked_action, checked_facts
from audit.models import AuditEntry, AuditHead, object_of
from kernel.clock import now
from registry import contributions
from tenancy.editions import begin_new
from tenancy.messages import Part, insert, read, rows_of, send, update
from tenancy.scope import current_tenant_id

SYSTEM_KIND = "system"
REPEATS: Final = timedelta(minutes=10)
"""In this time the same refusal of the same person leaves one row."""
_LOOKED_AT: Final = 300
"""How many of a person's newest rows are looked at: more than anybody leaves in ten minutes by hand."""
_NO_FACTS: Mapping[str, Any] = {}


class Acting(Protocol):
    """Whoever acts: ``accounts.actor.Actor`` fits. The record lies below accounts and does not know it."""

    @property
    def user_id(self) -> UUID | None: ...

    @property
    def kind(self) -> str: ...


class OutsideTransaction(RuntimeError):
    """A row of the record was to be written without the transaction of its act: it could say what never happened."""


def record(
    *,
    actor: Acting | None,
    action: str,
    obj: models.Model | None = None,
    object_type: str | None = None,
    object_id: str | UUID | None = None,
    facts: Mapping[str, Any] = _NO_FACTS,
) -> AuditEntry:
    """Append one row in the caller's transaction, in the open school. ``actor`` None is the machine itself.

    Locks the head until the transaction ends: call it after all other locks are held. Raises OutsideTransaction, and
    ``audit.facts.PersonalFact`` when a fact could tell about a person.
    """
    alias = router.db_for_write(AuditEntry)
    if not transaction.get_connection(alias).in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the act and its record")
    if obj is not None:
        object_type, object_id = object_of(obj)
    entry = AuditEntry(
        tenant_id=current_tenant_id(),
        actor_id=actor.user_id if actor else None,
        actor_kind=str(actor.kind) if actor else SYSTEM_KIND,
        action=checked_action(action),
        object_type=object_type or "",
        object_id=str(object_id or ""),
        facts=checked_facts(facts),
    )
    append([entry], send(head_part())[0])
    return entry


def entry_of(*, actor: Acting, action: str, obj: models.Model, facts: Mapping[str, Any]) -> AuditEntry:
    """A row for ``append``, not written yet."""
    object_type, object_id = object_of(obj)
    return AuditEntry(
        actor_id=actor.user_id,
        actor_kind=str(actor.kind),
        action=checked_action(action),
        object_type=object_type,
        object_id=object_id,
        facts=checked_facts(facts),
    )


def head_part() -> Part:
    """Locks the head until the transaction ends: the last part of an act's message, after all its other locks."""
    return rows_of(AuditHead, "TRUE", lock=True)


def append(entries: Sequence[AuditEntry], head_rows: Sequence[tuple[Any, ...]]) -> None:
    """Write the rows of one act behind the head, which ``head_rows`` (the answer to ``head_part``) holds locked."""
    key = chain.chain_key(settings.HASH_KEY, current_tenant_id())
    head = read(AuditHead, head_rows)[0] if head_rows else _first_head(key)
    moment = now()  # after the lock, so that times never run back within a chain
    for entry in entries:
        entry.seq, entry.at, entry.prev_hash = head.seq + 1, moment, bytes(head.hash)
        entry.hash = chain.entry_hash(key, entry.link().content, entry.prev_hash)
        head.seq, head.hash = entry.seq, entry.hash
    head.mac = chain.head_mac(key, head.seq, bytes(head.hash))
    send(insert(entries), update(head, "seq", "hash", "mac"))
    for entry in entries:
        entry._state.adding = False
        if entry.action in seen_in_public("IN_SCHOOL"):
            begin_new(entry.tenant_id)
        elif entry.action in seen_in_public("EVERYWHERE"):
            begin_new(None)


@cache
def seen_in_public(where: str) -> frozenset[str]:
    """Acts after which a page that anyone may read says something else, from each app's ``public_acts``."""
    return frozenset[str]().union(*(acts for _app, acts in contributions("public_acts", where)))


def record_read(
    *,
    actor: Acting | None,
    action: str,
    obj: models.Model | None = None,
    object_type: str | None = None,
    object_id: str | UUID | None = None,
    facts: Mapping[str, Any] = _NO_FACTS,
) -> AuditEntry:
    """Say who opened a sensitive record (谁看过). Joins the caller's transaction, else opens a short one of its own."""
    with transaction.atomic(using=router.db_for_write(AuditEntry)):
        return record(actor=actor, action=action, obj=obj, object_type=object_type, object_id=object_id, facts=facts)


def refuse(
    *,
    actor: Acting | None,
    action: str,
    code: str,
    obj: models.Model | None = None,
    object_type: str | None = None,
    object_id: str | UUID | None = None,
    facts: Mapping[str, Any] = _NO_FACTS,
) -> AuditEntry | None:
    """One row for an act that was refused with ``code``, written after its transaction was rolled back.

    None, and no row, when the same was refused to the same person within ``REPEATS``: whoever asks without end must not
    write the record at will, and what they asked for stands there already. An actor who is no person is not remembered.
    Called at the edge, in the open school. RuntimeError inside a transaction: there the row would vanish with it.
    """
    if obj is not None:
        object_type, object_id = object_of(obj)
    same = (f"{action}.refused", object_type or "", str(object_id or ""), code)
    if _was_refused(actor, same):
        return None
    with transaction.atomic(using=router.db_for_write(AuditEntry), durable=True):
        _locked_head()
        if _was_refused(actor, same):  # by a request that came at the same moment
            return None
        return record(
            actor=actor,
            action=f"{action}.refused",
            object_type=object_type,
            object_id=object_id,
            facts={**facts, "code": code},
        )


def _was_refused(actor: Acting | None, same: tuple[str, str, str, str]) -> bool:
    """Whether the newest rows of this person say so already."""
    if actor is None or actor.user_id is None:
        return False
    since = now() - REPEATS
    rows = AuditEntry.objects.filter(actor_id=actor.user_id).order_by("-seq")
    fields = ("at", "action", "object_type", "object_id", "facts")
    return any(
        at > since and (action, kind, pk, facts.get("code")) == same
        for at, action, kind, pk, facts in rows.values_list(*fields)[:_LOOKED_AT]
    )


def _locked_head() -> AuditHead:
    rows = send(head_part())[0]
    return read(AuditHead, rows)[0] if rows else _first_head(chain.chain_key(settings.HASH_KEY, current_tenant_id()))


def _first_head(key: bytes) -> AuditHead:
    """The head of a school that has no row yet. Two first writers may meet: both insert, one row stays, both lock that one."""
    first = AuditHead(mac=chain.head_mac(key, 0, chain.GENESIS))
    return read(AuditHead, send(insert([first], ignore_conflicts=True), head_part())[1])[0]
