"""How a pool's money goes: what is left month by month, and how long it lasts (books §1)."""

import pytest

from referrals.offices.burn_down import Month, months_of, picture_of, runs_out


def test_what_is_left_and_how_it_would_go_on() -> None:
    months = months_of({1: 120_000}, {1: 10_000, 2: 20_000, 3: 30_000}, 3)
    assert months[:3] == [Month(1, 120_000, 110_000), Month(2, 120_000, 90_000), Month(3, 120_000, 60_000)]
    assert [month.left_fen for month in months[3:]] == [40_000, 20_000, 0, 0, 0, 0, 0, 0, 0]
    assert all(month.is_forecast for month in months[3:])
    assert runs_out(months) == 6


def test_a_grant_in_between_a_refund_and_a_year_that_is_over() -> None:
    months = months_of({1: 100, 6: 50}, {2: 60, 6: -10}, 12)
    assert [month.left_fen for month in months] == [100, 40, 40, 40, 40, 100, *[100] * 6]
    assert runs_out(months) is None, "nothing is forecast of a year that is over"
    assert runs_out(months_of({1: 100}, {}, 5)) is None, "what does not go lasts"


def test_the_picture_stays_in_its_box_whatever_the_sums() -> None:
    for months in (months_of({}, {}, 1), months_of({1: 10**15}, {1: 10**15}, 6), months_of({1: 7}, {3: 3}, 4)):
        shown = picture_of(months)
        points = [tuple(map(int, each.split(","))) for each in f"{shown.known} {shown.forecast}".split()]
        assert all(0 <= x <= shown.width and 0 <= y <= shown.height for x, y in points)
    assert picture_of(months_of({1: 5}, {}, 12)).forecast == ""


@pytest.mark.parametrize("month", [0, 13])
def test_a_month_that_is_none_is_refused(month: int) -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        months_of({}, {}, month)
