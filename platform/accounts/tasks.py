"""What Celery calls for the accounts."""

from celery import shared_task

from accounts.tries import forget_old_tries

FORGET_TASK = "accounts.tasks.forget_tries"


@shared_task(name=FORGET_TASK, ignore_result=True)
def forget_tries() -> int:
    """Counts of tries that count no longer go. Safe to run twice; returns how many rows."""
    return forget_old_tries()
