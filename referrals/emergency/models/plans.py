"""Plans with their steps, and whether a school's chain is live (chain §2 Going live, §3, §10)."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel
from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import values
from referrals.emergency.models.seats import DutyLine
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.numbers import SERVICE_NUMBERS
from referrals.emergency.rules.plan_states import ChainState, PlanState
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target
from tenancy.constraints import Statement, TenantFK
from tenancy.models import TenantModel

PLAN_TARGETS: Final = (
    Target.ON_DUTY,
    Target.SEAT,
    Target.DEPUTY,
    Target.CONTACT,
    Target.PARTNER,
    Target.HOME_COMMUNITY,
    Target.LINE,
    Target.TEAM,
    Target.BY_HAND,
)
"""Whom a step of a plan may point at. The others (operator, owner) are the engine's own."""

_NUMBERED: Final = (Target.ON_DUTY.value, Target.CONTACT.value)
_SEATED: Final = (Target.SEAT.value, Target.DEPUTY.value)

_FROZEN = Statement(
    name="plan_frozen_once_used",
    create="""
        CREATE OR REPLACE FUNCTION emergency_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state <> 'draft' THEN
                IF TG_OP = 'UPDATE' AND OLD.state = 'in_use' AND NEW.state = 'retired' AND NEW.retired_at IS NOT NULL
                    AND to_jsonb(NEW) - '{state,retired_at}'::text[] = to_jsonb(OLD) - '{state,retired_at}'::text[] THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'a plan that was used does not change' USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER plan_frozen_once_used BEFORE UPDATE OR DELETE ON emergency_plan
            FOR EACH ROW EXECUTE FUNCTION emergency_plan_frozen();""",
    drop="DROP TRIGGER plan_frozen_once_used ON emergency_plan; DROP FUNCTION emergency_plan_frozen();",
)

_STEPS_FROZEN = Statement(
    name="plan_step_frozen_once_used",
    create="""
        CREATE OR REPLACE FUNCTION emergency_plan_step_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stands text;
        BEGIN
            -- Shared, so that no step changes between the look at a plan and the moment it is put in use.
            IF TG_OP <> 'INSERT' THEN
                SELECT state INTO stands FROM emergency_plan WHERE id = OLD.plan_id FOR SHARE;
                IF stands <> 'draft' THEN
                    RAISE EXCEPTION 'the steps of a plan that was used do not change' USING ERRCODE = 'insufficient_privilege';
                END IF;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                SELECT state INTO stands FROM emergency_plan WHERE id = NEW.plan_id FOR SHARE;
                IF stands <> 'draft' THEN
                    RAISE EXCEPTION 'the steps of a plan that was used do not change' USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER plan_step_frozen_once_used BEFORE INSERT OR UPDATE OR DELETE ON emergency_planstep
            FOR EACH ROW EXECUTE FUNCTION emergency_plan_step_frozen();""",
    drop="DROP TRIGGER plan_step_frozen_once_used ON emergency_planstep; DROP FUNCTION emergency_plan_step_frozen();",
)


class Plan(TenantModel):
    """The steps of every leg for one kind and grade. A draft has version 0; what was put in use never changes again."""

    kind = models.CharField(max_length=14, choices=values(IncidentKind))
    grade = models.CharField(max_length=8, choices=values(Grade))
    version = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=values(PlanState), default=PlanState.DRAFT.value)
    drafted_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    put_in_use_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    in_use_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("plan")
        ordering = ["kind", "grade", "-version", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("drafted_by"),
            TenantFK("put_in_use_by"),
            models.UniqueConstraint(
                fields=["tenant", "kind", "grade"], condition=Q(state=PlanState.IN_USE.value), name="plan_one_in_use"
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "grade"], condition=Q(state=PlanState.DRAFT.value), name="plan_one_draft"
            ),
            models.UniqueConstraint(
                fields=["tenant", "kind", "grade", "version"], condition=Q(version__gt=0), name="plan_version_once"
            ),
            models.CheckConstraint(
                condition=Q(state=PlanState.DRAFT.value, version=0, in_use_at__isnull=True)
                | Q(version__gt=0, in_use_at__isnull=False) & ~Q(state=PlanState.DRAFT.value),
                name="plan_draft_has_no_version",
            ),
            models.CheckConstraint(
                condition=Q(state=PlanState.RETIRED.value, retired_at__isnull=False)
                | Q(retired_at__isnull=True) & ~Q(state=PlanState.RETIRED.value),
                name="plan_retired_says_when",
            ),
            _FROZEN,
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.grade} {self.version}"


