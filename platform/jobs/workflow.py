"""The only writers of jobs: start, cancel, and the run itself. Celery only wakes ``run_due``; a due job is a row."""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerDown

from accounts.actor import Actor
from accounts.places import actor_at
from jobs import files
from jobs.models import Job
from jobs.progress import LEASE, Cancelled, LeaseLost, Progress
from jobs.registry import handler_of
from jobs.states import OPEN, Event, State, step
from kernel.clock import now
from kernel.errors import DomainError, Forbidden, NotFound
from tenancy.rounds import Due, each_by_itself, not_set_back, set_back
from tenancy.scope import across_tenants, alias_for, current

logger = logging.getLogger(__name__)

RUN_TASK: Final = "jobs.run_due"
LOOP: Final = "jobs.run"
MAX_ATTEMPTS: Final = 5
_PLAIN: Final = re.compile(r"[\w.:+-]{0,64}", re.ASCII)


def access_job(actor: Actor, job_id: UUID) -> Job:
    """The actor's own job. NotFound for anybody else's (house §style 5)."""
    job: Job | None = Job.objects.filter(pk=job_id, owner_id=actor.user_id).first() if actor.user_id else None
    if job is None:
        raise NotFound
    return job


@transaction.atomic
def start(*, actor: Actor, kind: str, params: Mapping[str, Any]) -> Job:
    """Queue a job of ``kind`` in the caller's transaction; the caller has checked the permission.

    ``params`` are ids, numbers and short codes: the row must not carry a person's words. Forbidden for nobody,
    KeyError for an unknown kind, ValueError for anything longer.
    """
    if actor.user_id is None:
        raise Forbidden
    handler_of(kind)
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in params.items()}
    for value in plain.values():
        if not (value is None or isinstance(value, int) or (isinstance(value, str) and _PLAIN.fullmatch(value))):
            raise ValueError("a job takes ids, numbers and short codes only")
    job: Job = Job.objects.create(kind=kind, owner_id=actor.user_id, params=plain)
    transaction.on_commit(wake, using=alias_for(current()), robust=True)
    return job


@transaction.atomic
def request_cancel(*, actor: Actor, job_id: UUID) -> Job:
    """Stop the actor's own job: at once while it waits, at its next step while it runs. IllegalMove when it is over."""
    access_job(actor, job_id)
    job: Job = Job.objects.select_for_update(no_key=True).get(pk=job_id)
    target = step(job.state, Event.CANCEL)
    job.cancel_requested = True
    if job.state == State.QUEUED:
        job.state, job.finished_at = target.value, now()
    job.save(update_fields=["cancel_requested", "state", "finished_at"])
    return job


def is_expired(job: Job) -> bool:
    """Whether it had a result file that was deleted with time."""
    return job.state == State.DONE and bool(job.result_name) and not job.result_file


@transaction.atomic
def expire_results(*, limit: int = 500) -> int:
    """Delete the open school's result files older than ``settings.JOB_RESULT_DAYS`` days; how many. May run twice.

    The row forgets the file first: a process that dies between the two leaves a sealed file nobody can ask for.
    """
    before = now() - timedelta(days=settings.JOB_RESULT_DAYS)
    old = Job.objects.select_for_update(no_key=True, skip_locked=True).filter(finished_at__lt=before)
    paths = dict(old.exclude(result_file="").order_by("pk").values_list("pk", "result_file")[:limit])
    Job.objects.filter(pk__in=list(paths)).update(result_file="")
    for path in paths.values():
        transaction.on_commit(partial(files.remove, path), using=alias_for(current()), robust=True)
    return len(paths)


def actor_of(job: Job) -> Actor:
    """Who started it, with the roles they hold now. NotFound when they have left."""
    actor = actor_at(job.tenant, job.owner)
    if actor is None:
        raise NotFound
    return actor


def run_due(*, limit: int = 20, lease: timedelta = LEASE) -> int:
    """Run what is due in any school, one after another; returns how many ran. Workers may run it side by side."""
    with across_tenants("due jobs of every school"):
        due = list(
            not_set_back(Job.objects.filter(state__in=OPEN, due_at__lte=Now()), LOOP)
            .order_by("due_at")
            .values_list("tenant_id", "pk")[:limit]
        )
    claimed: dict[UUID, Job] = {}

    def act(row: Due) -> bool:
        job = claim(row.pk, lease)
        if job is None:
            return False
        claimed[row.pk] = job
        _run(job, lease)
        return True

    def failed(row: Due, error: Exception) -> None:
        """What a handler did not foresee ends its job; a database that faltered leaves the lease to run out."""
        job = claimed.get(row.pk)
        if job is None:
            set_back(LOOP, row, error)
        elif not isinstance(error, OperationalError | InterfaceError):
            _finish(job, Event.FAIL, error="crashed")

    each_by_itself((Due(*row) for row in due), act, loop=LOOP, failed=failed)
    return len(claimed)


@transaction.atomic
def claim(job_id: UUID, lease: timedelta = LEASE) -> Job | None:
    """The job, now leased to the caller; None when it is not due any more, is over, or has crashed too often."""
    free = Job.objects.select_for_update(no_key=True, skip_locked=True)
    job: Job | None = free.filter(pk=job_id, state__in=OPEN, due_at__lte=Now()).first()
    if job is None:
        return None
    if job.cancel_requested:
        _close(job, Event.CANCEL)
        return None
    if job.attempts >= MAX_ATTEMPTS:
        _close(job, Event.FAIL, error="gave_up")
        return None
    until = Now() + lease
    Job.objects.filter(pk=job.pk).update(
        state=step(job.state, Event.CLAIM).value,
        attempts=F("attempts") + 1,
        lease_until=until,
        due_at=until,
        done=0,
        total=0,
        stage="",
    )
    job.refresh_from_db()
    return job


def _run(job: Job, lease: timedelta) -> None:
    """One run. A worker that dies leaves the lease to run out; what is not caught here is the caller's."""
    progress = Progress(job, lease)
    try:
        result = handler_of(job.kind)(job, progress)
        progress.flush()
        _finish(job, Event.FINISH, result=dict(result or {}))
    except LeaseLost:
        logger.warning("job %s was taken over", job.pk)
    except Cancelled:
        _finish(job, Event.CANCEL)
    except DomainError as refusal:
        _finish(job, Event.FAIL, error=refusal.reason)


@transaction.atomic
def _finish(job: Job, event: Event, **values: Any) -> None:
    mine = Job.objects.select_for_update(no_key=True).filter(
        pk=job.pk, state=State.RUNNING.value, attempts=job.attempts
    )
    current_row = mine.first()
    if current_row is not None:
        _close(current_row, event, **values)


def _close(job: Job, event: Event, **values: Any) -> None:
    target = step(job.state, event).value
    Job.objects.filter(pk=job.pk).update(state=target, lease_until=None, finished_at=Now(), **values)


def wake() -> None:
    """Tell a worker; a broker that is down costs seconds, not the job."""
    try:
        current_app.send_task(RUN_TASK, retry=False, ignore_result=True, expires=60)
    except (BrokerDown, OSError) as error:
        logger.warning("no broker to wake the jobs: %s", type(error).__name__)
