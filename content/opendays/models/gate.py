"""The gate: who stands there, and a mark for everybody who came in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.opendays.models.days import OpenDay
from content.opendays.models.parties import Party
from kernel.clock import now
from tenancy.constraints import AppendOnly, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed


class Steward(TenantModel):
    """A link with which somebody checks in at one gate, on the day itself and no other. No account."""

    open_day = models.ForeignKey(OpenDay, models.PROTECT, db_constraint=False, related_name="stewards")
    gate = models.CharField(max_length=20)
    token_hash = models.BinaryField(max_length=32, editable=False)
    token_sealed = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(default=now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    token = Sealed("token_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("steward's link")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("open_day"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="openday_steward_secret"),
        ]
        indexes = [models.Index(fields=["tenant", "open_day"], name="steward_by_day")]

    def __str__(self) -> str:
        return str(self.pk)


class Mark(TenantModel):
    """So many people went in. Marks only add; one ``client_id`` counts once, however often it is sent (books §6).

    ``party`` None: not announced, the steward let them in. ``at`` is the telephone's clock, ``received_at`` ours.
    """

    open_day = models.ForeignKey(OpenDay, models.PROTECT, db_constraint=False, related_name="marks")
    party = models.ForeignKey(Party, models.PROTECT, null=True, db_constraint=False, related_name="marks")
    steward = models.ForeignKey(Steward, models.PROTECT, db_constraint=False, related_name="marks")
    client_id = models.UUIDField()
    people = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("mark at the gate")
        constraints = [
            *TenantModel.Meta.constraints,
            AppendOnly(),
            TenantFK("open_day"),
            TenantFK("party"),
            TenantFK("steward"),
            models.UniqueConstraint(fields=["tenant", "client_id"], name="openday_mark_once"),
            models.CheckConstraint(condition=models.Q(people__gte=1), name="openday_mark_counts"),
        ]
        indexes = [models.Index(fields=["tenant", "open_day", "party"], name="mark_by_party")]

    def __str__(self) -> str:
        return str(self.pk)
