"""The review of a case, and what is changed by it (chain §3; requirement 14.11)."""

from typing import cast
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.incidents import Incident
from referrals.emergency.models.versions import VersionedWords
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel
from vault import own_key


class CaseReview(VersionedWords):
    """One version of the review of an incident."""

    PARTS = ("well", "waited")

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="reviews")

    class Meta(VersionedWords.Meta):
        abstract = False
        verbose_name = _("review of a case")
        constraints = [
            *VersionedWords.Meta.constraints,
            TenantFK("incident"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "incident", "version"], name="case_review_version_once"),
            AppendOnly(),
        ]


class ReviewChange(TenantModel):
    """What is changed after a case: what (sealed by the incident's key), by whom, until which day of the school.

    ``next_at``: when whoever does it is told next; **an open one has it, a done one not**, by the database.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="review_changes")
    who = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    until = models.DateField()
    next_at = models.DateTimeField(null=True)
    what_sealed = models.BinaryField(editable=False)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("change after a case")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("who"),
            TenantFK("done_by"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True, next_at__isnull=False)
                | Q(done_at__isnull=False, done_by__isnull=False, next_at__isnull=True),
                name="review_change_open_has_a_clock",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="review_change_due", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def _row(self) -> tuple[UUID, str, UUID, str]:
        return cast(UUID, self.tenant_id), self._meta.db_table, self.pk, "what_sealed"

    def seal(self, key: bytes, what: str) -> None:
        """Put the words in, under the incident's key."""
        self.what_sealed = own_key.seal_words(key, *self._row, what)

    def what(self, key: bytes | None) -> str:
        """What is changed; ``""`` once the key is gone."""
        return own_key.read_words(key, *self._row, self.what_sealed)
