"""What Wagtail's scripts say to an editor is Chinese: its own catalogue, and beside it ours for what that leaves in English."""

import json
import re
from pathlib import Path

import polib
import pytest
import wagtail.admin

from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
SAID = Path(wagtail.admin.__file__).parent / "locale/en/LC_MESSAGES/djangojs.po"


def test_every_sentence_of_the_scripts_has_its_chinese(ours: Side) -> None:
    answer = ours.client(ours.editor).get("/cms/jsi18n/", headers={"accept-language": "zh-hans"})
    sent = re.search(r"const newcatalog = (\{.*?\n  \});", answer.content.decode(), re.DOTALL)
    assert sent is not None
    catalogue = json.loads(sent[1])
    words = [entry.msgid for entry in polib.pofile(str(SAID))]
    assert len(words) > 80
    assert [word for word in words if not re.search("[\u4e00-\u9fff：]", str(catalogue.get(word, "")))] == []
