"""When the watchdog calls, whom, how often, and when it says that all is well: the clock is handed in (chain §7, E3)."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from referrals.emergency.rules.watching import (
    Alarm,
    Limits,
    Seen,
    Trouble,
    Watch,
    found,
    is_leader,
    may_beat_outside,
)

LOOK = 10.0
WELL = Seen(engine_age=3.0, probes={"in_app": 1.0})
SCHOOL = UUID(int=7)


def looks(watch: Watch, seen: Seen, since: float, seconds: float) -> Iterator[tuple[float, Alarm]]:
    """What is said while one thing is seen at each look, and when."""
    at = since
    while at <= since + seconds:
        for alarm in watch.step(seen, at):
            yield at, alarm
        at += LOOK


def test_a_dead_engine_is_seen_within_a_minute() -> None:
    """Promise E3: its last sign comes at 0; whatever the looks' phase, somebody is called before 60."""
    for phase in range(10):
        watch, at = Watch(), float(phase) - 100
        assert list(looks(watch, WELL, at, 90)) == []
        called = None
        at = float(phase)
        while called is None:
            alarms = watch.step(replace(WELL, engine_age=at), at)
            called = at if alarms else None
            at += LOOK
        assert called < 60, phase
        assert (alarms[0].school, alarms[0].troubles) == (None, ("engine",))


def test_an_engine_that_signs_but_takes_nothing_is_seen_within_a_minute() -> None:
    """A probe is laid every 20 s; at the worst the engine hangs just after it has taken one."""
    watch = Watch()
    called = next(
        at for at in range(0, 600, 10) if watch.step(replace(WELL, probes={"in_app": max(0.0, at - 20.0)}), float(at))
    )
    assert called < 60


def test_it_is_repeated_every_five_minutes_and_ends_with_one_word() -> None:
    watch = Watch()
    told = list(looks(watch, replace(WELL, engine_age=99.0), 0, 1000))
    assert [at for at, _ in told] == [10.0, 310.0, 610.0, 910.0]
    assert [alarm.number for _, alarm in told] == [1, 2, 3, 4]
    after = list(looks(watch, WELL, 1010, 1000))
    assert [(at, alarm.is_well) for at, alarm in after] == [(1040.0, True)], "once, and only when it lasts"


def test_what_comes_and_goes_is_neither_called_nor_called_well_each_time() -> None:
    watch, said = Watch(), []
    for turn in range(60):
        seen = replace(WELL, engine_age=99.0) if turn % 3 else WELL
        said += watch.step(seen, turn * LOOK)
    assert [alarm.is_well for alarm in said] == [False, False]
    assert not list(looks(Watch(), replace(WELL, engine_age=99.0), 0, 0)), "one look alone calls nobody"


def test_a_school_is_called_only_for_its_own_overdue_clock() -> None:
    watch = Watch()
    late = replace(WELL, overdue={SCHOOL: 61.0})
    told = {(alarm.school, alarm.troubles) for _, alarm in looks(watch, late, 0, 60)}
    assert told == {(SCHOOL, ("overdue",)), (None, ("overdue",))}
    for other in (
        replace(WELL, overdue={SCHOOL: 60.0}),
        replace(WELL, engine_age=500.0),
        Seen(answers=False),
        replace(WELL, skew=9.0),
        replace(WELL, offset=3.0),
        replace(WELL, accounts={"gateway:gateway": 999.0}),
    ):
        assert {alarm.school for _, alarm in looks(Watch(), other, 0, 900)} <= {None}


def test_a_database_that_is_gone_makes_nothing_well() -> None:
    watch = Watch()
    list(looks(watch, replace(WELL, overdue={SCHOOL: 90.0}), 0, 20))
    told = list(looks(watch, Seen(answers=False), 30, 600))
    assert not [alarm for _, alarm in told if alarm.is_well], "nobody can look, so nobody knows that it is over"
    assert {alarm.school for _, alarm in told} == {None, SCHOOL}
    assert any("database" in alarm.troubles for _, alarm in told)
    assert {alarm.school for _, alarm in looks(watch, WELL, 640, 60) if alarm.is_well} == {None, SCHOOL}


def test_a_start_is_no_trouble_but_an_engine_that_never_comes_is() -> None:
    told = list(looks(Watch(), Seen(), 0, 100))
    assert [at for at, _ in told] == [50.0]


@pytest.mark.parametrize(
    ("seen", "trouble"),
    [
        (Seen(answers=False), Trouble.DATABASE),
        (replace(WELL, engine_age=30.1), Trouble.ENGINE),
        (replace(WELL, probes={"in_app": 15.1}), Trouble.PROBE),
        (replace(WELL, probes={"sms": 60.1}), Trouble.CHANNEL),
        (replace(WELL, overdue={SCHOOL: 60.1}), Trouble.OVERDUE),
        (replace(WELL, skew=-2.1), Trouble.SKEW),
        (replace(WELL, offset=-1.0), Trouble.CLOCK),
        (replace(WELL, accounts={"gateway:gateway": 180.1}), Trouble.ACCOUNT),
    ],
)
def test_each_trouble_is_found_by_itself_and_not_at_its_limit(seen: Seen, trouble: Trouble) -> None:
    assert {finding.trouble for finding in found(seen, Limits(), 1000)} == {trouble}
    at_limit = Seen(
        engine_age=30.0, probes={"in_app": 15.0, "sms": 60.0}, overdue={SCHOOL: 60.0}, skew=2.0,
        accounts={"gateway:gateway": 180.0},
    )  # fmt: skip
    assert found(at_limit, Limits(), 1000) == frozenset()


def test_every_trouble_has_a_case_above() -> None:
    cases = test_each_trouble_is_found_by_itself_and_not_at_its_limit.pytestmark[0].args[1]
    assert {trouble for _seen, trouble in cases} == set(Trouble)


def test_of_several_watchdogs_the_oldest_that_lives_calls() -> None:
    first, second, third = sorted(uuid4() for _ in range(3))
    limits = Limits()
    living = {first: 1.0, second: 2.0, third: 3.0}
    assert [is_leader(pk, living, limits) for pk in (first, second, third)] == [True, False, False]
    living[first] = 31.0
    assert is_leader(second, living, limits), "it is dead, or hangs"
    assert is_leader(third, {}, limits), "whoever sees nobody calls"


def test_the_word_outside_needs_a_probe_that_was_taken_lately() -> None:
    assert may_beat_outside(5.0, 60.0)
    assert not may_beat_outside(None, 60.0)
    assert not may_beat_outside(60.1, 60.0)
