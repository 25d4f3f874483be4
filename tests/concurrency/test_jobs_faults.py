"""A worker killed in the middle: its job is run again when the lease is over, and what was done is not done twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jobs import workflow
from jobs.models import Job
from jobs.progress import Progress
from jobs.registry import register
from ledger.models import Account
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school

STEPS = 20
ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import os, sys, time, uuid
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from jobs import workflow
from tests.concurrency import test_jobs_faults as faults
faults.PAUSE = 0.1
workflow.run_due(lease=timedelta(seconds=2))
"""
PAUSE = 0.0


@register("test-twenty-steps")
def twenty_steps(job: Job, progress: Progress) -> Mapping[str, Any]:
    """Opens twenty accounts, one a step, each once: a second run finds what the first one did."""
    progress.begin(STEPS)
    made = 0
    for n in range(STEPS):
        _, is_new = Account.objects.get_or_create(
            book="pool", owner=f"step{n}", period=2026, unit="fen", bucket="spent"
        )
        made += is_new
        time.sleep(PAUSE)
        progress.step()
        progress.flush()
    return {"made": made}


@pytest.fixture
def school(committed: None) -> Any:
    return make_school()


def wait_for(what: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def test_a_job_killed_in_the_middle_resumes_after_its_lease(school: Any) -> None:
    owner = actor_of(make_person(school))
    with use_tenant(school.id):
        job = workflow.start(actor=owner, kind="test-twenty-steps", params={})
        # A process of its own: SIGKILL leaves it no chance to tidy up.
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, connection.settings_dict["NAME"]],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")]),
            },
        )
        try:
            wait_for(lambda: Job.objects.get(pk=job.pk).done >= 3)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        job.refresh_from_db()
        assert job.state == "running"
        half = Account.objects.count()
        assert 3 <= half < STEPS
        assert workflow.claim(job.pk) is None  # the lease still holds
        wait_for(lambda: workflow.run_due(lease=timedelta(seconds=5)) or Job.objects.get(pk=job.pk).state == "done")
        job.refresh_from_db()
        assert (job.state, job.attempts, job.done) == ("done", 2, STEPS)
        assert job.result == {"made": STEPS - half}
        assert Account.objects.count() == STEPS
