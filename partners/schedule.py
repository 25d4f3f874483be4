"""How often Celery's beat runs the tasks of partners."""

from partners.tasks import ADVANCE_TASK

BEAT = {ADVANCE_TASK: {"task": ADVANCE_TASK, "schedule": 3600.0}}
