"""The table of wishes to move an appointment."""

from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.models.booking import Booking
from referrals.states import RescheduleSide, RescheduleState
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel


class Reschedule(TenantModel):
    """One side asks for another time of one appointment; until the other side says yes, the old one stands (books §4).

    ``slot`` holds the new time of ``resource`` until ``until`` (UTC) at the latest; empty where nothing is held. ``asked_by`` is
    the side.
    """

    booking = models.ForeignKey(Booking, models.PROTECT, db_constraint=False, related_name="reschedules")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, related_name="+", db_index=False)
    asked_by = models.CharField(max_length=8, choices=[(s.value, s.value) for s in RescheduleSide])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    resource = models.UUIDField(null=True, blank=True, editable=False)
    slot = models.UUIDField(null=True, blank=True, editable=False)
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in RescheduleState])
    asked_at = models.DateTimeField(default=now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("booking"),
            PartnerRead("partner"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reschedule_ends_after_start"),
            models.UniqueConstraint(
                fields=["tenant", "booking"], condition=Q(state="open"), name="reschedule_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "state", "until"], name="reschedule_of_partner"),
            models.Index(fields=["tenant", "booking"], name="reschedule_of_booking"),
        ]
