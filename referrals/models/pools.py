"""Tables of pools: who pays a scheme, and what two people do with its money (books §1)."""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from referrals.states import PoolOrderState
from tenancy.models import TenantModel

MAX_REASON: Final = 200


class PayerKind(models.TextChoices):
    """Two legal persons may pay: the school, and its trade union."""

    SCHOOL = "school", "school"
    UNION = "union", "union"


class OrderKind(models.TextChoices):
    """What is done with a pool's money."""

    GRANT = "grant", "grant"
    RETURN = "return", "return"
    CLOSE_YEAR = "close_year", "close_year"


class Payer(TenantModel):
    """A legal person that pays for ``schemes``; each scheme belongs to one payer. One row of each kind in a school."""

    kind = models.CharField(max_length=8, choices=PayerKind)
    name = models.CharField(max_length=120)
    tax_code = models.CharField(max_length=20, blank=True)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40, blank=True)
    schemes = ArrayField(models.CharField(max_length=20), default=list)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        ordering = ["kind"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "kind"], name="payer_once"),
            models.CheckConstraint(condition=Q(kind__in=PayerKind.values), name="payer_kind"),
        ]


class PoolOrder(TenantModel):
    """What one person asks for a scheme's pool of one calendar year and another decides: ``amount_fen`` more, less, or its end.

    A ``close_year`` has no amount of its own: what it returned and carried is written into ``returned_fen`` and
    ``carried_fen`` by the approval.
    """

    kind = models.CharField(max_length=10, choices=OrderKind)
    scheme = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField(default=0)
    returned_fen = models.BigIntegerField(default=0)
    carried_fen = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=MAX_REASON)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PoolOrderState], default=PoolOrderState.ASKED
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=OrderKind.values) & Q(state__in=[s.value for s in PoolOrderState]),
                name="pool_order_words",
            ),
            models.CheckConstraint(
                condition=Q(kind="close_year", amount_fen=0) | (~Q(kind="close_year") & Q(amount_fen__gt=0)),
                name="pool_order_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="pool_order_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["tenant", "scheme", "year"],
                condition=Q(kind="close_year", state__in=["asked", "approved"]),
                name="pool_order_closes_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-asked_at", "-id"], name="pool_order_newest")]
