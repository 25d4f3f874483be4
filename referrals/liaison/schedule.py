"""How often Celery's beat runs the tasks of what is handed on. Found by ``settings.celery``."""

from referrals.liaison.tasks import DUE_TASK

BEAT = {DUE_TASK: {"task": DUE_TASK, "schedule": 300.0, "options": {"expires": 300}}}
