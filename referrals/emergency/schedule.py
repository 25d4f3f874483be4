"""How often Celery's beat runs the tasks of the chain. Found by ``settings.celery``."""

from celery.schedules import crontab

from referrals.emergency.tasks import (
    DRILLS_TASK,
    DUTY_TASK,
    HELP_TASK,
    KEEPING_TASK,
    KITS_TASK,
    PLANS_TASK,
    STILL_RIGHT_TASK,
)

BEAT = {
    # contacts
    STILL_RIGHT_TASK: {"task": STILL_RIGHT_TASK, "schedule": crontab(hour=8, minute=30)},
    # who begins within a day or ten minutes
    DUTY_TASK: {"task": DUTY_TASK, "schedule": 60.0, "options": {"expires": 60}},
    # a semester without a drill
    DRILLS_TASK: {"task": DRILLS_TASK, "schedule": crontab(hour=8, minute=40)},
    # what the static help page says when all else is stopped
    HELP_TASK: {"task": HELP_TASK, "schedule": 60.0, "options": {"expires": 60}},
    # at night in the schools' zone: what is over ends, duty and plans are looked at
    KEEPING_TASK: {"task": KEEPING_TASK, "schedule": crontab(hour=3, minute=30)},
    KITS_TASK: {"task": KITS_TASK, "schedule": crontab(hour=7, minute=30)},
    PLANS_TASK: {"task": PLANS_TASK, "schedule": crontab(hour=2, minute=30)},
}
