"""How often Celery's beat sends the outbox."""

from notifications.outbox import DRAIN_TASK

BEAT = {DRAIN_TASK: {"task": DRAIN_TASK, "schedule": 5.0, "options": {"expires": 5}}}
"""Every five seconds; a wake-up nobody took in time is dropped."""
