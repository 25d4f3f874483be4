"""What an outside party may read once it has answered, and until when (chain §4, §6, §10)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import values
from referrals.emergency.models.legs import ALIKE, Recipient
from referrals.emergency.rules.outside import Purpose
from tenancy.constraints import PartnerRead, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class Card(TenantModel):
    """What one recipient who took a leg may read of it, cut to its purpose; nobody else ever gets it.

    The only table of an incident that an institution's wall may read: row security hides rows, not columns, so a leg must
    never carry that policy. ``until`` (UTC) is empty while the leg is open and an hour after its end; ``revoked_at`` is when
    it was taken back: a hold, a release, somebody else who took the leg. ``body`` is JSON (``workflow.cards``), sealed.
    """

    recipient = models.ForeignKey(Recipient, models.PROTECT, db_constraint=False, related_name="cards")
    is_drill = models.BooleanField(default=False)
    partner = models.ForeignKey("partners.Institution", models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=10, choices=values(Purpose))
    until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    body_sealed = models.BinaryField(default=bytes, editable=False)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    body = Sealed("body_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("card")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("recipient", also=ALIKE),
            PartnerRead("partner"),
            models.UniqueConstraint(fields=["tenant", "recipient"], name="card_once_a_recipient"),
            models.CheckConstraint(condition=models.Q(is_drill=False), name="card_never_in_a_drill"),
        ]

    def __str__(self) -> str:
        return self.purpose
