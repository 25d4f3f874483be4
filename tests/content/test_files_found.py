"""Readers find a film and a picture on the page where they are published, and a file that is on no page nowhere."""

from typing import Any

import pytest

from content.models import GuidelinePage, LessonPage, QuietIndexPage, SchoolDocument
from tests.content.conftest import Side
from tests.content.test_activities import film

pytestmark = pytest.mark.django_db


def found(side: Side, words: str) -> list[str]:
    """Addresses of what the public search shows."""
    answer = side.client().get("/search/", {"q": words})
    assert answer.status_code == 200
    return [hit.href for hit in answer.context["results"]]


def lesson(side: Side, **fields: Any) -> LessonPage:
    words = film(side, "a.vtt", b"WEBVTT\n")
    index = QuietIndexPage.objects.child_of(side.home).get()
    return index.add_child(
        instance=LessonPage(title="呼气长一点", slug="out", summary="六分钟", body=[], captions=words, **fields)
    )


def titled(side: Side, title: str) -> SchoolDocument:
    made = film(side, "a.mp4", b"\0\0\0\x18ftypmp42")
    SchoolDocument.objects.filter(pk=made.pk).update(title=title)
    return SchoolDocument.objects.get(pk=made.pk)


def test_a_film_is_found_by_its_name_on_its_lesson(ours: Side) -> None:
    page = lesson(ours, video=titled(ours, "蒲公英与呼吸"))
    assert found(ours, "蒲公英") == [page.href]
    page.unpublish()
    assert found(ours, "蒲公英") == [], "only what is published"


def test_a_picture_is_found_by_what_is_said_of_it(ours: Side) -> None:
    ours.image.description = "银杏树下的长椅"
    ours.image.save()
    page = GuidelinePage.objects.get(pk=ours.page.pk)
    page.picture = ours.image
    page.save()
    assert found(ours, "银杏") == [page.href]


def test_a_file_on_no_page_or_on_a_draft_is_nobodys_to_find(ours: Side, theirs: Side) -> None:
    titled(ours, "还没有用的录像")
    lesson(ours, video=titled(ours, "草稿里的录像"), live=False)
    lesson(theirs, video=titled(theirs, "隔壁学校的录像"))
    for words in ("没有用的录像", "草稿里的录像", "隔壁学校的录像"):
        assert found(ours, words) == [], words
    assert len(found(theirs, "隔壁学校的录像")) == 1
