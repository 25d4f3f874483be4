"""What of somebody's duties changes for a while: agreed with the person, arranged by their head of department (chain §6)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.duties import Duty
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import DateRange

ONE_AT_A_TIME = "duty_change_one_at_a_time"


class DutyChange(TenantModel):
    """``duties`` of ``person`` change on the days ``starts_on`` … ``until`` of the school, both included.

    ``share``: percent of the usual hours, where they are fewer for these days: a step of a gradual return.
    It says neither why nor how the person is; how they agreed is sealed in the incident's timeline. ``received_at`` and
    ``arranged_at`` are what somebody of ``department`` said, and count while the person belongs there: a head who takes
    them over begins anew. ``follows`` is the change that this one renews; ``ended_at``: ended before its last day.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="duty_changes")
    person = models.ForeignKey(
        "accounts.Membership", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    duties = ArrayField(models.CharField(max_length=14, choices=values(Duty)))
    share = models.PositiveSmallIntegerField(null=True)
    starts_on = models.DateField()
    until = models.DateField()
    follows = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, related_name="+")
    written_by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    department = models.ForeignKey(
        "accounts.Department", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    received_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    received_at = models.DateTimeField(null=True, editable=False)
    arranged_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    arranged_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("change of duties")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("person"),
            TenantFK("follows"),
            TenantFK("written_by"),
            TenantFK("department"),
            TenantFK("received_by"),
            TenantFK("arranged_by"),
            models.CheckConstraint(
                condition=Q(duties__contained_by=[duty.value for duty in Duty]) & ~Q(duties=[]),
                name="duty_change_duties_known",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("starts_on")), name="duty_change_days"),
            models.CheckConstraint(condition=Q(share=None) | Q(share__range=(1, 99)), name="duty_change_share"),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True, received_by__isnull=True)
                | Q(received_at__isnull=False, received_by__isnull=False),
                name="duty_change_received_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(arranged_at__isnull=True, arranged_by__isnull=True)
                | Q(arranged_at__isnull=False, arranged_by__isnull=False, received_at__isnull=False),
                name="duty_change_arranged_is_received",
            ),
            models.CheckConstraint(
                condition=Q(received_by__isnull=True) | ~Q(received_by=F("person")), name="duty_change_not_by_oneself"
            ),
            ExclusionConstraint(
                name=ONE_AT_A_TIME,
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "until"], name="duty_change_current", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return str(self.pk)
