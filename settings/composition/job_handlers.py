"""Long work that needs two apps at once; found by ``jobs`` at start-up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from accounts.actor import Actor
from accounts.roster.workflow import apply_roster
from jobs.models import Job
from jobs.progress import Progress
from jobs.registry import register
from jobs.workflow import actor_of, start


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


@transaction.atomic
def start_roster(*, actor: Actor, import_id: UUID) -> Job:
    """Queue the writing of a staff list (``settings.ROSTER_START``)."""
    return start(actor=actor, kind="roster", params={"import": import_id})
