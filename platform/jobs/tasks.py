"""Celery tasks that run due jobs: after a commit, and by the timer in case a message was lost or a worker died."""

from celery import shared_task

from jobs.workflow import RUN_TASK, expire_results
from jobs.workflow import run_due as run_what_is_due
from tenancy.rounds import in_every_school

EXPIRE_TASK = "jobs.tasks.expire_all_results"


@shared_task(name=RUN_TASK, ignore_result=True)
def run_due() -> int:
    """Run what is due. Safe to run twice and side by side."""
    return run_what_is_due()


@shared_task(name=EXPIRE_TASK, ignore_result=True)
def expire_all_results() -> int:
    """Old result files go, school by school. Safe to run twice; returns how many schools were visited."""
    return in_every_school(lambda tenant: expire_results(), loop=EXPIRE_TASK)
