"""Processes of the engine, as each tells of itself (chain §7, §10). Global: no school stands in it."""

from typing import Final

from django.db import models
from django.db.models import Q

from kernel.identifiers import uuid7
from notifications.models import Channel
from referrals.emergency.models.clock import ChainNow

ENGINE: Final = "engine"
WATCHDOG: Final = "watchdog"


class EngineProcess(models.Model):
    """One process that decides or sends: when it last gave a sign, and how far its own clock stands from the database's.

    Rows are written by the processes themselves and looked at by the watchdog, ``/readyz`` and ``doctor``. ``alarms``: how
    many a watchdog has sent since it started; ``heartbeat_at``: when its word last reached the address outside.
    ``circuits``: the provider accounts that this process leaves alone just now, or tries again (key → state).
    ``left_alone``: how many due legs and incidents it leaves to an engine that knows what stands in them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10)
    version = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    beat_at = models.DateTimeField(db_default=ChainNow())
    skew_ms = models.IntegerField(default=0)
    alarms = models.PositiveIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    circuits = models.JSONField(default=dict, db_default={})
    left_alone = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "-beat_at"], name="engine_process_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WatchProbe(models.Model):
    """A row that a watchdog lays out for the engine: whoever decides takes it first, then whoever sends on its channel.

    It goes through the very threads that call people: one that hangs leaves it lying. No school, no person, no text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    watchdog = models.UUIDField()
    channel = models.CharField(max_length=8, choices=Channel)
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    decided_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(decided_at__isnull=False),
                name="probe_is_decided_before_it_is_sent",
            )
        ]
        indexes = [
            models.Index(fields=["channel"], name="probe_lies_there", condition=Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Canary(models.Model):
    """How a provider's account last answered when nothing was the matter: one row an account, however many schools use it.

    ``key``: provider, channel and, for an account of a school's own, a keyed hash of its credentials. Written by the
    watchdog, read by ``doctor`` and the page of channels. ``well_at``: when it last answered as it should.
    """

    key = models.CharField(max_length=80, primary_key=True, editable=False)
    provider = models.CharField(max_length=8)
    channel = models.CharField(max_length=8, choices=Channel)
    every_seconds = models.PositiveIntegerField()
    next_at = models.DateTimeField(db_default=ChainNow())
    asked_at = models.DateTimeField(null=True)
    well_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=40, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(every_seconds__gte=60), name="canary_at_most_each_minute"),
        ]

    def __str__(self) -> str:
        return self.key
