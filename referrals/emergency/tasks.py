"""Celery tasks of the chain that wait a day; what waits minutes is the engine's, without Celery (chain §5)."""

from celery import shared_task

from accounts.actor import system_in
from referrals.emergency.workflow.asking import ask_still_right
from referrals.emergency.workflow.nightly import look_again_at_plans
from tenancy.models import Tenant
from tenancy.rounds import in_every_school

STILL_RIGHT_TASK = "referrals.emergency.tasks.ask_whether_contacts_are_right"
PLANS_TASK = "referrals.emergency.tasks.look_at_all_plans"


@shared_task(name=STILL_RIGHT_TASK, ignore_result=True)
def ask_whether_contacts_are_right() -> int:
    """One round over all schools. May run twice."""
    return ask_still_right()


@shared_task(name=PLANS_TASK, ignore_result=True)
def look_at_all_plans() -> int:
    """Every school's plans and rota. Safe to run twice; returns how many schools were visited."""
    return in_every_school(_look, loop=PLANS_TASK)


def _look(school: Tenant) -> None:
    look_again_at_plans(actor=system_in(school.pk))
