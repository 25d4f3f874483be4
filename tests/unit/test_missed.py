"""What a missed appointment costs, and what became of one that nobody scanned (books §3)."""

from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.terms import MOST_NO_SHOW_BP, CancellationTerms
from referrals.missed import (
    Missed,
    MissedFee,
    Outcome,
    Said,
    asked_until,
    day_over_at,
    holds_unit,
    is_asked_about,
    missed_fee,
    outcome,
    stands_as,
)

TERMS = CancellationTerms(free_hours=24, late_fee_bp=3_000, no_show_fee_bp=5_000)
PRICE = {"fee_fen": 30_000, "subsidy_fen": 21_000}
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("how", "is_first", "is_crisis", "expected"),
    [
        (Missed.NO_SHOW, True, False, MissedFee(15_000, 15_000, 0)),
        (Missed.NO_SHOW, False, False, MissedFee(15_000, 0, 15_000)),
        (Missed.LATE, True, False, MissedFee(9_000, 9_000, 0)),
        (Missed.LATE, False, False, MissedFee(9_000, 0, 9_000)),
        (Missed.NO_SHOW, False, True, MissedFee(15_000, 15_000, 0)),
        (Missed.LATE, False, True, MissedFee(9_000, 9_000, 0)),
    ],
)
def test_the_first_one_of_a_year_and_everything_in_a_crisis_is_the_pools(
    how: Missed, is_first: bool, is_crisis: bool, expected: MissedFee
) -> None:
    assert missed_fee(TERMS, how, **PRICE, is_first=is_first, is_crisis=is_crisis) == expected


def test_the_pool_pays_no_more_than_the_unit_holds_and_in_a_crisis_nobody_pays_the_rest() -> None:
    little = {"fee_fen": 30_000, "subsidy_fen": 4_000}
    usual = missed_fee(TERMS, Missed.NO_SHOW, **little, is_first=True, is_crisis=False)
    crisis = missed_fee(TERMS, Missed.NO_SHOW, **little, is_first=True, is_crisis=True)
    assert usual == MissedFee(15_000, 4_000, 11_000)
    assert crisis == MissedFee(4_000, 4_000, 0)


def test_a_unit_counts_as_used_only_when_the_pool_pays_for_it() -> None:
    unpaid = missed_fee(TERMS, Missed.NO_SHOW, fee_fen=30_000, subsidy_fen=0, is_first=True, is_crisis=False)
    assert not unpaid.uses_unit
    assert missed_fee(TERMS, Missed.NO_SHOW, **PRICE, is_first=True, is_crisis=False).uses_unit


@given(
    late=st.integers(0, 10_000),
    no_show=st.integers(0, MOST_NO_SHOW_BP),
    fee=st.integers(0, 10_000_000),
    share=st.integers(0, 10_000),
    is_first=st.booleans(),
    is_crisis=st.booleans(),
)
def test_cancelling_late_never_costs_more_than_not_coming_and_neither_more_than_half(
    late: int, no_show: int, fee: int, share: int, is_first: bool, is_crisis: bool
) -> None:
    terms = CancellationTerms(late_fee_bp=late, no_show_fee_bp=no_show)
    held = fee * share // 10_000
    who = {"fee_fen": fee, "subsidy_fen": held, "is_first": is_first, "is_crisis": is_crisis}
    called, silent = missed_fee(terms, Missed.LATE, **who), missed_fee(terms, Missed.NO_SHOW, **who)
    assert called.fee_fen <= silent.fee_fen <= (fee + 1) // 2
    assert called.pool_fen <= silent.pool_fen <= held
    assert called.person_fen <= silent.person_fen
    for missed in (called, silent):
        assert missed.pool_fen + missed.person_fen == missed.fee_fen
        assert not (is_crisis and missed.person_fen)


def test_both_are_asked_from_midnight_of_the_school_for_two_days() -> None:
    # 22:30 to 23:30 on New Year's Eve in Shanghai.
    ends = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    assert day_over_at(ends, SHANGHAI) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert asked_until(ends, SHANGHAI) == datetime(2027, 1, 2, 16, 0, tzinfo=UTC)


