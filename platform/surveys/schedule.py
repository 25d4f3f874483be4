"""How often Celery's beat looks for surveys that are over."""

from surveys.tasks import ROUND_TASK

BEAT = {ROUND_TASK: {"task": ROUND_TASK, "schedule": 60.0, "options": {"expires": 60}}}
