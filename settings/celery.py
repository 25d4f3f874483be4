"""The Celery app. Tasks only wake writers: what is due is a row in PostgreSQL, so a lost message costs seconds."""

import os

from celery import Celery

from operations.heartbeat import WorkerSign
from registry import table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")

app = Celery("xinqiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(WorkerSign)
app.set_default()


@app.on_after_finalize.connect
def keep_the_beat(sender: Celery, **kwargs: object) -> None:
    """The schedule stands in code: every app names its own wake-ups in ``schedule.BEAT`` (docs/adr/0004-schedule-in-code.md)."""
    sender.conf.beat_schedule = table("schedule", "BEAT")
