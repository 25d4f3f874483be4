"""Celery task that publishes and ends pages; Wagtail's rows say what is due."""

from celery import shared_task

from content.scheduled import run_schedule

SCHEDULE_TASK = "content.tasks.run_page_schedule"


@shared_task(name=SCHEDULE_TASK, ignore_result=True)
def run_page_schedule() -> int:
    """One round over the pages of all schools. May run twice: every step looks again under lock."""
    return run_schedule()
