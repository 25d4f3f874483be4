"""Copies of the contact sheet that were printed: each has a number, so that an old one can be told and fetched (chain §8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel


class SheetCopy(TenantModel):
    """One print: ``number`` counts from 1 in its school."""

    number = models.PositiveIntegerField()
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("copy of the contact sheet")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("by"),
            models.UniqueConstraint(fields=["tenant", "number"], name="sheet_copy_number_once"),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return str(self.number)
