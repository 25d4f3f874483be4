"""Telephone numbers and names, as typed and as shown."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from vault.phones import mask_phone, normalise_phone


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("＋８６　１３８００１３８０００", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("010-62770000", "+861062770000"),
        ("(0571) 8795 1111", "+8657187951111"),
        ("+86 10 62770000", "+861062770000"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_one_number_has_one_written_form(raw, kept):
    assert normalise_phone(raw) == kept
    assert normalise_phone(kept) == kept


@pytest.mark.parametrize(
    "raw", ["", "1380013800", "23800138000", "一三八", "138001380001", "+86138", "12356", "1380013800a", "\0"]
)
def test_what_is_no_number_is_refused_with_its_field(raw):
    with pytest.raises(Invalid) as refused:
        normalise_phone(raw, field="mobile")
    assert refused.value.reason == "phone_invalid"
    assert refused.value.fields[0][:2] == ("mobile", "phone_invalid")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_invalid(raw):
    with contextlib.suppress(Invalid):
        assert normalise_phone(raw).startswith("+")


def test_shown_numbers_are_in_part():
    assert mask_phone("+8613800138000") == "138****8000"
    assert mask_phone("") == ""
    assert "1234" not in mask_phone("+85223451234")
