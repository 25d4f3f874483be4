"""When Celery's beat wakes the jobs."""

from jobs.tasks import EXPIRE_TASK
from jobs.workflow import RUN_TASK

BEAT = {
    RUN_TASK: {"task": RUN_TASK, "schedule": 10.0, "options": {"expires": 10}},
    EXPIRE_TASK: {"task": EXPIRE_TASK, "schedule": 3600.0},
}
