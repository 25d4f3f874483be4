"""Who must not know of one incident, beside whoever must never know of its person (chain §2, §10 ``excluded[]``)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.incidents import Incident
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class LeftOut(TenantModel):
    """A colleague with every number of theirs, or a number (``number_hash``), of one incident alone.

    ``why``: a report asked for it, or they bear the name that a report gave of whom it is about; that ends when somebody
    writes who it is.
    """

    class Why(models.TextChoices):
        ASKED = "asked", _("A report asked for it")
        NAMESAKE = "namesake", _("Bears the name that a report gave")

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="left_out")
    member = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    number_hash = models.BinaryField(max_length=32, null=True, editable=False)
    why = models.CharField(max_length=8, choices=Why)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("member"),
            models.UniqueConstraint(fields=["tenant", "incident", "number_hash"], name="left_out_once_a_number"),
            models.UniqueConstraint(fields=["tenant", "incident", "member"], name="left_out_once_a_member"),
            models.CheckConstraint(
                condition=models.Q(number_hash__isnull=True, member__isnull=False)
                | models.Q(number_hash__isnull=False, member__isnull=True),
                name="left_out_a_number_or_a_member",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
