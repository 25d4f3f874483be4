"""``GET /api/v1/jobs/{id}/`` (contract): the owner sees state, progress and where the result is."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import BaseView
from jobs.models import Job
from jobs.states import State
from jobs.workflow import access_job


class JobSerializer(serializers.Serializer[dict[str, Any]]):
    """The contract's answer, with the id and the error code added."""

    id = serializers.UUIDField(read_only=True)
    state = serializers.ChoiceField(choices=[state.value for state in State], read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True)
    result_url = serializers.CharField(read_only=True, allow_null=True)
    error = serializers.CharField(read_only=True, allow_blank=True)


def as_json(job: Job, request: Request | None = None) -> dict[str, Any]:
    """A job as the API shows it; ``result_url`` is absolute when the request is given, None without a file."""
    path = reverse("jobs:result", args=[job.pk]) if job.state == State.DONE and job.result_file else None
    url = request.build_absolute_uri(path) if path and request is not None else path
    return {
        "id": job.pk,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "result_url": url,
        "error": job.error,
    }


class JobView(BaseView):
    """One job, for its owner only."""

    @extend_schema(operation_id="jobs_read", responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """404 for anybody else."""
        return Response(JobSerializer(as_json(access_job(self.actor, job_id), request)).data)
