"""When Celery's beat wakes what referrals do by themselves."""

from referrals.tasks import DUE_TASK

BEAT = {DUE_TASK: {"task": DUE_TASK, "schedule": 60.0}}
