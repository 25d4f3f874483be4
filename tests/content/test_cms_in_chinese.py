"""What an editor and the library's operator read is Chinese on every page of the admin, Wagtail's own sentences among it."""

import re
from datetime import date
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
import wagtail
from bs4 import BeautifulSoup
from django.utils import translation

from tests.content.cms_addresses import addresses
from tests.content.conftest import Side
from tests.content.stock import Library, build_library

pytestmark = pytest.mark.django_db
SENTENCE = re.compile(r"\b[A-Za-z][a-z']+(?: [A-Za-z][a-z']+){3,}")
"""Four English words in a row: a name may have three."""


@pytest.fixture
def library(theirs: Side) -> Library:
    return build_library(theirs.tenant.host)


def english(client: Any, host: str, paths: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        answer = client.get(path, headers={"host": host, "accept-language": "zh-hans"})
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = BeautifulSoup(answer.content.decode(), "html.parser")
        for hidden in page(["script", "style", "template"]):
            hidden.decompose()
        for said in SENTENCE.findall(page.get_text(" ")):
            found.setdefault(said, path)
    return found


def test_no_sentence_of_the_editor_is_english(ours: Side) -> None:
    assert english(ours.client(ours.editor), ours.tenant.host, sorted({path for _name, path in addresses(ours)})) == {}


def test_no_sentence_of_the_library_is_english(library: Library) -> None:
    root = library.school.site.root_page_id
    paths = ["/cms/", f"/cms/pages/{root}/", f"/cms/pages/{root}/add_subpage/", "/cms/images/", "/cms/documents/"]
    for page in (library.guideline, library.tip, library.draft):
        paths += [
            f"/cms/pages/{page.pk}/{act}/"
            for act in ("edit", "history", "usage", "copy", "move", "delete", "unpublish")
        ]
    assert english(library.client(library.operator), "localhost", paths) == {}


WAGTAIL = Path(wagtail.__file__).parent
STRAIGHT = re.compile(r"""['"]%\(|%\(\w+\)s['"]""")
QUOTED = re.compile(r"[^=]['\"]%\(\w+\)s['\"]")
"""A name between quotes in the English sentence; an address in a link is none."""
SHUT = re.compile(r"workflow|task|moderation stage|Collection|not currently awaiting|pages of type", re.IGNORECASE)
"""What the gate keeps shut: no editor meets it."""


def quoted_names() -> list[str]:
    """Every sentence of Wagtail that puts a name between quotes, of the parts that are open."""
    found: list[str] = []
    for part in ("admin", "images", "documents"):
        with (WAGTAIL / part / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
            texts = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        found += [
            msgid
            for msgid, said in texts.items()
            if isinstance(msgid, str)
            and "href=" not in msgid
            and (STRAIGHT.search(said) or QUOTED.search(msgid))
            and not SHUT.search(msgid)
        ]
    return found


def test_a_name_stands_between_chinese_quotes() -> None:
    """Wagtail's own Chinese says 页面'…'已创建."""
    names = quoted_names()
    assert "Page '%(page_title)s' created." in names
    with translation.override("zh-hans"):
        said = {msgid: translation.gettext(msgid) for msgid in names}
    assert {msgid: text for msgid, text in said.items() if STRAIGHT.search(text)} == {}
    assert {msgid: text for msgid, text in said.items() if QUOTED.search(msgid) and "“%(" not in text} == {}


def said_on(side: Side, path: str, *, language: str = "zh-hans") -> BeautifulSoup:
    client = side.client(side.editor)
    answer = client.get(path, headers={"host": side.tenant.host, "accept-language": language})
    assert answer.status_code == 200, path
    return BeautifulSoup(answer.content.decode(), "html.parser")


def test_no_single_word_is_left_where_wagtail_has_none_for_it(ours: Side) -> None:
    """Words too short for the sentences above: names of our own tables, a label, and what Python calls nothing."""
    upload = said_on(ours, "/cms/images/add/").get_text(" ")
    assert "School" not in upload and "图片" in upload
    assert not said_on(ours, f"/cms/pages/{ours.page.pk}/edit/").select('[aria-label="Actions"]')
    found = said_on(ours, "/cms/pages/search/?q=白鹭").select_one("main table")
    assert found is not None
    words = found.get_text(" ")
    assert "None" not in words and "Root" not in words
    assert ours.home.title in words or ours.page.title in words


def test_two_versions_differ_in_words(ours: Side) -> None:
    page = ours.draft
    page.save_revision(clean=False)
    page.reviewed_on, page.is_sensitive = date(2026, 9, 1), True
    page.save_revision(clean=False)
    path = f"/cms/pages/{page.pk}/revisions/compare/earliest...latest/"
    told = {row.get_text(" ", strip=True) for row in said_on(ours, path).select("td.comparison")}
    assert "2026年9月1日" in told
    assert "否 是" in told
    assert "No Yes" in {
        row.get_text(" ", strip=True) for row in said_on(ours, path, language="en").select("td.comparison")
    }
    assert not [text for text in told if re.search(r"None|True|False|\d{4}-\d\d", text)]
