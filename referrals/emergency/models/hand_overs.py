"""Whoever begins a shift has read what is open (issue E: hand-over card)."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.duty import DutyShift
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel

ONE_A_SHIFT: Final = "duty_hand_over_one_a_shift"


class DutyHandOver(TenantModel):
    """``by``, who holds ``shift``, has read the card: ``numbers`` are those of the incidents that stood on it, and nothing else.

    A shift that has begun stays; so does this.
    """

    shift = models.ForeignKey(DutyShift, models.PROTECT, db_constraint=False, related_name="+")
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    numbers = ArrayField(models.CharField(max_length=20))
    at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("hand-over of a shift")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("shift"),
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "shift"], name=ONE_A_SHIFT),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return str(self.pk)
