"""When Celery's beat wakes what pages do by themselves: often enough that a date is kept within a minute."""

from content.tasks import SCHEDULE_TASK

BEAT = {SCHEDULE_TASK: {"task": SCHEDULE_TASK, "schedule": 30.0, "options": {"expires": 30}}}
