"""Nothing is offered in the CMS that the gate shuts: whatever an editor's pages link to or send forms to is open."""

import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.http import Http404
from django.urls import resolve
from wagtail.models import Page

from content.gate import ALLOWED, PREFIX
from content.models import GuidelinePage
from kernel.clock import now
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db

CONFIG = {"/cms/block-preview/", "/cms/api/main/images/", "/cms/api/main/documents/"}
"""Named in the settings of Wagtail's scripts on every page, for parts that are not offered."""
_ADDRESS = re.compile(r"""["'](/cms/[^"'\\\s<>]*)""")
"""An address in the settings of a script, which stands in attributes and in data blocks."""


def offered(page: str, at: str) -> Iterator[tuple[str, str]]:
    """``(method, address)`` of every link and form of ``page``, and of what its scripts would ask for."""
    soup = BeautifulSoup(page, "html.parser")
    for link in soup.find_all("a", href=True):
        yield "get", urljoin(at, link["href"])
    for form in soup.find_all("form"):
        yield form.get("method", "get").lower(), urljoin(at, form.get("action") or at)
    for button in soup.find_all(attrs={"formaction": True}):
        yield "post", urljoin(at, button["formaction"])
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            if isinstance(value, str) and name not in ("href", "action", "formaction", "src", "content", "value"):
                yield from (("script", unescape(found)) for found in _ADDRESS.findall(f'"{value}"'))
                yield from (("script", unescape(found)) for found in _ADDRESS.findall(value))
    for script in soup.find_all("script"):
        yield from (("script", found) for found in _ADDRESS.findall(script.text))


def target_of(address: str) -> tuple[str, tuple[Any, ...], frozenset[str]] | None:
    """View, ids and names of the query: addresses that differ in a value only are one target. None where there is none."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Http404:
        return None
    return match.view_name, tuple(match.kwargs.values()), frozenset(parse_qs(parts.query))


def crawl(client: Any, start: str) -> tuple[set[Any], dict[str, str]]:
    """``(targets seen, dead ones and where they are shown)``."""
    waiting, seen, dead = deque([start]), {target_of(start)}, {}
    while waiting:
        at = waiting.popleft()
        answer = client.get(at)
        if answer.status_code not in (200, 302):
            dead[f"get {at}"] = str(answer.status_code)
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = json.loads(body).get("html") or "" if "json" in answer["Content-Type"] else body.decode(errors="replace")
        for method, address in [
            *offered(text, at),
            *([("get", urljoin(at, answer.headers["Location"]))] if answer.status_code == 302 else []),
        ]:
            if not urlsplit(address).path.startswith(PREFIX) or urlsplit(address).path in CONFIG:
                continue
            behind = target_of(address)
            if behind is None or behind[0] not in ALLOWED:
                dead.setdefault(f"{method} {address}", f"on {at}")
            elif method == "get" and behind not in seen:
                seen.add(behind)
                waiting.append(address)
    return seen, dead


def test_every_link_that_is_shown_opens(ours: Side) -> None:
    alias = ours.page.create_alias(parent=ours.index, update_slug="copy-of-guide")
    page = ours.draft
    page.reviewed_by, page.reviewed_on = "心理中心", date(2026, 9, 1)
    page.go_live_at = now() + timedelta(days=1)
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    seen, dead = crawl(ours.client(ours.editor), "/cms/")
    assert dead == {}, "\n".join(f"{address}: {where}" for address, where in sorted(dead.items()))
    views = {view for view, _ids, _query in seen}
    assert len(views) > 25, "the crawler met one page only"
    for pk in (ours.home.pk, ours.index.pk, ours.page.pk, ours.draft.pk, ours.tip.pk, alias.pk):
        assert any(view == "wagtailadmin_pages:edit" and pk in ids for view, ids, _query in seen), pk


def test_an_alias_becomes_a_page_of_its_own(ours: Side, theirs: Side) -> None:
    alias, foreign = (side.page.create_alias(parent=side.index, update_slug="copy-of-guide") for side in (ours, theirs))
    editor = ours.client(ours.editor)
    assert editor.get(f"/cms/pages/{alias.pk}/convert_alias/").status_code == 200
    assert editor.post(f"/cms/pages/{alias.pk}/convert_alias/").status_code == 302
    assert Page.objects.get(pk=alias.pk).alias_of is None
    assert editor.post(f"/cms/pages/{foreign.pk}/convert_alias/").status_code == 404
    assert Page.objects.get(pk=foreign.pk).alias_of is not None


def test_no_block_asks_for_a_picture_of_itself() -> None:
    """The preview's view is shut, so no block may offer one."""
    body = GuidelinePage._meta.get_field("body").stream_block  # type: ignore[union-attr]
    assert not [name for name, block in body.child_blocks.items() if block.is_previewable]
