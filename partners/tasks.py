"""What Celery calls for partners."""

from celery import shared_task

from accounts.actor import system_in
from partners.workflow import advance_agreements
from tenancy.models import Tenant
from tenancy.rounds import in_every_school

ADVANCE_TASK = "partners.tasks.advance_all_agreements"


@shared_task(name=ADVANCE_TASK, ignore_result=True)
def advance_all_agreements() -> int:
    """Agreements move with their dates. Safe to run twice; returns how many schools were visited."""
    return in_every_school(_advance, loop=ADVANCE_TASK)


def _advance(tenant: Tenant) -> None:
    advance_agreements(actor=system_in(tenant.id), today=tenant.today())
