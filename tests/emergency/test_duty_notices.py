"""Who is on duty next is told a day and ten minutes before: once, by name of nobody, and never of what has begun."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.models import OutboxMessage
from notifications.texts import texts
from referrals.emergency.models import DutyShift, chain_moment
from referrals.emergency.schedule import BEAT
from referrals.emergency.tasks import DUTY_TASK, tell_who_is_on_duty_next
from referrals.emergency.workflow.swaps import accept_swap, ask_swap, undo_swap
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import line_row, shift_row

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def zhou(open_school: Any) -> Any:
    return make_person(open_school, "duty", title="周老师")


def told() -> list[tuple[str, Any]]:
    """Template and whom, each once whatever the channels, in order."""
    rows = OutboxMessage.objects.filter(template__in=("duty_tomorrow", "duty_soon")).order_by("created_at", "pk")
    return list(dict.fromkeys(rows.values_list("template", "to_user_id")))


def round_at(before: timedelta, shift: DutyShift) -> int:
    """A round while the chain's clock stands ``before`` the shift."""
    with chain_ahead(shift.starts_at - before - chain_moment()):
        return tell_who_is_on_duty_next()


def test_a_day_before_and_ten_minutes_before_each_once(zhou: Any) -> None:
    shift = shift_row(zhou, begins_in=24 * 3)
    assert round_at(timedelta(hours=24) + MINUTE, shift) == 0 and told() == []
    assert [round_at(timedelta(hours=24) - MINUTE, shift) for _again in range(3)] == [1, 0, 0]
    assert told() == [("duty_tomorrow", zhou.user_id)]
    assert round_at(11 * MINUTE, shift) == 0
    assert [round_at(9 * MINUTE, shift) for _again in range(2)] == [1, 0]
    assert told() == [("duty_tomorrow", zhou.user_id), ("duty_soon", zhou.user_id)]
    assert round_at(-MINUTE, shift) == 0 and len(told()) == 2


def test_a_late_round_tells_what_is_to_come_and_nothing_that_has_begun(zhou: Any) -> None:
    shift = shift_row(zhou, begins_in=24 * 3)
    assert round_at(5 * MINUTE, shift) == 1
    assert told() == [("duty_soon", zhou.user_id)], "not both at once"
    other = shift_row(zhou, begins_in=24 * 9)
    assert round_at(timedelta(milliseconds=-1), other) == 0
    assert len(told()) == 1


def test_a_new_holder_is_told_and_whoever_gets_it_back_is_not_told_twice(open_school: Any, zhou: Any) -> None:
    shen = make_person(open_school, "duty")
    shift = shift_row(zhou, begins_in=24 * 3)
    round_at(timedelta(hours=20), shift)
    with chain_ahead(shift.starts_at - timedelta(hours=19) - chain_moment()):
        swap = ask_swap(actor=actor_of(zhou), shift_id=shift.pk, colleague_id=shen.pk)
        accept_swap(actor=actor_of(shen), swap_id=swap.pk)
        tell_who_is_on_duty_next()
        assert told() == [("duty_tomorrow", zhou.user_id), ("duty_tomorrow", shen.user_id)]
        undo_swap(actor=actor_of(shen), swap_id=swap.pk)
        tell_who_is_on_duty_next()
        assert len(told()) == 2
    round_at(9 * MINUTE, shift)
    assert told()[2:] == [("duty_soon", zhou.user_id)]


def test_who_is_on_duty_already_who_left_and_a_line_are_told_nothing(open_school: Any, zhou: Any) -> None:
    first = shift_row(zhou, begins_in=48)
    shift_row(zhou, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=12), layer=2)
    shift_row(line=line_row(), begins_in=49, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=12))
    last_day = open_school.day_of(chain_moment())
    gone = make_person(open_school, "duty", left_on=last_day)
    shift_row(gone, starts_at=first.starts_at, ends_at=first.ends_at, layer=2)
    round_at(9 * MINUTE, first)
    with chain_ahead(first.ends_at - 9 * MINUTE - chain_moment()):
        tell_who_is_on_duty_next()
    assert told() == [("duty_soon", zhou.user_id)]


def test_each_school_is_told_of_its_own(open_school: Any, zhou: Any) -> None:
    other = make_school()
    with use_tenant(other.pk):
        theirs = make_person(other, "duty")
        shift_row(theirs, begins_in=23)
    shift_row(zhou, begins_in=22)
    assert tell_who_is_on_duty_next() == 2
    assert told() == [("duty_tomorrow", zhou.user_id)]
    with use_tenant(other.pk):
        assert told() == [("duty_tomorrow", theirs.user_id)]


def test_it_runs_each_minute_and_its_texts_name_nobody(zhou: Any) -> None:
    assert BEAT[DUTY_TASK]["schedule"] == 60.0
    for template in ("duty_tomorrow", "duty_soon"):
        for words in (*texts()[template].zh, *texts()[template].en):
            assert "%" not in words and "{" not in words and "紧急" not in words
