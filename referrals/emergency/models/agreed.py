"""What a person, their family and the centre agree on after an incident (chain §3)."""

from typing import Any, cast
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel
from vault import own_key


class AgreedPlan(TenantModel):
    """One version of the agreed plan; the newest counts, none is ever changed. ``agreed_on``: the day it was agreed.

    ``words`` are JSON by part (``PARTS``), sealed by the incident's key, so that they end with it.
    """

    PARTS = ("signs", "person", "family", "centre")

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="agreed_plans")
    version = models.PositiveSmallIntegerField()
    agreed_on = models.DateField()
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    words_sealed = models.BinaryField(editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("agreed plan")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "incident", "version"], name="agreed_plan_version_once"),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def _row(self) -> tuple[UUID, str, UUID, str]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk, "words_sealed"

    def seal(self, key: bytes, words: str) -> None:
        """Put the words in, under the incident's key."""
        self.words_sealed = own_key.seal_words(key, *self._row, words)

    def words(self, key: bytes | None) -> Any:
        """Its words as they were sealed; ``""`` once the key is gone."""
        return own_key.read_words(key, *self._row, self.words_sealed)
