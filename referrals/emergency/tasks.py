"""Celery tasks of the chain that wait a day; what waits minutes is the engine's, without Celery."""

from celery import shared_task

from referrals.emergency.workflow.asking import ask_still_right

STILL_RIGHT_TASK = "referrals.emergency.tasks.ask_whether_contacts_are_right"


@shared_task(name=STILL_RIGHT_TASK, ignore_result=True)
def ask_whether_contacts_are_right() -> int:
    """One round over all schools. May run twice."""
    return ask_still_right()
