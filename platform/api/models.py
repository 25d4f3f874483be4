"""The answer that a key was given, kept so that a repeated request changes nothing (promise M3)."""

from typing import ClassVar

from django.db import models

from kernel.clock import now
from tenancy.models import TenantModel
from vault.sealed import Sealed

KEY_LENGTH = 255


class IdempotencyKey(TenantModel):
    """One answered request of one person. Written in the transaction of its effect, so both stand or neither does.

    The answer is sealed: it may hold what the effect's own table keeps sealed.
    """

    actor_id = models.UUIDField()
    key = models.CharField(max_length=KEY_LENGTH)
    call = models.CharField(max_length=300)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer_sealed = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=now)

    answer = Sealed("answer_sealed")

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "actor_id", "key"], name="idempotency_key_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return str(self.id)
