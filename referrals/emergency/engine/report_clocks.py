"""A report has lain unread (chain §1): it calls by itself. Those of one incident together, under its lock."""

import logging
from collections import defaultdict
from uuid import UUID

from django.db import connection, transaction

from referrals.emergency.engine.held import free, is_held_up, take
from referrals.emergency.models import Report
from referrals.emergency.workflow.unread import follow_unread
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)


def decide_reports(limit: int = 500) -> int:
    """Follow up the unread reports of the open school that are due, the longest first; returns how many."""
    rows = Report.objects.raw(free("emergency_report"), [limit])
    of: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        of[row.incident_id].append(row.pk)
    return sum(_of_one(incident, reports) for incident, reports in of.items())


def _of_one(incident_id: UUID, reports: list[UUID]) -> int:
    try:
        with transaction.atomic():
            take(incident_id)
            return follow_unread(incident_id, reports)
    except Exception as error:
        if is_held_up(error):
            return 0
        if is_database_gone(error):
            raise
        logger.error("the unread reports of incident %s failed: %s", incident_id, type(error).__name__)
        _put_off(reports)
        return 0


def _put_off(reports: list[UUID]) -> None:
    """What cannot be worked comes up again in a minute."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE emergency_report SET next_at = chain_now() + interval '1 minute'"
            " WHERE id = ANY(%s) AND next_at <= (SELECT chain_now())",
            [reports],
        )
