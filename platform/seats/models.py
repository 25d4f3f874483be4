"""The table of what is taken. Nobody reads or writes it but the functions of ``seats.statements``."""

from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from seats.statements import BUSY, FREE, KEEP, SWEEP, TAKE
from tenancy.constraints import Closed


class SlotUse(models.Model):
    """One stretch of one resource that is taken, for good or held until ``until`` (UTC, the database's clock).

    ``resource`` is an id of whatever can be taken; ``seats`` of its ``capacity``. No school, no person, no request: the
    random ``id`` is known to the row that took it and is the only key to it (docs/bookings.md).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    resource = models.UUIDField()
    during = DateTimeRangeField()
    seats = models.PositiveSmallIntegerField(default=1)
    capacity = models.PositiveSmallIntegerField(default=1)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("slot in use")
        verbose_name_plural = _("slots in use")
        constraints = [
            Closed(),
            TAKE,
            KEEP,
            FREE,
            BUSY,
            SWEEP,
            models.CheckConstraint(condition=Q(seats__gte=1) & Q(capacity__gte=1), name="seats_slot_counts"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="seats_slot_is_a_stretch"),
            # What has one seat is held by the database itself; above one it is counted under the resource's lock.
            ExclusionConstraint(
                name="seats_no_double",
                expressions=[("resource", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(capacity=1),
            ),
        ]
        indexes = [
            models.Index(fields=["until"], name="seats_slot_until", condition=Q(until__isnull=False)),
            # Beside the constraint's own index: together they are all rows, each of them once.
            GistIndex(fields=["resource", "during"], name="seats_slot_counted", condition=Q(capacity__gt=1)),
        ]
