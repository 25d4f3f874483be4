"""A job's page: a bar that moves, a button to stop, the file at the end. Works without scripts by reloading itself."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from jobs import files
from jobs.models import Job
from jobs.states import State
from jobs.workflow import access_job, is_expired, request_cancel
from kernel.errors import NotFound


@signed_in
@require_GET
def detail(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """The page, or for htmx its moving part."""
    job = access_job(request.actor, job_id)
    is_part = bool(getattr(request, "htmx", False))
    return render(
        request,
        "jobs/part.html" if is_part else "jobs/detail.html",
        {"job": job, "expired": is_expired(job), "days": settings.JOB_RESULT_DAYS, **_bar(job)},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def cancel(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Ask it to stop, after one more question. A job that is over by now has nothing to stop: its page says so."""
    actor = request.actor
    job = access_job(actor, job_id)
    back = reverse("jobs:detail", args=[job.pk])
    if request.method == "POST":
        request_cancel(actor=actor, job_id=job.pk)
        return redirect(back)
    if not job.is_open or job.cancel_requested:
        return redirect(back)
    context = {
        "title": _("Stop this task?"),
        "facts": [(_("Task"), _stage(job)), (_("Done so far"), f"{job.percent} %")],
        "warning": _("What is done already stays. The rest is not done."),
        "confirm_label": _("Stop the task"),
        "danger": True,
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


@signed_in
@require_GET
def result(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """The file, for the owner only, as a download."""
    job = access_job(request.actor, job_id)
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


def _stage(job: Job) -> str:
    """What it is at now; before and after, how it stands."""
    return _(job.stage) if job.state == State.RUNNING and job.stage else str(job.get_state_display())


def _bar(job: Job) -> dict[str, Any]:
    """What ``ui/components/progress.html`` needs."""
    is_stopping = job.is_open and job.cancel_requested
    return {
        "title": _("Stopping…") if is_stopping else _stage(job),
        "percent": job.percent,
        "done": job.done,
        "total": job.total,
        "running": job.is_open,
        "poll_url": reverse("jobs:detail", args=[job.pk]),
        "cancel_url": "" if job.cancel_requested else reverse("jobs:cancel", args=[job.pk]),
        "result_url": reverse("jobs:result", args=[job.pk]) if job.result_file and not job.is_open else "",
    }
