"""The table of subsidy policies, one row a version (rules §1)."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import WHOLE_BP
from referrals.states import PolicyState
from tenancy.models import TenantModel
from tenancy.ranges import DateRange


class SubsidyPolicy(TenantModel):
    """One version, valid ``[valid_from, valid_until)``, chosen by service date; edited while it is a draft, never after approval.

    ``return_reason``: why a second person gave it back to whoever drafted it, empty once it was edited.

    ``share_bp`` basis points of the eligible price; caps in fen per session; ``quota_amount`` in ``quota_unit`` per
    person and school year, empty for no quota.
    """

    scheme = models.CharField(max_length=20)
    group = models.CharField(max_length=20, default="all")
    version = models.PositiveIntegerField()
    share_bp = models.PositiveIntegerField()
    session_eligible_cap_fen = models.BigIntegerField(null=True, blank=True)
    session_subsidy_cap_fen = models.BigIntegerField(null=True, blank=True)
    quota_unit = models.CharField(
        max_length=8, choices=[("session", _("session")), ("fen", _("amount"))], default="session"
    )
    quota_amount = models.BigIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PolicyState], default=PolicyState.DRAFT
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["scheme", "group", "-version"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "scheme", "group", "version"], name="policy_version_once"),
            models.CheckConstraint(condition=Q(share_bp__lte=WHOLE_BP), name="policy_share_in_range"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="policy_dates"),
            models.CheckConstraint(
                condition=(Q(session_eligible_cap_fen__gte=0) | Q(session_eligible_cap_fen__isnull=True))
                & (Q(session_subsidy_cap_fen__gte=0) | Q(session_subsidy_cap_fen__isnull=True))
                & (Q(quota_amount__gte=0) | Q(quota_amount__isnull=True)),
                name="policy_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (Q(approved_by__isnull=False) & ~Q(approved_by=F("drafted_by"))),
                name="policy_four_eyes",
            ),
            ExclusionConstraint(
                name="policy_no_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    ("group", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="approved"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} v{self.version}"
