"""Reading and writing a long staff list; found by ``jobs`` at start-up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from jobs.models import Job
from jobs.progress import Cancelled, Progress
from jobs.registry import register
from jobs.workflow import actor_of
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import discard_roster, read_roster


@register("roster")
def write_roster(job: Job, progress: Progress) -> Mapping[str, Any]:
    """Write a previewed staff list; may be run again from the start (``apply_roster`` finds what it did)."""
    before = 0

    def on_progress(done: int, total: int) -> None:
        nonlocal before
        if before == 0:
            progress.begin(total, gettext_noop("Writing the staff list"))
        progress.step(done - before)
        before = done

    imported = apply_roster(actor=actor_of(job), import_id=UUID(job.params["import"]), on_progress=on_progress)
    return {"import": str(imported.pk)}


@register("roster_read")
def read_long_roster(job: Job, progress: Progress) -> Mapping[str, Any]:
    """Read a long staff list for its preview; may be run again from the start. Stopped, the list is put away."""
    before = 0

    def on_progress(done: int, total: int) -> None:
        nonlocal before
        if before == 0:
            progress.begin(total, gettext_noop("Reading the staff list"))
        progress.step(done - before)
        before = done

    actor, import_id = actor_of(job), UUID(job.params["import"])
    try:
        read_roster(actor=actor, import_id=import_id, on_progress=on_progress)
    except Cancelled:
        discard_roster(actor=actor, import_id=import_id)
        raise
    return {"import": str(import_id)}
