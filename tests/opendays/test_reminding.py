"""Whoever invited a family is reminded once, by day, from three days before; the calendar stays as it is (16.1)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from content.opendays.calendar import day_ics
from content.opendays.models import OpenDay
from content.opendays.tasks import run_round
from content.opendays.workflow.answering import call_off_answer
from content.opendays.workflow.days import call_off_day
from kernel.clock import as_of
from notifications.models import OutboxMessage
from tests.opendays.world import World, another_invitation, come, family

SHANGHAI = ZoneInfo("Asia/Shanghai")


def reminded(world: World) -> list[Any]:
    """Whom, once for each message and not for each channel."""
    rows = OutboxMessage.objects.filter(template="openday_reminder")
    return [user for _key, user in sorted({(row.key, row.to_user_id) for row in rows})]


def at(world: World, *, before: timedelta) -> datetime:
    return world.day.starts_at - before


def test_once_however_often_and_late_the_sweep_comes(world: World) -> None:
    come(world, family(2))
    come(world, family(1))
    before = day_ics(world.day, host="h")
    with as_of(at(world, before=timedelta(days=3, seconds=1))):
        run_round()
    assert reminded(world) == []
    for hours in (72, 71, 30, 1):
        with as_of(at(world, before=timedelta(hours=hours))):
            run_round()
    assert reminded(world) == [world.host.user_id], "one colleague, two families, one message"
    day = OpenDay.objects.get(pk=world.day.pk)
    assert (
        day.sequence == world.day.sequence
        and day_ics(day, host="h").split(b"DTSTAMP")[0] == before.split(b"DTSTAMP")[0]
    )


@pytest.mark.parametrize(("hour", "told"), [(6, 0), (7, 1), (20, 1), (21, 0), (23, 0), (2, 0)])
def test_never_at_night(world: World, hour: int, told: int) -> None:
    come(world)
    local = world.day.starts_at.astimezone(SHANGHAI) - timedelta(days=1)
    with as_of(local.replace(hour=hour, minute=0)):
        run_round()
    assert len(reminded(world)) == told
    assert (OpenDay.objects.get(pk=world.day.pk).reminded_at is not None) == bool(told), (
        "what waits comes in the morning"
    )


def test_nobody_whose_family_is_not_coming_and_nothing_of_a_day_that_is_off_or_has_begun(world: World) -> None:
    gone = come(world, invitation=another_invitation(world))
    call_off_answer(token=gone)
    come(world)
    with as_of(world.day.starts_at):
        run_round()
    assert reminded(world) == []
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    with as_of(at(world, before=timedelta(days=2))):
        run_round()
    assert reminded(world) == []
    OpenDay.objects.update(state="open")
    with as_of(at(world, before=timedelta(days=2))):
        run_round()
    assert reminded(world) == [world.host.user_id]
