"""Names stand in the order of their sounds; family names are read as family names."""

import sys

import pytest

from kernel.pinyin import SORT_KEY_MAX, WORDS, sort_key
from kernel.sounds import sounds_of


def test_a_list_of_names_stands_as_in_a_telephone_book() -> None:
    right = [
        "Adam",
        "单田芳",
        "解缙",
        "李明",
        "李小红",
        "林黛玉",
        "区志强",
        "仇英",
        "任明",
        "王芳",
        "张三",
        "张伟",
        "章子怡",
        "曾小红",
    ]
    order = sorted(right, key=sort_key)
    assert order == [
        "Adam", "李明", "李小红", "林黛玉", "区志强", "仇英", "任明", "单田芳", "王芳", "解缙", "曾小红", "张三", "张伟", "章子怡",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("曾小红", "zeng1"), ("单田芳", "shan4"), ("仇英", "qiu2"), ("解缙", "xie4"), ("区志强", "ou1"), ("单于红", "chan2"),
        ("万俟卨", "mo4"), ("尉迟恭", "yu4"), ("查良镛", "zha1"), ("朴志勇", "piao2"), ("吕布", "lv3"),
    ],
)  # fmt: skip
def test_family_names_are_read_as_such(name: str, begins: str) -> None:
    assert sort_key(name).startswith(begins)


def test_a_department_has_no_family_name() -> None:
    assert sort_key("单位党委", person=False).startswith("dan1")
    assert sort_key("单位党委").startswith("shan4")


@pytest.mark.parametrize(
    ("name", "key"),
    [("会计室", "kuai4会 ji4计 shi4室"), ("音乐组", "yin1音 yue4乐 zu3组"), ("厦门路服务站", "xia4厦 men2门 lu4路")],
)
def test_words_of_schools_and_places_are_read_as_words(name: str, key: str) -> None:
    assert sort_key(name, person=False).startswith(key)


def test_the_dictionary_of_all_words_stays_out_of_memory() -> None:
    """It takes 42 MB of every process; what a school's names need of it stands in ``WORDS``."""
    assert sounds_of("李") == ["li3"]
    assert len(sys.modules["pypinyin.constants"].PHRASES_DICT) == len(WORDS)


@pytest.mark.parametrize("odd", ["", " ", "·", "𠮷野家", "ＬＩ　ｍｉｎｇ", "阿·买", "\u200b李", "x" * 1000, "李" * 80])
def test_every_text_has_a_key_that_fits(odd: str) -> None:
    assert len(sort_key(odd)) <= SORT_KEY_MAX
    assert sort_key("ＬＩ　ｍｉｎｇ") == sort_key("li ming")
