"""No machine dials police, fire, ambulance or the state's lines, however they are written (chain §2)."""

import contextlib
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.errors import Invalid
from referrals.emergency.rules.numbers import SERVICE_NUMBERS, is_abroad, is_landline, is_service_number
from vault.phones import normalise_phone

_AREAS = ("010", "021", "0571", "0311", "0755", "0909", "0991")
_WIDE = str.maketrans(string.digits + "+-", "０１２３４５６７８９＋－")
_ARABIC = str.maketrans(string.digits, "٠١٢٣٤٥٦٧٨٩")
_CHINESE = str.maketrans(string.digits, "〇一二三四五六七八九")
_SPOKEN = str.maketrans(string.digits, "零幺两叁肆伍陆柒捌玖")
_SIGNS = st.sampled_from(["", "", "", " ", "-", "\u3000", "\u200b", "－", "–", ".", "\u00a0", " - ", "·"])
_BEFORE = st.sampled_from(
    ["", "", "+86", "0086", "86", "+86 ", "00 86-", "(+86)", "0", "00", "tel:", "tel:+86", "拨打"]
)
_BEHIND = st.sampled_from(
    ["", "", "转3", "转 8005", "#1", " ext. 12", "x2", ",1", ";ext=1", "-1", " 2", "*", "(心理援助)", "分机1"]
)
_SCRIPTS = st.sampled_from([{}, {}, _WIDE, _ARABIC, _CHINESE, _SPOKEN])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """One of the six as somebody might write it."""
    number = draw(st.sampled_from(SERVICE_NUMBERS))
    area = draw(st.sampled_from(["", "", *_AREAS]))
    spaced = "".join(digit + draw(_SIGNS) for digit in number)
    if area:
        area = f"({area})" if draw(st.booleans()) else area + draw(_SIGNS)
    return (draw(_BEFORE) + area + spaced).translate(draw(_SCRIPTS)) + draw(_BEHIND)


@given(spellings())
@example("120")
@example("12356")
@example("0571-12356")
@example("010110")
@example("+8657112356")
@example("57112356")
@example("+861201234")
@example("1101234")
@example("+110")
@example("110/120")
@example("医院或120")
@example("0571-85551234、120")
@example("0571-85551234\n120")
def test_every_spelling_is_known(text: str) -> None:
    assert is_service_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "心桥", "12320", "114", "13800138000", "+8613811012356", "0571-87951111", "+8657187951111", "010 6277 0120",
        "400-120-1234", "+864001201234", "0571-85551234转120", "0571-85551234 ext 110", "0571-85551234-120",
        "+852 2110 1120", "+1 201 555 0123", "+44 1223 456789", "0044 122 345 6789", "2112 0345", "+35712345678",
        "95588", "96110", "+3912356120",
    ],
)  # fmt: skip
def test_what_rings_somebody_else_is_none(text: str) -> None:
    assert not is_service_number(text)


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    assert is_service_number(text) in (True, False)


@given(
    st.one_of(
        st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
        st.from_regex(rf"({'|'.join(_AREAS)})[2-8][0-9]{{6,7}}", fullmatch=True),
        st.from_regex(r"\+(1|44|81|852|853|886|39)[0-9]{6,10}", fullmatch=True),
    )
)
@example("+3912356120")
def test_no_number_of_somebody_is_one(text: str) -> None:
    assert not is_service_number(text)
    with contextlib.suppress(Invalid):
        assert not is_service_number(normalise_phone(text))


def test_a_landline_takes_a_voice_only_and_abroad_is_called_by_hand() -> None:
    assert is_landline("+8657187951111")
    assert is_landline("+864001201234")
    assert not is_landline("+8613800138000")
    assert not is_landline("+85223456789")
    assert is_abroad("+85223456789")
    assert is_abroad("+12015550123")
    assert not is_abroad("+8613800138000")
