"""Celery task of open days: lines move up, families are reminded, what must go goes. Late is harmless: the dates decide."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value

from content.opendays.models import OpenDay
from content.opendays.rules import REMIND_BEFORE
from content.opendays.states import DayState
from content.opendays.workflow import keeping
from kernel.clock import now
from tenancy.rounds import each_by_itself, not_set_back
from tenancy.scope import across_tenants

ROUND_TASK: Final = "content.opendays.tasks.run_open_days"
A_DAY: Final = timedelta(days=1)
_MOST: Final = 200


@shared_task(name=ROUND_TASK, ignore_result=True)
def run_open_days() -> int:
    """One round over all schools. May run twice: every day is looked at again under its lock."""
    return run_round()


def run_round() -> int:
    """How much was done: offers made, messages written, words wiped, reports begun."""
    moment = now()
    with across_tenants("find open days with a line, a reminder or words past their time"):
        rows = OpenDay.objects.only("pk", "tenant_id").order_by("starts_at", "pk")
        waiting = _due(
            rows.filter(state=DayState.OPEN, starts_at__gt=moment, sessions__claims__wants__gt=0).distinct(), "line"
        )
        remind = _due(
            rows.filter(
                state=DayState.OPEN,
                starts_at__gt=moment,
                starts_at__lte=moment + REMIND_BEFORE,
                reminded_at__isnull=True,
            ),
            "remind",
        )
        plates = rows.filter(plates_wiped_at__isnull=True, ends_at__lte=moment)
        kept = ExpressionWrapper(F("names_kept_days") * Value(A_DAY), DurationField())
        names = rows.filter(names_wiped_at__isnull=True, ends_at__lte=moment - kept)
        wipe = _due(plates | names, "wipe")
        report = _due(rows.filter(state=DayState.OPEN, report_begun_at__isnull=True, ends_at__lte=moment), "report")
    return (
        each_by_itself(waiting, lambda day: keeping.move_up(day=day), loop="opendays.line")
        + each_by_itself(remind, lambda day: keeping.remind(day=day), loop="opendays.remind")
        + each_by_itself(wipe, lambda day: keeping.wipe(day=day), loop="opendays.wipe")
        + each_by_itself(report, lambda day: int(keeping.begin_report(day=day)), loop="opendays.report")
    )


def _due(rows: QuerySet[OpenDay], loop: str) -> list[OpenDay]:
    return list(not_set_back(rows, f"opendays.{loop}")[:_MOST])
