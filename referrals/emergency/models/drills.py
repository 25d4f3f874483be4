"""A drill, who plays in it, what goes wrong in it on purpose, and what was learnt (chain §7, 14.10)."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Home, Incident, Place, values
from referrals.emergency.models.legs import ALIKE
from referrals.emergency.rules.drills import ON, DrillEvent, DrillState, Fault, Inject, Part
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel

_ON: Final = sorted(state.value for state in ON)
ONE_ON: Final = "drill_one_on_in_school"
MOST_WORD: Final = 12
MOST_TITLE: Final = 60


class Scenario(models.TextChoices):
    """Two come with the product (14.10); a school writes its own."""

    SUICIDE = "suicide", _("A colleague speaks of suicide")
    BREAKDOWN = "breakdown", _("A breakdown that may hurt others")
    OWN = "own", pgettext_lazy("scenario", "Our own")


class Drill(TenantModel):
    """One drill. ``kind``, ``suggested``, ``home``, ``place``, ``danger_now`` and ``signs`` are the answers of its opening.

    About nobody: the person of a scenario is made up, and no colleague's name is written into it. ``incident`` is the chain's
    own, a drill by the database (``is_drill`` is always true here). ``next_event`` falls due at ``next_at`` (the chain's
    clock): a running or frozen drill has a clock and no other one (E3). ``stopped_seconds``: how long it stood still.
    """

    title = models.CharField(max_length=MOST_TITLE)
    scenario = models.CharField(max_length=10, choices=Scenario)
    leader = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    planned_for = models.DateTimeField()
    briefing = models.TextField(max_length=2_000)
    abort_word = models.CharField(max_length=MOST_WORD)
    kind = models.CharField(max_length=14, choices=values(IncidentKind))
    suggested = models.CharField(max_length=8, choices=values(Grade))
    home = models.CharField(max_length=8, choices=Home, default=Home.UNKNOWN)
    place = models.CharField(max_length=10, choices=Place, default=Place.SCHOOL)
    danger_now = models.BooleanField(default=False)
    signs = models.TextField(max_length=2_000)
    injects = models.JSONField(default=list)
    told_injects = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=values(DrillState), default=DrillState.PLANNED.value)
    incident = models.ForeignKey(
        Incident, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="drill"
    )
    is_drill = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    begun_at = models.DateTimeField(null=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)
    stopped_seconds = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, editable=False)
    next_event = models.CharField(max_length=16, choices=values(DrillEvent), blank=True)
    next_at = models.DateTimeField(null=True)
    learnt = models.TextField(max_length=4_000, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("drill")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("leader"),
            TenantFK("incident", also=ALIKE),
            models.CheckConstraint(condition=Q(is_drill=True), name="drill_is_a_drill"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(state__in=_ON), name=ONE_ON),
            models.UniqueConstraint(fields=["tenant", "incident"], name="one_drill_of_an_incident"),
            models.CheckConstraint(
                condition=Q(state__in=_ON, next_at__isnull=False) & ~Q(next_event="")
                | (~Q(state__in=_ON) & Q(next_at__isnull=True, next_event="")),
                name="drill_on_has_one_clock",
            ),
            models.CheckConstraint(
                condition=Q(state="planned", begun_at=None, ended_at=None, incident=None)
                | Q(state__in=_ON, begun_at__isnull=False, ended_at=None, incident__isnull=False)
                | Q(state="ended", begun_at__isnull=False, ended_at__isnull=False)
                | Q(state="aborted", ended_at__isnull=False),
                name="drill_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="frozen", frozen_at__isnull=False) | (~Q(state="frozen") & Q(frozen_at=None)),
                name="drill_frozen_since",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-planned_for", "-id"], name="drill_newest"),
            models.Index(fields=["next_at"], name="drill_due", condition=Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def messages(self) -> list[Inject]:
        """Its messages by minute, in their order."""
        return [Inject.from_json(row) for row in self.injects]

    def minutes_at(self, moment: datetime) -> int:
        """Whole minutes that it had run by ``moment``, stops left out; 0 before it began."""
        if self.begun_at is None:
            return 0
        until = min(x for x in (moment, self.frozen_at, self.ended_at) if x is not None)
        return max(0, int((until - self.begun_at).total_seconds() - self.stopped_seconds) // 60)


class DrillPlayer(TenantModel):
    """A colleague in a drill, and what they play. ``briefed_at``: when they said that they have read the briefing."""

    drill = models.ForeignKey(Drill, models.PROTECT, db_constraint=False, related_name="players")
    member = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    part = models.CharField(max_length=16, choices=values(Part))
    briefed_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("drill"),
            TenantFK("member"),
            models.UniqueConstraint(fields=["tenant", "drill", "member", "part"], name="drill_player_once"),
            models.UniqueConstraint(
                fields=["tenant", "drill", "part"], condition=~Q(part=Part.SELF.value), name="drill_part_once"
            ),
        ]

    def __str__(self) -> str:
        return self.part


class DrillFault(TenantModel):
    """What goes wrong with one step of a leg, from the next time that it is taken."""

    drill = models.ForeignKey(Drill, models.PROTECT, db_constraint=False, related_name="faults")
    leg = models.CharField(max_length=10, choices=values(LegKind))
    position = models.PositiveSmallIntegerField()
    fault = models.CharField(max_length=12, choices=values(Fault))

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("drill"),
            models.UniqueConstraint(fields=["tenant", "drill", "leg", "position"], name="drill_fault_once"),
        ]

    def __str__(self) -> str:
        return self.fault


class DrillChange(TenantModel):
    """What will be changed after a drill: by whom, until which day, and when it was done."""

    drill = models.ForeignKey(Drill, models.PROTECT, db_constraint=False, related_name="changes")
    what = models.CharField(max_length=200)
    who = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    until = models.DateField()
    written_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        ordering = ["until", "id"]
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("drill"),
            TenantFK("who"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(done_at__gte=F("written_at")), name="drill_change_done_later"
            ),
        ]

    def __str__(self) -> str:
        return self.what