def test_an_appointment_until_midnight_belongs_to_the_day_it_began_in() -> None:
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert day_over_at(midnight, SHANGHAI) == midnight
    assert day_over_at(midnight + timedelta(minutes=1), SHANGHAI) == midnight + timedelta(days=1)


EXPECTED = {
    # (person, agency): (while they are asked, when the time is over)
    (Said.NOTHING, Said.NOTHING): (Outcome.OPEN, Outcome.LAPSED),
    (Said.NOTHING, Said.YES): (Outcome.OPEN, Outcome.DISPUTED),
    (Said.NOTHING, Said.NO): (Outcome.OPEN, Outcome.LAPSED),
    (Said.NOTHING, Said.NO_SHOW): (Outcome.NO_SHOW, Outcome.NO_SHOW),
    (Said.YES, Said.NOTHING): (Outcome.OPEN, Outcome.LAPSED),
    (Said.YES, Said.YES): (Outcome.DONE, Outcome.DONE),
    (Said.YES, Said.NO): (Outcome.DISPUTED, Outcome.DISPUTED),
    (Said.YES, Said.NO_SHOW): (Outcome.DISPUTED, Outcome.DISPUTED),
    (Said.NO, Said.NOTHING): (Outcome.OPEN, Outcome.LAPSED),
    (Said.NO, Said.YES): (Outcome.DISPUTED, Outcome.DISPUTED),
    (Said.NO, Said.NO): (Outcome.LAPSED, Outcome.LAPSED),
    (Said.NO, Said.NO_SHOW): (Outcome.NO_SHOW, Outcome.NO_SHOW),
}


def test_the_table_is_whole() -> None:
    assert set(EXPECTED) == set(product([Said.NOTHING, Said.YES, Said.NO], Said))


@pytest.mark.parametrize(("said", "expected"), EXPECTED.items(), ids=lambda value: "-".join(str(v) for v in value))
def test_money_moves_only_when_both_say_so(said: tuple[Said, Said], expected: tuple[Outcome, Outcome]) -> None:
    person, agency = said
    assert (outcome(person, agency, is_over=False), outcome(person, agency, is_over=True)) == expected


def booking(state: str, due: datetime | None, *, person: str = "", agency: str = "") -> SimpleNamespace:
    return SimpleNamespace(state=state, due_at=due, person_says=person, agency_says=agency)


DUE = datetime(2026, 12, 4, 16, tzinfo=UTC)
"""Midnight in Shanghai."""
LATER = DUE + timedelta(hours=48)


@pytest.mark.parametrize(
    ("row", "moment", "stands"),
    [
        (booking("confirmed", DUE), DUE - timedelta(seconds=1), ("confirmed", DUE)),
        (booking("confirmed", DUE), DUE, ("unresolved", LATER)),
        (booking("confirmed", DUE), LATER, ("lapsed", None)),
        (booking("unresolved", LATER, person="yes"), LATER - timedelta(seconds=1), ("unresolved", LATER)),
        (booking("unresolved", LATER, person="yes"), LATER, ("lapsed", None)),
        (booking("unresolved", LATER, agency="yes"), LATER, ("disputed", None)),
        (booking("no_show", LATER, agency="no_show"), LATER - timedelta(seconds=1), ("no_show", LATER)),
        (booking("no_show", LATER, agency="no_show"), LATER, ("no_show", None)),
        (booking("disputed", None, person="yes", agency="no"), LATER, ("disputed", None)),
        (booking("done", None), LATER, ("done", None)),
    ],
)
def test_the_dates_say_how_it_stands_whatever_the_sweep_has_written(
    row: Any, moment: datetime, stands: tuple[str, datetime | None]
) -> None:
    assert stands_as(row, moment) == stands
    is_open = stands[0] in ("unresolved", "disputed") or (stands[0] == "no_show" and stands[1] is not None)
    assert is_asked_about(row, moment) == is_open


def test_a_final_no_show_holds_no_unit() -> None:
    assert [holds_unit(booking("no_show", due)) for due in (LATER, None)] == [True, False]
    assert holds_unit(booking("disputed", None))
    assert holds_unit(booking("confirmed", DUE))
    assert not holds_unit(booking("lapsed", None))
