"""Lines outside the school, and the offices of the chain with holder and deputy (chain §2, §10)."""

from typing import Final

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from referrals.emergency.rules.step_rules import SeatKind
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import DateRange

LINE_NUMBER: Final = r"^(\+86(1[3-9][0-9]{9}|(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})|400[0-9]{7})$"
"""A number of the mainland as it is kept: E.164, or a 400 line as people dial it."""

SERVICE_LINE: Final = r"^(\+|00)?(86)?0?((10|2[0-9]|[3-9][0-9]{2})0?)?(110|119|120|122|12345|12356)([^0-9].*)?$"
"""What no machine dials, country and area code in front included. ``rules.numbers`` knows every spelling; this is the last door."""


class LineKind(models.TextChoices):
    """Whose line it is."""

    DISTRICT = "district", _("Education bureau")
    HOTLINE = "hotline", _("Hotline")
    OPERATOR = "operator", _("Platform operator")
    OTHER = "other", pgettext_lazy("duty line", "Other")


class DutyLine(TenantModel):
    """A number outside the school that answers when nobody of the school is on duty.

    It belongs to an institution, so it is nobody's personal data and stands in plain. ``answers`` says in words when.
    One that answers no more stays for the past: who was on duty before ``ended_at`` (the chain's clock) was on duty.
    """

    name = models.CharField(_("name"), max_length=60)
    number = models.CharField(_("number"), max_length=16)
    kind = models.CharField(_("whose line"), max_length=8, choices=LineKind)
    answers = models.CharField(_("when it answers"), max_length=80)
    is_active = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("duty line")
        ordering = ["-is_active", "name", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "number"], name="duty_line_number_once"),
            models.CheckConstraint(condition=Q(number__regex=LINE_NUMBER), name="duty_line_number_shape"),
            models.CheckConstraint(condition=~Q(number__regex=SERVICE_LINE), name="duty_line_no_service_number"),
            models.CheckConstraint(
                condition=Q(is_active=True, ended_at__isnull=True) | Q(is_active=False, ended_at__isnull=False),
                name="duty_line_ended_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(TenantModel):
    """Who holds an office of the chain on the days ``[since, until)`` of the school; an empty ``until`` means no end.

    A colleague or a line holds it, and a colleague or a line stands in.
    """

    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in SeatKind])
    holder = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    holder_line = models.ForeignKey(DutyLine, models.PROTECT, null=True, db_constraint=False, related_name="+")
    deputy = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    deputy_line = models.ForeignKey(DutyLine, models.PROTECT, null=True, db_constraint=False, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("seat")
        ordering = ["kind", "since", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("holder"),
            TenantFK("holder_line"),
            TenantFK("deputy"),
            TenantFK("deputy_line"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="seat_days"),
            models.CheckConstraint(
                condition=Q(holder__isnull=False, holder_line__isnull=True)
                | Q(holder__isnull=True, holder_line__isnull=False),
                name="seat_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | Q(deputy_line__isnull=True), name="seat_one_deputy"
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | Q(holder__isnull=True) | ~Q(deputy=F("holder")),
                name="seat_deputy_is_another",
            ),
            models.CheckConstraint(
                condition=Q(deputy_line__isnull=True) | Q(holder_line__isnull=True) | ~Q(deputy_line=F("holder_line")),
                name="seat_deputy_line_is_another",
            ),
            ExclusionConstraint(
                name="seat_no_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (DateRange("since", "until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.kind
