"""How often Celery's beat runs the tasks of seats."""

from seats.tasks import SWEEP_TASK

BEAT = {SWEEP_TASK: {"task": SWEEP_TASK, "schedule": 3600.0}}
