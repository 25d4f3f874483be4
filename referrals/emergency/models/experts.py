"""The expert pool: who outside can be asked, how far they reach, under which agreement (row 14.9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.by_name import SortKeyField
from referrals.emergency.models.clock import ChainNow
from tenancy.models import TenantModel
from vault.sealed import Sealed


class ExpertKind(models.TextChoices):
    """What an expert is (row 14.9)."""

    PSYCHOLOGIST = "psychologist", pgettext_lazy("expert", "Psychologist")
    CRISIS = "crisis", pgettext_lazy("expert", "Crisis expert")
    PSYCHIATRIST = "psychiatrist", pgettext_lazy("expert", "Psychiatrist")


class Reach(models.TextChoices):
    """How they come."""

    SCHOOL = "school", pgettext_lazy("expert", "Comes to the school")
    DISTRICT = "district", pgettext_lazy("expert", "In the district")
    ONLINE = "online", pgettext_lazy("expert", "Online")


class Expert(TenantModel):
    """Somebody outside who can be asked. ``partner``: the institution that sends them; None: they come by themselves.

    Whether the agreement holds is asked of the agreement, and kept nowhere. The number is theirs and sealed.
    """

    name = models.CharField(_("name"), max_length=60)
    sort_key = SortKeyField(person=True)
    kind = models.CharField(max_length=12, choices=ExpertKind)
    reach = models.CharField(max_length=8, choices=Reach)
    partner = models.ForeignKey("partners.Institution", models.PROTECT, null=True, related_name="+")
    phone_sealed = models.BinaryField(default=bytes, editable=False)
    phone = Sealed("phone_sealed")
    ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("expert")
        ordering = ["sort_key", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(kind__in=ExpertKind.values, reach__in=Reach.values), name="expert_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "sort_key", "id"], name="expert_by_name")]

    def __str__(self) -> str:
        return self.name
