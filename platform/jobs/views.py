"""A job's page: a bar that moves, a button to stop, the file at the end. Works without scripts by reloading itself."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import signed_in
from accounts.actor import actor_for
from jobs import files
from jobs.models import Job
from jobs.states import State
from jobs.workflow import access_job, request_cancel
from kernel.errors import NotFound


@signed_in
@never_cache
@require_GET
def detail(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The page, or for htmx its moving part."""
    job = access_job(actor_for(request), job_id)
    is_part = bool(getattr(request, "htmx", False))
    return render(request, "jobs/part.html" if is_part else "jobs/detail.html", {"job": job, **_bar(job)})


@signed_in
@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask it to stop."""
    request_cancel(actor=actor_for(request), job_id=job_id)
    return redirect("jobs:detail", job_id=job_id)


@signed_in
@never_cache
@require_GET
def result(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The file, for the owner only, as a download."""
    job = access_job(actor_for(request), job_id)
    if job.state != State.DONE or not job.result_file:
        raise NotFound
    try:
        content = files.read(job)
    except FileNotFoundError:
        raise NotFound from None
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, job.result_name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _bar(job: Job) -> dict[str, Any]:
    """What ``ui/components/progress.html`` needs."""
    is_stopping = job.is_open and job.cancel_requested
    return {
        "title": _("Stopping…") if is_stopping else job.get_state_display(),
        "done": job.done,
        "total": job.total,
        "running": job.is_open,
        "poll_url": reverse("jobs:detail", args=[job.pk]),
        "cancel_url": "" if job.cancel_requested else reverse("jobs:cancel", args=[job.pk]),
        "result_url": reverse("jobs:result", args=[job.pk]) if job.result_file and not job.is_open else "",
    }
