"""Celery task that expires what is over; the rows in PostgreSQL say what is due."""

from celery import shared_task

from referrals.due import run_due

DUE_TASK = "referrals.tasks.run_due_referrals"


@shared_task(name=DUE_TASK, ignore_result=True)
def run_due_referrals() -> int:
    """One round over all schools. May run twice: every step looks again under lock."""
    return run_due()
