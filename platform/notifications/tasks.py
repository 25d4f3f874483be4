"""Celery tasks that send the outbox: after a commit, and by the timer in case a message was lost."""

from celery import shared_task

from notifications.drain import drain as drain_due
from notifications.outbox import DRAIN_TASK


@shared_task(name=DRAIN_TASK, ignore_result=True)
def drain() -> int:
    """Send what is due. Safe to run twice and side by side."""
    return drain_due()
