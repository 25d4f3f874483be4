"""Weekly hours and closures of an institution, shared by all schools as the institution itself is."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from kernel.clock import now
from kernel.identifiers import uuid7
from partners.calendars.opening import DAY_MINUTES
from tenancy.ranges import NumberRange


class OpeningHours(models.Model):
    """One stretch of one weekday (Monday = 0), every week: minutes after midnight, half-open, 24:00 is 1440."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey("partners.Institution", models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["institution", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) & Q(closes__lte=DAY_MINUTES), name="opening_hours_order"
            ),
            ExclusionConstraint(
                name="opening_hours_no_overlap",
                expressions=[
                    ("institution", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (NumberRange("opens", "closes"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}–{self.closes}"


class Closure(models.Model):
    """Time in which an institution is closed whatever its week says. ``reason`` is its own note: no school reads it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey("partners.Institution", models.PROTECT, related_name="closures")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["institution", "during"]
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__startswith__isnull=False, during__endswith__isnull=False),
                name="closure_has_both_ends",
            ),
            ExclusionConstraint(
                name="closure_no_overlap",
                expressions=[("institution", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return str(self.during)
