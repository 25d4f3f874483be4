"""Rows of an incident with a clock of their own, looked at by the engine one by one: what fails holds no other up."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from referrals.emergency.engine.held import free, is_held_up, take
from referrals.emergency.workflow.moving import Locked, chain_now
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)
_AGAIN: Final = timedelta(minutes=1)


def each_due(model: Any, act: Callable[[Locked, Any], None], limit: int = 20) -> int:
    """Let ``act`` look at the rows of ``model`` in the open school whose ``next_at`` has come, each in its own transaction under
    its incident's lock; returns how many. ``act`` sets the next clock; a row that cannot be worked comes again in a minute.
    """
    due = list(model.objects.raw(free(model._meta.db_table), [limit]))
    return sum(_one(model, act, row.pk, row.incident_id) for row in due)


def _one(model: Any, act: Callable[[Locked, Any], None], pk: UUID, incident_id: UUID) -> int:
    try:
        with transaction.atomic():
            locked = take(incident_id)
            row = model.objects.select_for_update(no_key=True).get(pk=pk)
            if row.next_at is None or row.next_at > locked.moment:
                return 0  # somebody was here first
            act(locked, row)
    except Exception as error:
        if is_held_up(error):
            return 0
        if is_database_gone(error):
            raise
        logger.error("the clock of %s %s failed: %s", model.__name__, pk, type(error).__name__)
        with transaction.atomic():
            moment = chain_now()
            model.objects.filter(pk=pk, next_at__lte=moment).update(next_at=moment + _AGAIN)
        return 0
    return 1
