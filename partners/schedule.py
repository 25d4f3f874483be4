"""When Celery's beat wakes what partners do by themselves."""

from partners.tasks import ADVANCE_TASK

BEAT = {ADVANCE_TASK: {"task": ADVANCE_TASK, "schedule": 3600.0}}
