"""When Celery's beat wakes what the interface does by itself."""

from api.tasks import PURGE_TASK

BEAT = {PURGE_TASK: {"task": PURGE_TASK, "schedule": 3600.0}}
