"""Who is on duty when: shifts in two layers (chain §2 On duty at t, §10)."""

from typing import Final

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from referrals.emergency.models.seats import DutyLine
from tenancy.constraints import Statement, TenantFK
from tenancy.models import TenantModel
from tenancy.ranges import TimeRange

BEGUN: Final = "a shift that has begun can only be ended"
"""What the database says; ``workflow.holders.unless_begun`` turns it into a refusal."""

_PAST_STAYS = Statement(
    name="duty_shift_past_stays",
    create=f"""
        CREATE OR REPLACE FUNCTION emergency_duty_shift_past() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            moment timestamptz := chain_now();
        BEGIN
            IF TG_OP <> 'INSERT' AND OLD.starts_at <= moment THEN
                -- It has begun: it may be ended early, at a moment that is not past, and nothing else of it changes.
                IF TG_OP = 'UPDATE' AND OLD.ends_at > moment AND NEW.ends_at < OLD.ends_at
                    AND NEW.ends_at >= moment - interval '10 seconds'
                    AND to_jsonb(NEW) - 'ends_at' = to_jsonb(OLD) - 'ends_at' THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION '{BEGUN}' USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            IF NEW.starts_at < moment - interval '10 seconds' THEN
                RAISE EXCEPTION 'a shift cannot begin in the past' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER duty_shift_past_stays BEFORE INSERT OR UPDATE OR DELETE ON emergency_dutyshift
            FOR EACH ROW EXECUTE FUNCTION emergency_duty_shift_past();""",
    drop="""
        DROP TRIGGER duty_shift_past_stays ON emergency_dutyshift;
        DROP FUNCTION emergency_duty_shift_past();""",
)
"""Ten seconds are what may lie between the moment a writer reads from the chain's clock and the row that bears it."""


class Layer(models.IntegerChoices):
    """Who is called first, and who next when the first does not answer."""

    FIRST = 1, _("First")
    SECOND = 2, _("Second")


class DutyShift(TenantModel):
    """Somebody is on duty during ``[starts_at, ends_at)``, UTC, on the chain's clock: a colleague or an outside line.

    ``told_day``, ``told_soon``: its holder has had the notice a day before, ten minutes before; a new holder has had none.
    Who was on duty stays: of a shift that has begun only the end may be drawn nearer, never into the past.
    """

    layer = models.PositiveSmallIntegerField(choices=Layer, default=Layer.FIRST)
    holder = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    line = models.ForeignKey(DutyLine, models.PROTECT, null=True, db_constraint=False, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now, editable=False)
    told_day = models.BooleanField(default=False, db_default=False)
    told_soon = models.BooleanField(default=False, db_default=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("shift")
        ordering = ["starts_at", "layer", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("holder"),
            TenantFK("line"),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="duty_shift_layer"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_shift_times"),
            models.CheckConstraint(
                condition=Q(holder__isnull=False, line__isnull=True) | Q(holder__isnull=True, line__isnull=False),
                name="duty_shift_one_holder",
            ),
            ExclusionConstraint(
                name="duty_shift_no_overlap",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("layer", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            _PAST_STAYS,
        ]
        indexes = [
            models.Index(fields=["tenant", "ends_at"], name="duty_shift_not_over"),
            models.Index(fields=["starts_at"], name="duty_shift_to_tell", condition=Q(told_soon=False)),
        ]

    def __str__(self) -> str:
        return str(self.pk)
