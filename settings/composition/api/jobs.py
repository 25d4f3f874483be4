"""``jobs/{id}/``: how far long work is, for its owner."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import BaseView
from jobs.api import JobSerializer, as_json
from jobs.workflow import access_job


class JobView(BaseView):
    """One job."""

    @extend_schema(operation_id="jobs_read", responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """404 for anybody else."""
        return Response(JobSerializer(as_json(access_job(self.actor, job_id), request)).data)
