"""Who asks whom to take a shift, and what became of it (chain §2 On duty at t)."""

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.duty import DutyShift, Layer
from referrals.emergency.models.incidents import values
from referrals.emergency.rules.swaps import SwapState
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

ASKED_ONCE: Final = "duty_swap_asked_once"


class DutySwap(TenantModel):
    """``asker``, who holds ``shift``, asks ``asked`` to take it whole. Moments are those of the chain's clock, UTC.

    Layer and times are those of the shift, so that the row says what it was about when the shift has been taken out
    (``shift`` is then nobody's). ``ended_by`` is who declined, withdrew, undid, passed it on or took the shift out.
    """

    shift = models.ForeignKey(DutyShift, models.PROTECT, null=True, db_constraint=False, related_name="swaps")
    asker = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    asked = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    layer = models.PositiveSmallIntegerField(choices=Layer)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=values(SwapState), default=SwapState.ASKED.value)
    asked_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("swap of a shift")
        ordering = ["starts_at", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("shift"),
            TenantFK("asker"),
            TenantFK("asked"),
            TenantFK("ended_by"),
            models.CheckConstraint(condition=~Q(asked=F("asker")), name="duty_swap_of_two"),
            models.CheckConstraint(
                condition=Q(state="asked", accepted_at=None, ended_at=None, ended_by=None, shift__isnull=False)
                | Q(state="accepted", accepted_at__isnull=False, ended_at=None, ended_by=None, shift__isnull=False)
                | Q(
                    state__in=("declined", "withdrawn"),
                    accepted_at=None,
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                )
                | Q(
                    state__in=("undone", "handed_on"),
                    accepted_at__isnull=False,
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                )
                | Q(state="dropped", ended_at__isnull=False, ended_by__isnull=False),
                name="duty_swap_when_and_who",
            ),
            models.UniqueConstraint(fields=["tenant", "shift"], condition=Q(state="asked"), name=ASKED_ONCE),
            models.UniqueConstraint(
                fields=["tenant", "shift"], condition=Q(state="accepted"), name="duty_swap_accepted_once"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "starts_at"], name="duty_swap_to_come")]

    def __str__(self) -> str:
        return str(self.pk)
