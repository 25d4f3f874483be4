"""One spelling for what names a person or a thing, however it was typed, pasted, scanned or imported."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.fold import (
    fold_email,
    fold_key,
    fold_lines,
    fold_name,
    fold_prose,
    fold_text,
    has_mail_domain,
    name_key,
    narrow_signs,
    wide_signs,
)

ANY = st.text(max_size=40)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("ＹＣ０１３６", "YC0136"),
        ("\u202dYC0136\u202c", "YC0136"),
        ("YC\u200b01\ufeff36", "YC0136"),
        ("  YC \t 0136\r\n", "YC 0136"),
        ("王\u3000\u3000一", "王 一"),
        ("李\u00a0四", "李 四"),
        ("⼼理", "心理"),
        ("⺟亲", "母亲"),
        ("⻢⻰⻔⻅", "马龙门见"),
        ("㇐", "一"),
        ("阿卜•买买提", "阿卜·买买提"),
        ("阿卜・买买提", "阿卜·买买提"),
        ("阿卜･买买提", "阿卜·买买提"),
        ("葛\U000e0100", "葛"),
        ("语\u3164文\u034f组\u115f", "语文组"),
        ("a\u2800b", "a b"),
        ("e\u200b\u0301", "é"),
        ("𠮷㛃䶮〇", "𠮷㛃䶮〇"),
        ("\u200b\u3000", ""),
    ],
)
def test_spellings_that_look_alike_are_one(raw, plain):
    assert fold_text(raw) == plain


def test_case_dashes_and_apostrophes_count_only_for_showing():
    assert fold_text("yc–0136 O’Brien") == "yc–0136 O’Brien"
    assert fold_key("ｙｃ–０１３６ O’Brien") == fold_key("YC-0136 o'brien") == "yc-0136 o'brien"
    assert fold_key("Straße") == fold_key("STRASSE")


@pytest.mark.parametrize("raw", ["王　一", "王 一", "王一", " 王\u200b一\u200e"])
def test_blanks_that_pad_a_chinese_name_are_no_part_of_it(raw):
    assert fold_name(raw) == "王一"


def test_a_blank_between_words_of_letters_is_part_of_a_name():
    assert fold_name("Anna  Li") == "Anna Li"
    assert fold_name("李 Anna") == "李 Anna"
    assert fold_name("阿卜 · 买买提") == "阿卜·买买提"
    assert name_key("ANNA\u3000ＬＩ") == name_key("anna li")


@pytest.mark.parametrize(("raw", "shown"), [
    ("家政（两小时）", "家政（两小时）"),
    ("七（１）班", "七（1）班"),
    ("上门保洁(半天)", "上门保洁(半天)"),
    (" 王　芳（语文，兼职） ", "王芳（语文，兼职）"),
    ("Ｂ座 （东）", "B座 （东）"),
])  # fmt: skip
def test_a_name_is_shown_with_the_brackets_that_were_typed(raw: str, shown: str):
    assert fold_name(raw) == shown
    assert name_key(raw) == name_key(fold_text(raw)), "and is one with its other spelling"


@given(st.text(alphabet="！（），：；？～!(),:;?~ 　王芳a\u0301\u200b", max_size=30))
def test_the_other_spelling_of_a_name_is_the_same_name(raw: str):
    assert fold_name(fold_name(raw)) == fold_name(raw)
    assert name_key(narrow_signs(raw)) == name_key(wide_signs(raw)) == name_key(fold_name(raw))


def test_an_address_typed_with_a_chinese_keyboard_is_the_address():
    assert fold_email(" T036＠Yucai。example\u200b") == "t036@yucai.example"


@pytest.mark.parametrize(
    "typed", ["王@育才.中国", "王@育才。中国", "王＠xn--mpun09d.XN--FIQS8S", "王@育\u200b才．中国"]
)
def test_a_domain_of_any_script_is_one_domain(typed):
    assert fold_email(typed) == "王@xn--mpun09d.xn--fiqs8s"


def test_a_domain_that_cannot_be_or_names_a_machine_is_none():
    assert [has_mail_domain(fold_email(typed)) for typed in ("a@育才_.中国", "a@[127.0.0.1]", "a@[IPv6:::1]", "a@ü.cn")] == [
        False, False, False, True,
    ]  # fmt: skip
    assert fold_email("a@" + "育" * 300 + ".cn") == "a@" + "育" * 300 + ".cn", "too long to be reckoned with"


def test_no_sign_that_leaves_no_trace_survives():
    unseen = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    assert len(unseen) > 100
    assert fold_text("a" + "".join(unseen) + "b") == "ab"


@given(ANY)
@example("¨")
@example("\u3000⺟ ᠎·")
@example("\u0345\u03b1")
def test_to_fold_again_changes_nothing_and_a_kept_spelling_has_the_same_key(raw):
    for fold in (fold_text, fold_key, fold_name, name_key, fold_email):
        assert fold(fold(raw)) == fold(raw)
    assert fold_key(fold_text(raw)) == fold_key(raw)
    assert name_key(fold_name(raw)) == name_key(raw)


@given(ANY)
def test_a_fold_grows_within_a_bound_and_keeps_no_wide_blank(raw):
    for fold in (fold_text, fold_prose, fold_key, fold_name, name_key, fold_email):
        plain = fold(raw)
        assert len(plain) <= 18 * 3 * len(raw)
        assert plain == plain.strip()
        assert "  " not in plain
        assert not any(sign.isspace() and sign != " " for sign in plain)


@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20))
def test_full_width_and_half_width_are_one(text):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in text)
    assert fold_text(wide) == text
    assert fold_key(wide) == fold_key(text.upper())


@pytest.mark.parametrize(("raw", "kept"), [
    ("午饭后一直哭，说：不想活了！（语文组，Ｂ座３楼）", "午饭后一直哭，说：不想活了！（语文组，B座3楼）"),
    ("  他说　“没事”……  ，走了；去哪？ ", "他说 “没事”……，走了；去哪？"),
    ("在\u200bＢ座\u202c～３号门", "在B座～3号门"),
    ("One, two.", "One, two."),
])  # fmt: skip
def test_a_sentence_keeps_its_signs_and_loses_what_nobody_sees(raw: str, kept: str):
    assert fold_prose(raw) == kept


@given(st.text(alphabet="，：！？；（）～… Ａ１a字\u0301\u200b\n", max_size=30))
def test_a_sentence_folded_again_is_the_same(raw: str):
    assert fold_prose(fold_prose(raw)) == fold_prose(raw)
    assert fold_lines(fold_lines(raw)) == fold_lines(raw)


def test_what_was_written_in_lines_stays_in_lines():
    assert (
        fold_lines(" \r\n三点：在操场\r\n\r\n\r\n　四点：Ｂ座３楼 \n后来没有看见\n\n")
        == "三点：在操场\n\n四点：B座3楼\n后来没有看见"
    )
    assert fold_lines(" \n\t\r\n") == ""
