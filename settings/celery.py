"""Celery only wakes drainers. What is due stands in PostgreSQL; a lost message costs seconds, never work."""

import os

from celery import Celery

from settings.heartbeat import WorkerSign

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")

app = Celery("xinqiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(WorkerSign)
app.set_default()


@app.on_after_finalize.connect
def keep_the_beat(sender: Celery, **kwargs: object) -> None:
    """The schedule stands in code: every app names its own wake-ups (docs/adr/0004-schedule-in-code.md)."""
    from jobs.tasks import BEAT as JOBS
    from notifications.tasks import BEAT as NOTIFICATIONS
    from referrals.tasks import BEAT as REFERRALS
    from settings.composition.tasks import BEAT as CHORES

    sender.conf.beat_schedule = {**JOBS, **NOTIFICATIONS, **REFERRALS, **CHORES}
