"""Celery wakes the drainer; the rows in PostgreSQL say what is due."""

from celery import shared_task

from referrals.due import run_due

BEAT = {"referrals-due": {"task": "referrals.tasks.run_due_referrals", "schedule": 60.0}}


@shared_task
def run_due_referrals() -> int:
    """One round over all schools. May run twice: every step looks again under lock."""
    return run_due()
