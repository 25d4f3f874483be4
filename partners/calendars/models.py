"""Weekly hours, closures and resources of an institution, shared by all schools as the institution itself is."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.by_name import NameKeyField
from kernel.clock import now
from kernel.identifiers import uuid7
from partners.calendars.opening import DAY_MINUTES
from partners.kinds import CounsellorGender, ResourceKind, Speciality
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


class Resource(models.Model):
    """Who or what of an institution an appointment takes: a counsellor, a room, the places of a group (books §4).

    ``place`` is what it is called in ``seats``: its own id, but the institution's for its first counsellor, so that what
    was taken before there was one stands under that counsellor (ADR 0026). ``is_named``: people read the name; else it is
    "any of us". ``buffer_minutes`` stay free after each appointment.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution = models.ForeignKey("partners.Institution", models.PROTECT, related_name="resources", db_index=False)
    place = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=ResourceKind)
    name = models.CharField(max_length=40)
    key = NameKeyField()
    is_named = models.BooleanField(default=True)
    capacity = models.PositiveSmallIntegerField(default=1)
    buffer_minutes = models.PositiveSmallIntegerField(default=0)
    services = models.ManyToManyField("partners.Service", related_name="resources", blank=True)
    online = models.BooleanField(default=False)
    on_site = models.BooleanField(default=True)
    gender = models.CharField(max_length=8, choices=CounsellorGender, blank=True, default="")
    specialities = ArrayField(models.CharField(max_length=12, choices=Speciality), default=list, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["institution", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "key"], name="resource_name_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="resource_has_room"),
            models.CheckConstraint(
                condition=~Q(kind=ResourceKind.COUNSELLOR) | Q(capacity=1), name="resource_counsellor_is_one"
            ),
            models.CheckConstraint(
                condition=Q(kind=ResourceKind.COUNSELLOR) | Q(gender="", specialities=[]),
                name="resource_only_people_have_these",
            ),
            models.CheckConstraint(condition=Q(online=True) | Q(on_site=True), name="resource_somewhere"),
            # What stands under the institution itself has one seat (ADR 0026).
            models.CheckConstraint(
                condition=~Q(place=F("institution")) | Q(kind=ResourceKind.COUNSELLOR),
                name="resource_first_is_a_counsellor",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ResourceHours(models.Model):
    """One stretch of one weekday of a resource with hours of its own; without any, the institution's hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["resource", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="resource_hours_weekday"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) & Q(closes__lte=DAY_MINUTES), name="resource_hours_order"
            ),
            ExclusionConstraint(
                name="resource_hours_no_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (NumberRange("opens", "closes"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}–{self.closes}"


class Absence(models.Model):
    """Time in which a resource takes nothing whatever its week says. ``reason`` is the agency's own note."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="absences")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["resource", "during"]
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__startswith__isnull=False, during__endswith__isnull=False),
                name="absence_has_both_ends",
            ),
            ExclusionConstraint(
                name="absence_no_overlap",
                expressions=[("resource", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return str(self.during)
