"""Celery tasks: what is over expires, the books are gone through. The rows in PostgreSQL say what is due."""

from celery import shared_task

from ledger.selectors import difference
from referrals.due import run_due
from referrals.subsidies.accounting import units_difference
from tenancy.models import Tenant
from tenancy.rounds import in_every_school

DUE_TASK = "referrals.tasks.run_due_referrals"
BOOKS_TASK = "referrals.tasks.check_all_books"


@shared_task(name=DUE_TASK, ignore_result=True)
def run_due_referrals() -> int:
    """One round over all schools. May run twice: every step looks again under lock."""
    return run_due()


@shared_task(name=BOOKS_TASK, ignore_result=True)
def check_all_books() -> int:
    """Every night: per line, what live reservations and held units keep is what is reserved (M6). Returns schools that are even.

    A school whose books are off stands back in this loop, so that ``/metrics`` and the doctor say it until it is mended.
    """
    return in_every_school(_check, loop=BOOKS_TASK)


def _check(tenant: Tenant) -> None:
    off = difference() + units_difference()
    if off:
        raise ArithmeticError(f"the books are off by {off}")
