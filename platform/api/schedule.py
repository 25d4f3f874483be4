"""How often Celery's beat runs the tasks of the API."""

from api.tasks import PURGE_TASK

BEAT = {PURGE_TASK: {"task": PURGE_TASK, "schedule": 3600.0}}
