"""The record of one school: rows that are written once, and the head that says how many there are."""

from typing import Any, cast
from uuid import UUID

from django.db import models

from audit import chain
from tenancy.constraints import AppendOnly
from tenancy.models import TenantModel


class AuditEntry(TenantModel):
    """One act, refusal or sensitive read. ``seq`` counts from 1 without gaps per school; ``at`` is UTC."""

    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "seq"], name="audit_entry_seq_once"),
            AppendOnly(),
        ]
        indexes = [
            models.Index(fields=["tenant", "object_type", "object_id", "seq"], name="audit_by_object"),
            models.Index(fields=["tenant", "actor_id", "seq"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"

    def link(self) -> chain.Link:
        """This row as a value of the chain."""
        content = chain.Content(
            id=self.id,
            tenant_id=cast(UUID, self.tenant_id),
            seq=self.seq,
            at=self.at,
            actor_id=self.actor_id,
            actor_kind=self.actor_kind,
            action=self.action,
            object_type=self.object_type,
            object_id=self.object_id,
            facts=self.facts,
        )
        return chain.Link(content, bytes(self.prev_hash), bytes(self.hash))


def _genesis() -> bytes:
    return chain.GENESIS


class AuditHead(TenantModel):
    """The end of a school's chain. Locked last of all in a transaction, so nobody waits for a row while holding it."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(default=_genesis)
    mac = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant"], name="audit_one_head"),
        ]

    def __str__(self) -> str:
        return str(self.seq)

    def value(self) -> tuple[int, bytes, bytes]:
        """``(seq, hash, mac)`` for ``chain.Walk.close``."""
        return self.seq, bytes(self.hash), bytes(self.mac)


def object_of(obj: Any) -> tuple[str, str]:
    """``("referrals.voucher", "<id>")`` of a model instance."""
    return obj._meta.label_lower, str(obj.pk)
