"""Celery tasks of the chain: what waits a day, and notices of a duty that begins. Calls are the engine's, without Celery (chain §5)."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from accounts.actor import system_in
from referrals.emergency.help_lines import write_lines
from referrals.emergency.workflow.asking import ask_still_right
from referrals.emergency.workflow.away import forget_away
from referrals.emergency.workflow.drill_notices import remind_of_changes, tell_when_wanted
from referrals.emergency.workflow.duty_notices import tell_of_duty
from referrals.emergency.workflow.keeping import addresses_over, end_addresses, erase, keeping_over
from referrals.emergency.workflow.kits import tell_what_ends
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.nightly import look_again_at_plans
from tenancy.models import Tenant
from tenancy.rounds import Due, each_by_itself, in_every_school, not_set_back

MOST = 500
"""Incidents of one school in one night; the next night takes the rest."""
STILL_RIGHT_TASK = "referrals.emergency.tasks.ask_whether_contacts_are_right"
KEEPING_TASK = "referrals.emergency.tasks.end_what_is_over"
PLANS_TASK = "referrals.emergency.tasks.look_at_all_plans"
DRILLS_TASK = "referrals.emergency.tasks.tell_when_a_drill_is_wanted"
KITS_TASK = "referrals.emergency.tasks.tell_what_ends_in_kits"
HELP_TASK = "referrals.emergency.tasks.write_help_lines"
DUTY_TASK = "referrals.emergency.tasks.tell_who_is_on_duty_next"


@shared_task(name=STILL_RIGHT_TASK, ignore_result=True)
def ask_whether_contacts_are_right() -> int:
    """One round over all schools. May run twice."""
    return ask_still_right()


@shared_task(name=DUTY_TASK, ignore_result=True)
def tell_who_is_on_duty_next() -> int:
    """One round over all schools. May run twice: every shift is looked at again under lock."""
    return tell_of_duty()


@shared_task(name=HELP_TASK, ignore_result=True)
def write_help_lines() -> int:
    """The schools' lines for the static help page. Returns how many."""
    return write_lines(Path(settings.HELP_LINES), chain_now())


@shared_task(name=PLANS_TASK, ignore_result=True)
def look_at_all_plans() -> int:
    """Every school's plans and rota. Safe to run twice; returns how many schools were visited."""
    return in_every_school(_look, loop=PLANS_TASK)


def _look(school: Tenant) -> None:
    look_again_at_plans(actor=system_in(school.pk))


@shared_task(name=DRILLS_TASK, ignore_result=True)
def tell_when_a_drill_is_wanted() -> int:
    """Every school whose semester has no drill. Safe to run twice; returns how many schools were visited."""
    return in_every_school(_drills, loop=DRILLS_TASK)


def _drills(school: Tenant) -> None:
    tell_when_wanted(actor=system_in(school.pk))
    remind_of_changes(actor=system_in(school.pk))


@shared_task(name=KITS_TASK, ignore_result=True)
def tell_what_ends_in_kits() -> int:
    """Every school's kits. Safe to run twice: a thing is told of once. Returns how many schools were visited."""
    return in_every_school(_kits, loop=KITS_TASK)


def _kits(school: Tenant) -> None:
    tell_what_ends(actor=system_in(school.pk))


@shared_task(name=KEEPING_TASK, ignore_result=True)
def end_what_is_over() -> int:
    """Every school's ended incidents whose time is over. Safe to run twice; returns how many schools were visited."""
    return in_every_school(_end, loop=KEEPING_TASK)


def _end(school: Tenant) -> None:
    forget_away(actor=system_in(school.pk))
    moment = chain_now()
    for loop, rows, act in (
        ("emergency.addresses", addresses_over(moment), _end_addresses),
        ("emergency.words", keeping_over(school, moment), _erase),
    ):
        due = [Due(school.pk, pk) for pk in not_set_back(rows, loop).values_list("pk", flat=True)[:MOST]]
        each_by_itself(due, act, loop=loop)


def _end_addresses(row: Due) -> bool:
    return end_addresses(actor=system_in(row.tenant_id), incident_id=row.pk)


def _erase(row: Due) -> bool:
    return erase(actor=system_in(row.tenant_id), incident_id=row.pk)
