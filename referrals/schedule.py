"""How often Celery's beat runs the tasks of referrals."""

from celery.schedules import crontab

from referrals.tasks import BOOKS_TASK, DUE_TASK

BEAT = {
    DUE_TASK: {"task": DUE_TASK, "schedule": 60.0},
    BOOKS_TASK: {"task": BOOKS_TASK, "schedule": crontab(hour=4, minute=10)},
}
