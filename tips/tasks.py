"""Celery task that looks who gets a letter; the rows say what is due."""

from celery import shared_task

from tips.due import run_due

DUE_TASK = "tips.tasks.run_due_tips"


@shared_task(name=DUE_TASK, ignore_result=True)
def run_due_tips() -> int:
    """One round over all schools. May run twice: every step looks again under lock."""
    return run_due()
