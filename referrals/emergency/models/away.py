"""Days on which somebody of the rota is away (chain §2: a vacation is filled to its end 21 days before it begins)."""

from typing import Final

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import DateRange

AWAY_ONCE: Final = "duty_away_once"


class DutyAway(TenantModel):
    """``member`` is away on the days ``first_day`` … ``last_day`` of the school, both included. Why is not asked."""

    member = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("absence from the rota")
        ordering = ["first_day", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("member"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="duty_away_days"),
            ExclusionConstraint(
                name=AWAY_ONCE,
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("member", RangeOperators.EQUAL),
                    (
                        DateRange("first_day", "last_day", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["tenant", "last_day"], name="duty_away_to_come")]

    def __str__(self) -> str:
        return str(self.pk)
