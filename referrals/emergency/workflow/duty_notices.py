"""Who is on duty next is told a day and ten minutes before (chain §2): found as system, told school by school, once each."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from kernel.errors import Conflict
from notifications.outbox import enqueue
from referrals.emergency.models import ChainNow, DutyShift, chain_moment
from referrals.emergency.rota import shift_of
from referrals.emergency.workflow.holders import locked_chain, open_school, unless_begun
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants

DAY_BEFORE: Final = timedelta(hours=24)
SOON_BEFORE: Final = timedelta(minutes=10)
LOOP: Final = "emergency.duty_notices"
PAGE: Final = "/centre/emergency/duty/"


def tell_of_duty(limit: int = 500) -> int:
    """Tell who begins within a day or ten minutes, the nearest first, at most ``limit``. Safe to run twice; returns how many
    were told. A round that comes late tells what is still to come, and of what has begun nobody.
    """
    with across_tenants("shifts that begin soon, of every school"):
        rows = not_set_back(_due(), LOOP).order_by("starts_at", "pk")
        found = [Due(*row) for row in rows.values_list("tenant_id", "pk")[:limit]]
    return each_by_itself(found, _tell, loop=LOOP)


def _due() -> QuerySet[DutyShift]:
    soon = Q(told_soon=False, starts_at__lte=ChainNow() + SOON_BEFORE)
    day = Q(told_day=False, starts_at__lte=ChainNow() + DAY_BEFORE)
    return DutyShift.objects.filter(soon | day, starts_at__gt=ChainNow(), holder__isnull=False)


@transaction.atomic
def _tell(due: Due) -> bool:
    """Looked at again under the rota's lock: a swap may have come first."""
    locked_chain()
    row = DutyShift.objects.select_for_update(no_key=True).filter(pk=due.pk, holder__isnull=False).first()
    now = chain_moment()
    if row is None or row.starts_at <= now:
        return False
    is_soon = row.starts_at <= now + SOON_BEFORE
    if row.told_soon or (row.told_day and not is_soon):
        return False
    row.told_day, row.told_soon = True, is_soon
    try:
        with unless_begun("shift_begun"):
            row.save(update_fields=["told_day", "told_soon"])
    except Conflict:  # it has begun between the look and the write: there is nothing left to tell
        return False
    if not _begins_a_turn(row) or not _counts(row, row.starts_at):
        return False
    assert row.holder is not None
    template = "duty_soon" if is_soon else "duty_tomorrow"
    enqueue(key=f"duty:{row.pk}:{template}:{row.holder_id}", template=template, to=row.holder, link=PAGE)
    return True


def _begins_a_turn(row: DutyShift) -> bool:
    """False when they are on duty already when it begins."""
    before = DutyShift.objects.filter(holder_id=row.holder_id, starts_at__lt=row.starts_at, ends_at__gte=row.starts_at)
    return not before.exists()


def _counts(row: DutyShift, moment: datetime) -> bool:
    """Nobody is told of a shift on which they do not count: they will have left by then."""
    shift = shift_of(row, open_school().time_zone)
    return shift is not None and shift.covers(moment)
