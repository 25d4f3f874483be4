"""The school itself, and the base of every table that belongs to one."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import SCHOOL_ZONE, local_day, now
from kernel.identifiers import uuid7
from tenancy import scope
from tenancy.constraints import TenantWall
from tenancy.managers import TenantManager
from tenancy.rules import TenantRules


class TenantKind(models.TextChoices):
    PLATFORM = "platform", _("Platform")
    PRIMARY = "primary", _("Primary school")
    MIDDLE = "middle", _("Middle school")
    COLLEGE = "college", _("College")
    DISTRICT = "district", _("Education bureau")


class Tenant(models.Model):
    """One school (or bureau), found by its host name. The row of kind ``platform`` owns the acts of the platform host."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True, max_length=40)
    host = models.CharField(unique=True, max_length=253)
    kind = models.CharField(max_length=10, choices=TenantKind)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=4, help_text=_("Letters in front of voucher numbers, such as YC"))
    district = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=40, default=SCHOOL_ZONE)
    duty_phone = models.CharField(max_length=30, blank=True)
    duty_hours = models.CharField(max_length=60, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("school")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="platform"), name="tenancy_one_platform_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def settings(self) -> TenantRules:
        """The ⚙ settings of rules.md: the school's own values over the defaults."""
        return TenantRules.in_force(self.rules)

    def day_of(self, moment: datetime) -> date:
        """The calendar day of ``moment`` in the school's own zone. ValueError for a moment without offset."""
        return local_day(moment, self.time_zone)

    def today(self) -> date:
        """The school's present day."""
        return self.day_of(now())


class TenantModel(models.Model):
    """A row that belongs to one school, behind both walls."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, default=scope.current_tenant_id, editable=False, related_name="+", db_index=False
    )  # the key (tenant, id) below answers what an index of its own would

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints: ClassVar[list[Any]] = [
            TenantWall(),
            models.UniqueConstraint(fields=["tenant", "id"], name="%(app_label)s_%(class)s_tenant_id"),
        ]


class NumberSeries(TenantModel):
    """The last number given out in a series of one school and year: voucher numbers, statement numbers."""

    series = models.CharField(max_length=16)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "series", "year"], name="number_series_once"),
        ]


class Setback(TenantModel):
    """A due row that failed in a loop (``tenancy.rounds``): how often, how, and when it is tried again.

    ``error`` is the type of the error alone, never its message. The row goes when the due row succeeds.
    """

    loop = models.CharField(max_length=60)
    row = models.UUIDField()
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80)
    next_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "loop", "row"], name="setback_once"),
        ]
