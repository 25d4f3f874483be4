"""Once an hour, school by school: agreements move with their dates, old idempotency answers and result files go."""

from celery import shared_task

from accounts.actor import system_in
from api.idempotency import purge_keys
from jobs.workflow import expire_results
from kernel.clock import local_day, now
from partners.workflow import advance_agreements
from tenancy.models import Tenant
from tenancy.scope import use_tenant

BEAT = {"hourly-chores": {"task": "settings.composition.chores.run_chores", "schedule": 3600.0}}


@shared_task
def run_chores() -> int:
    """Safe to run twice. Returns how many schools were visited."""
    visited = 0
    for tenant in Tenant.objects.filter(is_active=True).order_by("pk"):
        with use_tenant(tenant.id):
            advance_agreements(actor=system_in(tenant.id), today=local_day(now(), tenant.time_zone))
            purge_keys()
            expire_results()
            visited += 1
    return visited
