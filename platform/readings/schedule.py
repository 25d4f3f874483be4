"""How often Celery's beat looks for readings whose day has a message."""

from readings.tasks import DUE_TASK

BEAT = {DUE_TASK: {"task": DUE_TASK, "schedule": 60.0, "options": {"expires": 60}}}
