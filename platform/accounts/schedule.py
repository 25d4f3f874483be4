"""When Celery's beat wakes what the accounts do by themselves."""

from accounts.tasks import FORGET_TASK

BEAT = {FORGET_TASK: {"task": FORGET_TASK, "schedule": 3600.0}}
