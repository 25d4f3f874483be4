"""Celery task that reminds of what everyone is to have; the rows say what is due."""

from celery import shared_task

from readings.due import run_due

DUE_TASK = "readings.tasks.run_due_readings"


@shared_task(name=DUE_TASK, ignore_result=True)
def run_due_readings() -> int:
    """One round over all schools. May run twice."""
    return run_due()
