"""Ages, names and the moves of a consent."""

from datetime import date

import pytest

from families import rules
from families.purposes import CURRENT_TEXT, TEXTS, Purpose
from families.states import MOVES, ConsentEvent, ConsentState, step
from kernel.errors import IllegalMove


def test_a_guardian_consents_until_the_fourteenth_birthday():
    born = date(2012, 11, 24)
    assert rules.needs_guardian(born, date(2026, 11, 23))
    assert not rules.needs_guardian(born, date(2026, 11, 24))
    assert rules.age_on(date(2012, 2, 29), date(2026, 2, 28)) == 13


@pytest.mark.parametrize(
    ("born", "band"),
    [(date(2026, 11, 24), "0–2"), (date(2018, 11, 25), "6–8"), (date(2017, 11, 24), "9–11"), (date(2009, 1, 1), "15–17"),
     (date(2008, 11, 24), "18+")],
)  # fmt: skip
def test_a_partner_learns_a_band_of_three_years(born, band):
    assert rules.age_band(born, date(2026, 11, 24)) == band


def test_one_child_has_one_text_however_it_is_typed():
    born = date(2018, 5, 1)
    assert rules.same_child_text("张 小明", born) == rules.same_child_text("张小明　", born)
    assert rules.same_child_text("ＡＬＩＣＥ", born) == rules.same_child_text("Alice", born)
    assert rules.same_child_text("阿依古丽·买买提", born) == rules.same_child_text("阿依古丽买买提", born)
    assert rules.same_child_text("张小明", born) != rules.same_child_text("张小明", date(2018, 5, 2))
    assert rules.same_child_text("张小明", born) != rules.same_child_text("张小亮", born)


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("event", ConsentEvent)
def test_only_the_moves_of_the_table_are_legal(state, event):
    if (state, event) in MOVES:
        assert step(state, event) == MOVES[state, event]
    else:
        with pytest.raises(IllegalMove):
            step(state, event)


def test_refused_and_withdrawn_are_final():
    assert not [move for move in MOVES if move[0] in (ConsentState.REFUSED, ConsentState.WITHDRAWN)]


def test_every_purpose_has_a_text_to_agree_to():
    assert set(CURRENT_TEXT) == set(Purpose.values)
    assert set(CURRENT_TEXT.values()) <= set(TEXTS)


def test_signs_that_nobody_sees_and_padding_are_no_part_of_a_name():
    for name in ("张\u200b小雨", "张　小雨", "\u202d张小雨\u202c", "张小⾬"):
        assert rules.tidy_name(name) == "张小雨"
        assert rules.same_child_text(name, date(2018, 5, 1)) == rules.same_child_text("张小雨", date(2018, 5, 1))
