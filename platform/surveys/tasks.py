"""Celery task of surveys: what is over by its date is closed, so that sent forms and what too few said are deleted."""

from typing import Final

from celery import shared_task

from kernel.clock import now
from surveys.models import Survey
from surveys.workflow import close_survey
from tenancy.rounds import each_by_itself, not_set_back
from tenancy.scope import across_tenants

ROUND_TASK: Final = "surveys.tasks.run_surveys"
_MOST: Final = 200


@shared_task(name=ROUND_TASK, ignore_result=True)
def run_surveys() -> int:
    """One round over all schools. Late is harmless: no answer is taken after the date, and none is shown before it."""
    with across_tenants("find surveys whose time is up"):
        rows = Survey.objects.only("pk", "tenant_id").filter(closed_at__isnull=True, closes_at__lte=now())
        due = list(not_set_back(rows.order_by("closes_at", "pk"), "surveys.close")[:_MOST])
    return each_by_itself(due, lambda survey: int(bool(close_survey(survey_id=survey.pk))), loop="surveys.close")
