"""Celery tasks of what is handed on: what is over ends. The rows say what is due."""

from celery import shared_task

from kernel.clock import now
from referrals.liaison.mediation_states import CLOCKED
from referrals.liaison.models import Mediation
from referrals.liaison.workflow.mediation import lapse
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants

DUE_TASK = "referrals.liaison.tasks.end_what_is_over"
MEDIATIONS = "liaison.mediations"
MOST = 500
"""Rows of one round; the next takes the rest."""


@shared_task(name=DUE_TASK, ignore_result=True)
def end_what_is_over() -> int:
    """One round over all schools. May run twice: every row is looked at again under lock."""
    with across_tenants("find what was handed on and is over"):
        rows = Mediation.objects.filter(state__in=CLOCKED, until__lte=now()).order_by("until", "pk")
        due = [Due(*row) for row in not_set_back(rows, MEDIATIONS).values_list("tenant_id", "pk")[:MOST]]
    return each_by_itself(due, lambda row: lapse(mediation_id=row.pk), loop=MEDIATIONS)
