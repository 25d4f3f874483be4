"""Table of requests under way at an agency that may not serve them now: what becomes of each is decided one by one (books §4)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kernel.clock import now
from partners.pauses import PauseCause
from referrals.models.referral import Referral
from referrals.models.statements import PAUSED
from referrals.states import PausedState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class PausedRequest(TenantModel):
    """One request and one reason why its agency is paused for it, from ``since`` on; undecided until ``due_at``, it moves on (UTC).

    ``decided_by`` is empty where the clock decided. What is kept may be redeemed while that reason lasts.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="pauses")
    cause = models.CharField(
        max_length=10,
        choices=[(cause.value, cause.value) for cause in PauseCause],
        default=PauseCause.AGENCY,
        db_default=PauseCause.AGENCY,
    )
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in PausedState], default=PausedState.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["due_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            models.UniqueConstraint(fields=["tenant", "referral", "cause", "since"], name="paused_once"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_at__isnull=False), name="paused_decided_has_a_time"
            ),
            PAUSED,
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="paused_due")]
