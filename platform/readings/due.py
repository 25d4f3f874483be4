"""Tells who is asked, who has three days left, who is late: once each, between 7:00 and 21:00 (books §7).

Newcomers enter by themselves: each round looks at who is of the audience today.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Membership
from kernel.clock import now
from notifications.models import OutboxMessage, Preference
from notifications.outbox import channels_of, message_rows, wake_on_commit
from notifications.texts import Topic
from readings import rules
from readings.coverage import Row, rows_of
from readings.models import Reading
from readings.rules import Stand
from tenancy.models import Tenant
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants, current_tenant_id

LOOP: Final = "readings"
OPENS, SHUTS = time(7), time(21)


def run_due(limit: int = 200) -> int:
    """One look at every open reading a day; may run twice. Returns how many messages were written."""
    with across_tenants("find readings to look at"):
        open_ones = Reading.objects.filter(replaced_at__isnull=True, ended_at__isnull=True, next_at__lte=now())
        due = [
            Due(*row)
            for row in not_set_back(open_ones.order_by("next_at", "pk"), LOOP).values_list("tenant_id", "pk")[:limit]
        ]
    return each_by_itself(due, lambda row: look_at(reading_id=row.pk), loop=LOOP)


@transaction.atomic
def look_at(*, reading_id: UUID) -> int:
    """Write the day's messages of one reading. The outbox's key makes each of them once."""
    reading = Reading.objects.select_for_update(no_key=True).filter(pk=reading_id).first()
    if reading is None or not reading.is_open:
        return 0
    school = Tenant.objects.get(pk=current_tenant_id())
    local = now().astimezone(ZoneInfo(school.time_zone))
    is_day = OPENS <= local.time() < SHUTS
    tomorrow = local.date() + timedelta(days=0 if local.time() < OPENS else 1)
    Reading.objects.filter(pk=reading.pk).update(
        next_at=datetime.combine(tomorrow, OPENS, tzinfo=local.tzinfo).astimezone(UTC)
    )
    if not is_day:
        return 0
    rows = [row for row in rows_of(reading, local.date()) if row.person.user_id is not None and not row.waits]
    told = [(which, row.person) for row in rows for which in _what(row, local.date())]
    return _tell(reading, told)


def _what(row: Row, today: date) -> list[str]:
    """Which messages one person should have had by today."""
    if row.stand in (Stand.HAS, Stand.AWAY):
        return []
    if row.stand is Stand.LATE:
        return ["reading_issued", "reading_late"]
    days_left = (row.due - today).days
    return ["reading_issued", "reading_soon"] if days_left <= rules.SOON.days else ["reading_issued"]


def _tell(reading: Reading, told: list[tuple[str, Membership]]) -> int:
    chosen = dict(
        Preference.objects.filter(
            membership__in=[person for _which, person in told], kind=Topic.WORK.value
        ).values_list("membership_id", "channels")
    )
    rows = [
        message
        for which, person in told
        for message in message_rows(
            key=f"reading:{reading.pk}:{which}:{person.pk}",
            template=which,
            user_id=person.user_id,
            channels=channels_of(chosen.get(person.pk)),
            link=f"/my/to-read/{reading.pk}/",
        )
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    wake_on_commit()
    return len(rows)
