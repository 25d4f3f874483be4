"""How often Celery's beat runs the tasks of accounts."""

from accounts.tasks import FORGET_TASK

BEAT = {FORGET_TASK: {"task": FORGET_TASK, "schedule": 3600.0}}
