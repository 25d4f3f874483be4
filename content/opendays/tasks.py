"""Celery task of open days: lines move up, families are reminded, what must go goes. Late is harmless: the dates decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from content.opendays.models import OpenDay
from content.opendays.rules import REMIND_BEFORE
from content.opendays.states import DayState
from content.opendays.workflow import keeping
from kernel.clock import now
from tenancy.rounds import each_by_itself, not_set_back
from tenancy.scope import across_tenants

ROUND_TASK: Final = "content.opendays.tasks.run_open_days"
A_DAY: Final = timedelta(days=1)
PAGE: Final = 200
"""Days that are read at once; a round goes on until it has seen all, for a day that was seen may stay due."""


@shared_task(name=ROUND_TASK, ignore_result=True)
def run_open_days() -> int:
    """One round over all schools. May run twice: every day is looked at again under its lock."""
    return run_round()


def run_round() -> int:
    """How much was done: offers made, messages written, words wiped, reports begun."""
    moment = now()
    rows = OpenDay.objects.only("pk", "tenant_id", "starts_at").order_by("starts_at", "pk")
    coming = rows.filter(state=DayState.OPEN, starts_at__gt=moment)
    remind = coming.filter(starts_at__lte=moment + REMIND_BEFORE, reminded_at__isnull=True)
    plates = rows.filter(plates_wiped_at__isnull=True, ends_at__lte=moment)
    kept = ExpressionWrapper(F("names_kept_days") * Value(A_DAY), DurationField())
    names = rows.filter(names_wiped_at__isnull=True, ends_at__lte=moment - kept)
    report = rows.filter(state=DayState.OPEN, report_begun_at__isnull=True, ends_at__lte=moment)
    return (
        _each(coming.filter(sessions__claims__wants__gt=0).distinct(), lambda day: keeping.move_up(day=day), "line")
        + _each(remind, lambda day: keeping.remind(day=day), "remind")
        + _each(plates | names, lambda day: keeping.wipe(day=day), "wipe")
        + _each(report, lambda day: int(keeping.begin_report(day=day)), "report")
    )


def _each(rows: QuerySet[OpenDay], act: Callable[[OpenDay], int], name: str) -> int:
    """``act`` on every row, page by page, the earliest first: those behind the first page wait for no other to be over."""
    loop, done, further = f"opendays.{name}", 0, Q()
    while True:
        with across_tenants("find open days with a line, a reminder or words past their time"):
            page = list(not_set_back(rows.filter(further), loop)[:PAGE])
        done += each_by_itself(page, act, loop=loop)
        if len(page) < PAGE:
            return done
        last = page[-1]
        further = Q(starts_at__gt=last.starts_at) | Q(starts_at=last.starts_at, pk__gt=last.pk)
