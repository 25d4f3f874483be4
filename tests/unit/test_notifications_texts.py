"""Message texts are complete in two languages and neutral: none says what a person asked for."""

import re
from pathlib import Path

import pytest

from notifications.texts import CONTEXT_KEYS, INVITATION, Topic, render, texts

ROOT = Path(__file__).parents[2]
ROOT_PACKAGES = sorted({file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "bench"} | {"platform"})
FORBIDDEN = re.compile(
    r"心理|咨询|精神|抑郁|焦虑|危机|自杀|诊断|治疗|医院|门诊|病|托管|养老|家政|家务|调解|困难补助|帮扶|夏令营|孩子|子女|"
    r"counsel|psych|therap|depress|anxi|crisis|suicid|diagnos|hospital|clinic|illness|childcare|child|elder|"
    r"mediation|hardship|meal|camp|home help",
    re.IGNORECASE,
)


@pytest.mark.parametrize("template", sorted(texts()))
def test_a_text_is_complete_and_neutral_in_both_languages(template: str) -> None:
    for language in ("zh-hans", "en"):
        text = render(template, {}, language)
        assert text.subject
        assert text.body
        assert len(text.subject) <= 60
        assert not FORBIDDEN.search(text.subject + text.body)
        assert "{" not in text.subject + text.body
    assert re.search(r"[一-鿿]", render(template, {}, "zh-hans").body)
    assert not re.search(r"[一-鿿]", render(template, {}, "en").subject + render(template, {}, "en").body)


def test_only_a_number_and_a_time_can_stand_behind_a_text() -> None:
    assert {"number", "when"} == CONTEXT_KEYS
    text = render("booking_confirmed", {"number": "YC-000123", "when": "12月3日 16:30", "name": "李明华"}, "zh-hans")
    assert text.body.endswith("编号：YC-000123\n时间：12月3日 16:30")
    assert "李明华" not in text.body


def test_every_text_is_sent_by_somebody() -> None:
    """A text that nobody sends promises a road that is not there; it comes with the writer that sends it."""
    ours = [ROOT / folder for folder in ROOT_PACKAGES if (ROOT / folder).is_dir()]
    said = {
        word
        for folder in ours
        for file in folder.rglob("*.py")
        if file.name not in {"texts.py", "messages.py"}
        for word in re.findall(r'"([a-z_]+)"', file.read_text())
    }
    # In a drill each text of the chain has a twin, which is made from its name.
    assert [key for key in texts() if not {key, key.removeprefix("drill_")} & said and key != INVITATION] == []


def test_every_topic_is_used_and_an_unknown_template_is_refused() -> None:
    assert {text.topic for text in texts().values()} == set(Topic)
    with pytest.raises(KeyError):
        render("no_such_thing", {}, "en")