class PlanStep(TenantModel):
    """One step of a leg: whom it points at, never a person. ``wait_minutes`` None: as long as the grade waits.

    ``number`` is a layer or a contact's rank. Only a step by hand bears a service number, in ``dial``.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, db_constraint=False, related_name="steps")
    leg = models.CharField(max_length=10, choices=values(LegKind))
    position = models.PositiveSmallIntegerField()
    target = models.CharField(max_length=14, choices=values(PLAN_TARGETS))
    number = models.PositiveSmallIntegerField(null=True)
    seat = models.CharField(max_length=12, choices=values(SeatKind), blank=True)
    partner = models.ForeignKey("partners.Institution", models.PROTECT, null=True, related_name="+")
    line = models.ForeignKey(DutyLine, models.PROTECT, null=True, db_constraint=False, related_name="+")
    dial = models.CharField(max_length=5, blank=True)
    wait_minutes = models.PositiveSmallIntegerField(null=True)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel), default=list)
    text_id = models.CharField(max_length=40)

    class Meta(TenantModel.Meta):
        verbose_name = _("step")
        ordering = ["leg", "position"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("plan"),
            TenantFK("line"),
            models.UniqueConstraint(
                fields=["tenant", "plan", "leg", "position"],
                name="plan_step_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(target__in=[target.value for target in PLAN_TARGETS]), name="plan_step_target_known"
            ),
            models.CheckConstraint(
                condition=Q(target__in=_NUMBERED, number__isnull=False, number__in=(1, 2))
                | Q(number__isnull=True) & ~Q(target__in=_NUMBERED),
                name="plan_step_number",
            ),
            models.CheckConstraint(
                condition=Q(target__in=_SEATED, seat__in=[kind.value for kind in SeatKind])
                | Q(seat="") & ~Q(target__in=_SEATED),
                name="plan_step_seat",
            ),
            models.CheckConstraint(
                condition=Q(target=Target.PARTNER.value, partner__isnull=False)
                | Q(partner__isnull=True) & ~Q(target=Target.PARTNER.value),
                name="plan_step_partner",
            ),
            models.CheckConstraint(
                condition=Q(target=Target.LINE.value, line__isnull=False)
                | Q(line__isnull=True) & ~Q(target=Target.LINE.value),
                name="plan_step_line",
            ),
            models.CheckConstraint(
                condition=Q(target=Target.BY_HAND.value, dial__in=SERVICE_NUMBERS)
                | Q(dial="") & ~Q(target=Target.BY_HAND.value),
                name="plan_step_dialled_by_hand",
            ),
            models.CheckConstraint(
                condition=Q(wait_minutes__isnull=True) | Q(wait_minutes__range=(1, 60)), name="plan_step_wait"
            ),
            _STEPS_FROZEN,
        ]

    def __str__(self) -> str:
        return f"{self.leg} {self.position}"

    @property
    def rule(self) -> StepRule:
        """The rule as a leg's step keeps it when it is opened."""
        return StepRule(
            Target(self.target),
            number=self.number,
            seat=SeatKind(self.seat) if self.seat else None,
            ref=str(self.partner_id or self.line_id or ""),
            dial=self.dial,
        )


class Chain(TenantModel):
    """One row of a school: whether it is off, in rehearsal (drills only) or live, and the operator's line behind it.

    What takes two is asked for by ``asked_by`` (``wanted``, since ``asked_at``) and done by somebody else:
    ``switched_by`` and ``agreed_by`` are the two of the state that stands.
    """

    state = models.CharField(max_length=9, choices=values(ChainState), default=ChainState.OFF.value)
    operator_line = models.ForeignKey(DutyLine, models.PROTECT, null=True, db_constraint=False, related_name="+")
    wanted = models.CharField(max_length=9, choices=values(ChainState), blank=True)
    asked_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    asked_at = models.DateTimeField(null=True)
    switched_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    agreed_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    switched_at = models.DateTimeField(null=True)
    told_faults = ArrayField(models.CharField(max_length=120), default=list)
    """Faults that stop, as they were last told: only new ones are told again."""

    class Meta(TenantModel.Meta):
        verbose_name = _("chain")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("operator_line"),
            TenantFK("asked_by"),
            TenantFK("switched_by"),
            TenantFK("agreed_by"),
            models.UniqueConstraint(fields=["tenant"], name="chain_once"),
            models.CheckConstraint(
                condition=~Q(state=ChainState.LIVE.value) | Q(operator_line__isnull=False), name="chain_live_has_a_line"
            ),
            models.CheckConstraint(
                condition=~Q(state=ChainState.LIVE.value)
                | Q(switched_by__isnull=False, agreed_by__isnull=False) & ~Q(switched_by=F("agreed_by")),
                name="chain_live_by_two",
            ),
            models.CheckConstraint(
                condition=Q(wanted="", asked_by__isnull=True, asked_at__isnull=True)
                | Q(asked_by__isnull=False, asked_at__isnull=False) & ~Q(wanted=""),
                name="chain_asked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.state
