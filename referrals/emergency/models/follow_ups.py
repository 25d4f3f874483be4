"""Weekly talks after an incident, and each talk (chain §3, §10)."""

from typing import cast
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.follow_ups import FollowUpEnd, FollowUpMode, Went
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel
from vault import own_key


class FollowUp(TenantModel):
    """The talks after one incident, kept by ``owner``. ``due_at`` is when the next one is, ``next_at`` when the engine looks
    next (both UTC, the chain's clock): **open it has both, ended neither**, by the database.

    ``until``: the day to which it is planned; it never ends by it. ``talks``: how many there were. ``mode`` is ``watch`` once
    the person has said no. ``goes_on_since``: the person has left the school and wants it to go on.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="follow_ups")
    mode = models.CharField(max_length=5, choices=values(FollowUpMode))
    owner = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    began_on = models.DateField()
    until = models.DateField()
    talks = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    goes_on_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_why = models.CharField(max_length=9, choices=values(FollowUpEnd), blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("follow-up")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("owner"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why="", next_at__isnull=False, due_at__isnull=False)
                | (Q(ended_at__isnull=False, next_at__isnull=True, due_at__isnull=True) & ~Q(ended_why="")),
                name="follow_up_open_has_a_clock",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("began_on")), name="follow_up_days"),
            models.UniqueConstraint(
                fields=["tenant", "incident"], condition=Q(ended_at__isnull=True), name="follow_up_once_open"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="follow_up_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["tenant", "due_at"], name="follow_up_open", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.mode


class FollowUpTalk(TenantModel):
    """One talk or look, never changed. ``words`` are sealed by the incident's key and end with it."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, db_constraint=False, related_name="+")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField(db_default=ChainNow(), editable=False)
    went = models.CharField(max_length=11, choices=values(Went))
    words_sealed = models.BinaryField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("talk of a follow-up")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("follow_up"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "follow_up", "number"], name="follow_up_talk_once"),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def _row(self) -> tuple[UUID, str, UUID, str]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk, "words_sealed"

    def seal(self, key: bytes, words: str) -> None:
        """Put the words in, under the incident's key."""
        self.words_sealed = own_key.seal_words(key, *self._row, words)

    def words(self, key: bytes | None) -> str:
        """As they were sealed; ``""`` where there are none or the key is gone."""
        return own_key.read_words(key, *self._row, self.words_sealed) if self.words_sealed else ""
