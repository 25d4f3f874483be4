"""How often Celery's beat runs the tasks of the chain. Found by ``settings.celery``."""

from celery.schedules import crontab

from referrals.emergency.tasks import STILL_RIGHT_TASK

BEAT = {
    # contacts
    STILL_RIGHT_TASK: {"task": STILL_RIGHT_TASK, "schedule": crontab(hour=8, minute=30)},
}
