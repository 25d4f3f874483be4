"""A leg, the steps it will take, and who was paged on it (chain §3, §10)."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models import Channel
from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.leg_states import OPEN, LegEvent, LegState
from tenancy.constraints import AppendOnly, SchoolsUncounted, TenantFK
from tenancy.models import TenantModel
from vault.sealed import Sealed

ALIKE: Final = ("is_drill",)
"""A drill hangs on a drill and nothing else does, by the database (E6)."""

_OPEN: Final = sorted(state.value for state in OPEN)


class Leg(TenantModel):
    """One way to reach a party, with its own clock.

    ``epoch`` rises only when paging stops (an answer, a hold, an end): what is queued in an older one is never sent.
    ``ticks`` number the questions and alarms of an epoch and begin anew with none but a new epoch: a number that came twice
    would be a second page of one round to one person, which no row may be.
    ``round`` and ``position`` name the step that was fired last; steps before ``first_position`` are called no more,
    somebody else was chosen in their place. ``owner`` is the colleague who has it, ``taken_by`` the recipient who
    answered, ``asked`` the colleague whom the owner has asked to take it over: never longer than it is engaged. **An open leg has a next clock and an ended one has none**: the database says so (E3).
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="legs")
    is_drill = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=values(LegKind))
    state = models.CharField(max_length=12, choices=values(LegState))
    is_required = models.BooleanField(default=True)
    grade = models.CharField(max_length=8, choices=values(Grade))
    epoch = models.PositiveIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=0)
    position = models.SmallIntegerField(default=-1)
    first_position = models.PositiveSmallIntegerField(default=0)
    required_answers = models.PositiveSmallIntegerField(default=1)
    ticks = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    taken_by = models.ForeignKey(
        "emergency.Recipient", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    asked = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    since = models.DateTimeField(db_default=ChainNow(), editable=False)
    next_event = models.CharField(max_length=24, choices=values(LegEvent), blank=True)
    next_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("leg")
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("incident", also=ALIKE),
            TenantFK("owner"),
            TenantFK("taken_by"),
            TenantFK("asked"),
            models.UniqueConstraint(fields=["tenant", "incident", "kind"], name="leg_kind_once"),
            models.UniqueConstraint(fields=["tenant", "id", "is_drill"], name="leg_is_drill_or_not"),
            models.CheckConstraint(
                condition=models.Q(state__in=_OPEN, next_at__isnull=False) & ~models.Q(next_event="")
                | (~models.Q(state__in=_OPEN) & models.Q(next_at__isnull=True, next_event="")),
                name="leg_open_has_one_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(is_drill=True) | ~models.Q(state=LegState.FROZEN.value), name="leg_frozen_in_drills"
            ),
            models.CheckConstraint(
                condition=models.Q(asked__isnull=True)
                | (models.Q(state=LegState.ENGAGED.value, owner__isnull=False) & ~models.Q(asked=models.F("owner"))),
                name="leg_asked_by_who_has_it",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="leg_due", condition=models.Q(next_at__isnull=False)),
            models.Index(
                fields=["tenant", "next_at"], name="leg_due_in_school", condition=models.Q(next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class LegStep(TenantModel):
    """A step as it was when the incident was opened or graded: its rule, not a person. Never changed.

    ``purpose``: ``step`` is taken in order; ``alarm`` is who is called when nobody answers; ``watch`` is who is asked
    about a leg that waits. ``rule`` is ``rules.step_rules.StepRule`` as JSON. ``wait_seconds`` None: the grade's own.
    """

    class Purpose(models.TextChoices):
        STEP = "step", _("step")
        ALARM = "alarm", _("alarm")
        WATCH = "watch", _("watch")

    leg = models.ForeignKey(Leg, models.PROTECT, db_constraint=False, related_name="steps")
    purpose = models.CharField(max_length=5, choices=Purpose, default=Purpose.STEP)
    position = models.PositiveSmallIntegerField()
    rule = models.JSONField()
    wait_seconds = models.PositiveIntegerField(null=True)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel), default=list)

    class Meta(TenantModel.Meta):
        ordering = ["position"]
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("leg"),
            models.UniqueConstraint(fields=["tenant", "leg", "purpose", "position"], name="leg_step_once"),
            AppendOnly(),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.position}"


class Answer(models.TextChoices):
    """What a recipient said. Opening or reading a message says nothing."""

    NONE = "", _("No answer")
    ACKNOWLEDGED = "acknowledged", _("Has it")
    DECLINED = "declined", pgettext_lazy("answer", "Not now")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    ALSO = "also", _("Answered too")


class Recipient(TenantModel):
    """Who was paged by one step in one round of one epoch, frozen at that moment.

    ``target_hash`` says whether two are the same; ``member`` is a colleague; the address of anybody else lies sealed here
    and is taken away after 30 days. ``role`` says as what they were paged (``on_duty:1``). Never the person concerned.
    """

    leg = models.ForeignKey(Leg, models.PROTECT, db_constraint=False, related_name="recipients")
    step = models.ForeignKey(LegStep, models.PROTECT, db_constraint=False, related_name="recipients")
    is_drill = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=1)
    round = models.PositiveSmallIntegerField()
    target_hash = models.BinaryField(max_length=32, editable=False)
    role = models.CharField(max_length=60)
    member = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")
    partner = models.ForeignKey("partners.Institution", models.PROTECT, null=True, related_name="+")
    address_sealed = models.BinaryField(null=True, editable=False)
    token_hash = models.BinaryField(max_length=32, null=True, editable=False)
    code_hash = models.BinaryField(max_length=32, null=True, editable=False)
    shown_number = models.CharField(max_length=4, blank=True)
    answer = models.CharField(max_length=12, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True)
    paged_at = models.DateTimeField(db_default=ChainNow(), editable=False)

    address = Sealed("address_sealed")

    class Meta(TenantModel.Meta):
        verbose_name = _("recipient")
        constraints = [
            *TenantModel.Meta.constraints,
            SchoolsUncounted(),
            TenantFK("leg", also=ALIKE),
            TenantFK("step"),
            TenantFK("member"),
            models.UniqueConstraint(
                fields=["tenant", "leg", "step", "epoch", "round", "target_hash"], name="recipient_once_a_round"
            ),
            models.UniqueConstraint(fields=["tenant", "id", "is_drill"], name="recipient_is_drill_or_not"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="recipient_secret_once"),
            models.CheckConstraint(
                condition=models.Q(is_drill=False) | models.Q(address_sealed__isnull=True, member__isnull=False),
                name="recipient_of_a_drill_has_no_address",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "leg", "paged_at"], name="recipient_in_order"),
            # /a/ does not know the school: the secret finds it.
            models.Index(fields=["token_hash"], name="recipient_by_token"),
            models.Index(fields=["code_hash"], name="recipient_by_code"),
        ]

    def __str__(self) -> str:
        return self.role
