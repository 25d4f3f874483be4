"""What Celery calls for the interface."""

from celery import shared_task

from api.once import purge_keys
from tenancy.rounds import in_every_school

PURGE_TASK = "api.tasks.purge_all_keys"


@shared_task(name=PURGE_TASK, ignore_result=True)
def purge_all_keys() -> int:
    """Old answers to Idempotency-Keys go, school by school. Safe to run twice; returns how many schools were visited."""
    return in_every_school(lambda tenant: purge_keys(), loop=PURGE_TASK)
