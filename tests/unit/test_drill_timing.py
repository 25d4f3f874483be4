"""How long each leg of a drill took against its clock (14.10)."""

from datetime import UTC, datetime, timedelta

from referrals.emergency.rules.drill_timing import net, timing

BEGUN = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
TWO = timedelta(minutes=2)


def at(seconds: int) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def test_what_came_is_measured_against_its_clock() -> None:
    in_time, late = timing(BEGUN, [at(90)], TWO, []), timing(BEGUN, [at(121)], TWO, [])
    assert in_time is not None and late is not None
    assert (in_time.took, in_time.is_late, in_time.is_open) == (timedelta(seconds=90), False, False)
    assert (late.took, late.is_late, late.is_open) == (timedelta(seconds=121), True, False)


def test_what_never_came_is_late_only_when_its_clock_ran_out_before_the_end() -> None:
    before, after = timing(BEGUN, [], TWO, [], ended=at(60)), timing(BEGUN, [], TWO, [], ended=at(180))
    assert before is not None and after is not None
    assert (before.is_late, before.is_open) == (False, True)
    assert (after.is_late, after.is_open) == (True, False)


def test_a_stop_counts_neither_for_what_came_nor_for_what_did_not() -> None:
    stop = (at(30), at(630))
    came = timing(BEGUN, [at(690)], TWO, [stop])
    never = timing(BEGUN, [], TWO, [stop], ended=at(690))
    assert came is not None and never is not None
    assert (came.took, came.is_late) == (timedelta(seconds=90), False)
    assert not never.is_late
    assert net(BEGUN, at(690), [stop]) == timedelta(seconds=90)


def test_where_nobody_was_called_nothing_is_measured() -> None:
    assert timing(None, [at(5)], TWO, [], ended=at(60)) is None
