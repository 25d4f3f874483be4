"""How often Celery's beat runs the tasks of referrals."""

from referrals.tasks import DUE_TASK

BEAT = {DUE_TASK: {"task": DUE_TASK, "schedule": 60.0}}
