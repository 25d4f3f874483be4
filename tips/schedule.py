"""How often Celery's beat looks for letters that are due."""

from tips.tasks import DUE_TASK

BEAT = {DUE_TASK: {"task": DUE_TASK, "schedule": 60.0, "options": {"expires": 60}}}
