"""How often Celery's beat publishes and ends pages: every 30 seconds, so that a date is kept within a minute."""

from content.tasks import SCHEDULE_TASK

BEAT = {SCHEDULE_TASK: {"task": SCHEDULE_TASK, "schedule": 30.0, "options": {"expires": 30}}}
