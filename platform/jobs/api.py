"""``GET /api/v1/jobs/{id}/`` (contract): the owner sees state, progress and where the result is."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import actor_for
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


class JobView(APIView):
    """One job, for its owner only."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=JobSerializer, operation_id="jobs_retrieve")
    def get(self, request: Request, job_id: UUID) -> Response:
        """404 for anybody else."""
        job = access_job(actor_for(request._request), job_id)
        return Response(JobSerializer(as_json(job, request)).data)
