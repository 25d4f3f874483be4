"""A request that is being written: kept on the server, so that no step of it is lost."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from kernel.clock import now
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class ReferralDraft(TenantModel):
    """What one person has typed of a request so far; nobody else ever reads it (rules §5).

    The key is chosen by the page of the first step, so that its address is there before the row is. ``words`` are sealed:
    a note and wishes may be in them. ``version`` counts what was changed, so that nobody sends what they did not see.
    ``referral``: the request that was made of it; the words are gone then. Whatever the sweep does, a draft has ended at
    ``expires_at`` (UTC).
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    words_sealed = models.BinaryField(default=b"", editable=False)
    words = Sealed("words_sealed")
    version = models.PositiveIntegerField(default=1)
    referral = models.ForeignKey(
        "referrals.Referral", models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    changed_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["-changed_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            TenantFK("referral"),
            models.UniqueConstraint(
                fields=["tenant", "referral"], condition=Q(referral__isnull=False), name="draft_one_of_request"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "-changed_at"], name="draft_of_person"),
            models.Index(fields=["tenant", "expires_at"], name="draft_due"),
        ]

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, by step."""
        return dict(json.loads(self.words)) if self.words else {}

    def write(self, answers: Mapping[str, Any]) -> None:
        """Seal ``answers`` into the row; the caller saves."""
        self.words = json.dumps(answers, ensure_ascii=False, sort_keys=True) if answers else ""

    def is_over(self, moment: datetime) -> bool:
        """Whether its days have passed at ``moment`` (UTC)."""
        return self.expires_at <= moment
