"""One piece of long work and how far it is."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.states import OPEN, State
from kernel.clock import now
from tenancy.models import TenantModel

STATE_LABELS = [
    (State.QUEUED.value, _("Waiting")),
    (State.RUNNING.value, _("Running")),
    (State.DONE.value, _("Done")),
    (State.FAILED.value, _("Did not finish")),
    (State.CANCELLED.value, _("Cancelled")),
]


class Job(TenantModel):
    """Long work with a visible end. ``params`` holds ids only; ``result_file`` is a sealed file below ``PRIVATE_ROOT``.

    ``due_at`` is when a worker may take it: while running it is the end of the lease, so the job of a dead worker comes up
    again. ``attempts`` counts claims and fences off a worker that lost its lease.
    """

    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=STATE_LABELS, default=State.QUEUED.value)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    result_file = models.CharField(max_length=200, blank=True)
    result_name = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=40, blank=True)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(name="job_state_known", condition=models.Q(state__in=[s.value for s in State])),
            models.CheckConstraint(
                name="job_running_has_lease",
                condition=~models.Q(state=State.RUNNING.value) | models.Q(lease_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="job_due", condition=models.Q(state__in=["queued", "running"])),
            models.Index(fields=["tenant", "owner", "-created_at"], name="job_newest"),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it will still change by itself."""
        return self.state in OPEN

    @property
    def percent(self) -> int:
        """0–100, whole; 0 while the total is unknown."""
        if self.state == State.DONE:
            return 100
        return min(self.done * 100 // self.total, 100) if self.total else 0
