"""Table of places of children whose guardian leaves the school, asked of the other guardian (books §4)."""

from django.db import models
from django.db.models import Q

from kernel.clock import now
from referrals.models.referral import Referral
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class ChildPlace(TenantModel):
    """One request of somebody who has left, laid before another guardian of its child who works at the school.

    Open while it has no answer and ``until`` (UTC, excluded) is to come; the dates decide. ``taken_as``: the request that goes on
    in its place; empty where the answer was no.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, db_constraint=False, related_name="places")
    guardian = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    taken_as = models.ForeignKey(
        Referral, models.PROTECT, db_constraint=False, null=True, blank=True, related_name="taken_from"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["until", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("referral"),
            TenantFK("guardian"),
            TenantFK("taken_as"),
            models.UniqueConstraint(fields=["tenant", "referral", "guardian"], name="child_place_asked_once"),
            models.UniqueConstraint(
                fields=["tenant", "referral"], condition=Q(taken_as__isnull=False), name="child_place_one_taker"
            ),
            models.CheckConstraint(
                condition=Q(taken_as__isnull=True) | Q(answered_at__isnull=False), name="child_place_taken_has_a_time"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "guardian"], name="child_place_of_guardian")]
