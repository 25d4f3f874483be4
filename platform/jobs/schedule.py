"""How often Celery's beat runs jobs that are due."""

from jobs.tasks import EXPIRE_TASK
from jobs.workflow import RUN_TASK

BEAT = {
    RUN_TASK: {"task": RUN_TASK, "schedule": 10.0, "options": {"expires": 10}},
    EXPIRE_TASK: {"task": EXPIRE_TASK, "schedule": 3600.0},
}
