"""A school's own days: worked or free against the state's table."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from tenancy.models import TenantModel
from tenancy.ranges import DateRange


class CalendarChange(TenantModel):
    """The days ``[first_day, last_day]``, both included, on which a school works or rests whatever the state's table says."""

    first_day = models.DateField()
    last_day = models.DateField()
    is_workday = models.BooleanField()
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("change of the calendar")
        ordering = ["first_day", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="calendar_change_dates"),
            ExclusionConstraint(
                name="calendar_change_no_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    (
                        DateRange("first_day", "last_day", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"
