"""How often Celery's beat goes through the open days: a freed seat is offered within a minute."""

from content.opendays.tasks import ROUND_TASK

BEAT = {ROUND_TASK: {"task": ROUND_TASK, "schedule": 60.0, "options": {"expires": 60}}}
