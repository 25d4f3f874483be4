"""The object that a job's handler is given: reports progress, asks whether to stop, stores the result."""

import time
from datetime import timedelta
from typing import Final

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs import files
from jobs.models import Job
from jobs.states import State

LEASE: Final = timedelta(seconds=60)
_WRITE_EVERY_SECONDS: Final = 0.5


class Cancelled(Exception):
    """The owner asked to stop. A handler lets it rise; what it committed so far stays."""


class LeaseLost(Exception):
    """Somebody else has taken the job over. A handler lets it rise and touches nothing more."""


class Progress:
    """Reports of one run of one job. Every report also renews the lease (heartbeat).

    Call it outside a transaction: inside one nobody would see the bar move.
    """

    def __init__(self, job: Job, lease: timedelta = LEASE) -> None:
        self._job = job
        self._lease = lease
        self._pending = 0
        self._written_at = 0.0

    def begin(self, total: int, stage: str = "") -> None:
        """A (new) stage of ``total`` steps, counted from zero. ``stage`` is a msgid (``gettext_noop``): the page says it in the reader's language."""
        self._pending = 0
        self._write(done=0, total=total, stage=stage)

    def step(self, n: int = 1) -> None:
        """``n`` more steps are done. Raises Cancelled or LeaseLost. Written at most twice a second."""
        self._pending += n
        if time.monotonic() - self._written_at >= _WRITE_EVERY_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is pending now. Raises Cancelled or LeaseLost."""
        pending, self._pending = self._pending, 0
        self._write(done=F("done") + pending)

    def check_cancelled(self) -> None:
        """Raises Cancelled when the owner asked to stop, LeaseLost when the job has gone to somebody else."""
        cancel = self._mine().values_list("cancel_requested", flat=True).first()
        if cancel is None:
            raise LeaseLost
        if cancel:
            raise Cancelled

    def attach(self, name: str, content: bytes) -> None:
        """The result file under a neutral ``name`` such as ``statement.xlsx``; kept sealed."""
        self.check_cancelled()
        self._write(result_file=files.store(self._job, content), result_name=name)

    def _write(self, **values: object) -> None:
        self._written_at = time.monotonic()
        until = Now() + self._lease
        if not self._mine().update(lease_until=until, due_at=until, **values):
            raise LeaseLost
        self.check_cancelled()

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self._job.pk, state=State.RUNNING.value, attempts=self._job.attempts)
