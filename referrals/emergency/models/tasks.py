"""What somebody still has to do about an incident, with a clock of its own (chain §2, §9, §10)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from referrals.emergency.models.clock import ChainNow
from referrals.emergency.models.incidents import Incident, values
from referrals.emergency.rules.tasks import TaskKind
from tenancy.constraints import TenantFK
from tenancy.models import TenantModel


class WatchTask(TenantModel):
    """A task of an incident. ``due_at`` is what people read, ``next_at`` when the engine looks next (both UTC, the chain's
    clock): **an open task has one, a done one has none**, by the database.

    ``relative``: whom it is about, where a contact was called by hand. ``asked_by``: who first said that it may wait; a
    second person must say so too. It outlives the incident's end.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, db_constraint=False, related_name="tasks")
    kind = models.CharField(max_length=10, choices=values(TaskKind))
    leg = models.ForeignKey("emergency.Leg", models.PROTECT, null=True, db_constraint=False, related_name="+")
    relative = models.ForeignKey("families.Relative", models.PROTECT, null=True, db_constraint=False, related_name="+")
    by = models.ForeignKey("accounts.Membership", models.PROTECT, db_constraint=False, related_name="+")
    created_at = models.DateTimeField(db_default=ChainNow(), editable=False)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    deferrals = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("task of an incident")
        constraints = [
            *TenantModel.Meta.constraints,
            TenantFK("incident"),
            TenantFK("leg"),
            TenantFK("relative"),
            TenantFK("by"),
            TenantFK("asked_by"),
            TenantFK("done_by"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True, next_at__isnull=False)
                | models.Q(done_at__isnull=False, done_by__isnull=False, next_at__isnull=True, asked_by__isnull=True),
                name="watch_task_open_has_a_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=TaskKind.TELL_BOTH.value, relative__isnull=False)
                | (~models.Q(kind=TaskKind.TELL_BOTH.value) & models.Q(relative__isnull=True)),
                name="watch_task_tells_whom",
            ),
            models.UniqueConstraint(
                fields=["tenant", "incident", "kind", "relative"],
                condition=models.Q(done_at__isnull=True),
                nulls_distinct=False,
                name="watch_task_once_open",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="watch_task_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["tenant", "incident"], name="watch_task_of_incident"),
        ]

    def __str__(self) -> str:
        return self.kind
