"""How the number of a line is kept, and that no spelling of a service number ever is (chain §2)."""

import pytest
from hypothesis import given, settings

from referrals.emergency.rules.line_numbers import KEPT, line_number, takes_texts, written
from tests.unit.test_emergency_numbers import spellings


@settings(deadline=None)
@given(spellings())
def test_no_spelling_of_a_service_number_is_kept(text: str) -> None:
    assert line_number(text) == ""


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("0571-8765 4321", "+8657187654321", "0571 87654321"),
        ("(0571)87654321", "+8657187654321", "0571 87654321"),
        ("+86 571 8765-4321", "+8657187654321", "0571 87654321"),
        ("００８６５７１８７６５４３２１", "+8657187654321", "0571 87654321"),
        ("010 8765 4321", "+861087654321", "010 87654321"),
        ("0571-5550202", "+865715550202", "0571 5550202"),
        ("138 0013 8000", "+8613800138000", "138 0013 8000"),
        ("400-161-9995", "4001619995", "400-161-9995"),
        ("4001619995", "4001619995", "400-161-9995"),
    ],
)
def test_one_form_is_kept_and_read_back(typed: str, kept: str, shown: str) -> None:
    assert (line_number(typed), written(kept)) == (kept, shown)
    assert KEPT.fullmatch(kept)
    assert line_number(shown) == line_number(kept) == kept
    assert takes_texts(kept) is kept.startswith("+861380")


@pytest.mark.parametrize("text", ["", "-", "0571", "87654321", "95588", "+12025550143", "0571-87654321-8001", "电话"])
def test_what_a_machine_cannot_call_is_not_kept(text: str) -> None:
    assert line_number(text) == ""
