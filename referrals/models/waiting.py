"""The table of waiting lists."""

from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.waiting_states import OPEN, WaitingState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class WaitingEntry(TenantModel):
    """Somebody waits for ``size`` seats at one time of a resource that is full (books §4). The order is that of ``joined_at``.

    An offer keeps all of them, ``slot``, until ``until`` (UTC). Before that ``slot`` keeps the ``gathered`` ones, fewer than
    are wanted. ``passed``: how often a smaller size was let by.
    """

    person = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    service = models.ForeignKey("partners.Service", models.PROTECT, related_name="+")
    resource = models.UUIDField(editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in WaitingState], default=WaitingState.WAITING
    )
    size = models.PositiveSmallIntegerField(default=1, db_default=1)
    passed = models.PositiveSmallIntegerField(default=0, db_default=0)
    gathered = models.PositiveSmallIntegerField(default=0, db_default=0)
    slot = models.UUIDField(null=True, blank=True, editable=False)
    until = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["joined_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("person"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="waiting_ends_after_start"),
            models.CheckConstraint(condition=Q(size__gte=1) & Q(gathered__lt=F("size")), name="waiting_for_some"),
            models.UniqueConstraint(
                fields=["tenant", "person", "resource", "starts_at"],
                condition=Q(state__in=OPEN),
                name="waiting_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "starts_at"], name="waiting_due"),
            models.Index(fields=["tenant", "person", "state"], name="waiting_of_person"),
        ]
