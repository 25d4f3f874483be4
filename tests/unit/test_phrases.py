"""Where Chinese headings break: rather too few places than a wrong one."""

import pytest

from ui.phrases import phrases, phrases_of


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("有人听，不着急。", "有人听，|不着急。"),
        ("她回家不想说话的那二十分钟", "她回家不想说话的|那二十分钟"),
        ("照顾人的人，也要有自己的一杯茶", "照顾人的人，|也要有自己的|一杯茶"),
        ("撑不住的时候，从哪里开始", "撑不住的时候，|从哪里开始"),
        ("家校沟通指南", "家校沟通指南"),
        ("“累了，”她说。“好的”", "“累了，”|她说。|“好的”"),
        ("您好……再见", "您好……|再见"),
        ("12:30、13:30", "12:30、|13:30"),
        ("", ""),
        ("的", "的"),
    ],
)
def test_phrases(text: str, broken: str) -> None:
    assert phrases_of(text) == (broken.split("|") if broken else [])
    assert "".join(phrases_of(text)) == text


def test_nothing_in_it_is_taken_for_a_tag() -> None:
    assert phrases("<b>先听，</b>再说") == "&lt;b&gt;先听，<wbr>&lt;/b&gt;再说"
