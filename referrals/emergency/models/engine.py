"""Processes of the engine, as each tells of itself (chain §7, §10). Global: no school stands in it."""

from django.db import models

from kernel.identifiers import uuid7
from referrals.emergency.models.clock import ChainNow


class EngineProcess(models.Model):
    """One process that decides or sends: when it last gave a sign, and how far its own clock stands from the database's.

    Rows are written by the processes themselves and looked at by the watchdog, ``/readyz`` and ``doctor``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10)
    version = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    beat_at = models.DateTimeField(db_default=ChainNow())
    skew_ms = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "-beat_at"], name="engine_process_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
