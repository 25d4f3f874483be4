"""What the editor is told when a time is only kept, and how the library shows what a page is made of."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from kernel.clock import now
from tests.content.conftest import Side
from tests.content.test_review import form_of
from tests.tree import ROOT

pytestmark = pytest.mark.django_db
ONLY_KEPT = "时间记在草稿里，还没有生效"


def sent_with_time(side: Side, days: int, **more: str) -> dict[str, str]:
    at = timezone.localtime(now() + timedelta(days=days))
    reviewed = {"reviewed_by": "心理中心", "reviewed_on": "2026-09-01"}
    return {**form_of(side.draft), **reviewed, "go_live_at": f"{at:%Y-%m-%d %H:%M}", **more}


def answer_to(side: Side, fields: dict[str, str], **headers: str) -> str:
    client, there = side.client(side.editor), f"/cms/pages/{side.draft.pk}/edit/"
    answer: Any = client.post(there, fields, headers={"accept-language": "zh-hans", "accept": "text/html", **headers})
    faults = answer.context["form"].errors if answer.context and "form" in answer.context else ""
    assert answer.status_code == (200 if "json" in headers.get("accept", "") else 302), faults
    return unescape(client.get("/cms/", headers={"accept-language": "zh-hans"}).content.decode())


def test_a_time_that_is_kept_in_the_draft_is_not_yet_scheduled_and_the_editor_reads_so(ours: Side) -> None:
    assert ONLY_KEPT not in answer_to(ours, form_of(ours.draft)), "without a time there is nothing to say"
    assert ONLY_KEPT in answer_to(ours, sent_with_time(ours, 3))
    assert ONLY_KEPT not in answer_to(ours, sent_with_time(ours, 3), accept="application/json"), "it saves by itself"
    scheduled = answer_to(ours, sent_with_time(ours, 3, **{"action-publish": "1"}))
    assert ONLY_KEPT not in scheduled and f"页面“{ours.draft.title}”到时间会自动发布" in scheduled


def test_every_block_that_the_library_shows_is_dressed() -> None:
    dress = (ROOT / "content/static/content/cms.css").read_text()
    ruled = set(re.findall(r"\.xq-prose[^{]*", dress))
    blocks = (ROOT / "content/templates/content/blocks").glob("*.html")
    used = {
        name
        for block in blocks
        for found in re.findall(r'class="([a-z -]+)"', block.read_text())
        for name in found.split()
    }
    assert {"card", "notice", "task"} <= used
    assert {name for name in used if not any(re.search(rf"\.{name}\b", rule) for rule in ruled)} == set()
