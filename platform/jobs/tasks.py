"""Celery wakes the runner: after a commit, and by the timer in case the wake-up was lost or a worker died."""

from celery import shared_task

from jobs.workflow import RUN_TASK
from jobs.workflow import run_due as run_what_is_due

BEAT = {RUN_TASK: {"task": RUN_TASK, "schedule": 10.0, "options": {"expires": 10}}}
"""For ``settings.celery``."""


@shared_task(name=RUN_TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def run_due() -> int:
    """Run what is due. Safe to run twice and side by side."""
    return run_what_is_due()
