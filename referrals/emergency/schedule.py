"""How often Celery's beat runs the tasks of the chain. Found by ``settings.celery``."""

from celery.schedules import crontab

from referrals.emergency.tasks import PLANS_TASK, STILL_RIGHT_TASK

BEAT = {
    # contacts
    STILL_RIGHT_TASK: {"task": STILL_RIGHT_TASK, "schedule": crontab(hour=8, minute=30)},
    # duty and plans: half past two at night in the schools' zone
    PLANS_TASK: {"task": PLANS_TASK, "schedule": crontab(hour=2, minute=30)},
}
