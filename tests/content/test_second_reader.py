"""Lessons and reports of activities go out only as a second person has read them, by every road of publishing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from content.checking import say_checked, send_back, waiting_at
from content.models import ActivityIndexPage, LessonPage, QuietIndexPage, ReportPage
from content.scheduled import run_schedule
from kernel.errors import Refused
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def reader(ours: Side) -> Any:
    return make_person(ours.tenant, "centre")


def lesson(side: Side) -> LessonPage:
    index = QuietIndexPage.objects.child_of(side.home).get()
    return index.add_child(
        instance=LessonPage(title="呼气长一点", slug="out", summary="六分钟", body=[("heading", "坐下来")], live=False)
    )


def report(side: Side) -> ReportPage:
    index = ActivityIndexPage.objects.child_of(side.home).get()
    pictures = [("picture", {"picture": side.image, "caption": "一起走", "agreed": True})]
    return index.add_child(
        instance=ReportPage(
            title="登高", slug="walk", summary="九十人", body=[("heading", "那天")], happened_on=DAY, took_part=90,
            pictures=pictures, live=False,
        )
    )  # fmt: skip


MAKERS = (lesson, report)


def ready(page: Any, side: Side) -> Any:
    page.is_ready = True
    page.save_revision(user=side.editor, clean=False)
    return page


def read(page: Any, side: Side, reader: Any) -> None:
    say_checked(
        actor=actor_of(reader), user=reader.user, page_id=page.pk, revision=page.latest_revision_id, office="心理中心",
        today=side.tenant.today(),
    )  # fmt: skip
    page.refresh_from_db()


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_unread_goes_out_and_what_was_read_does(make: Any, ours: Side, reader: Any) -> None:
    page = ready(make(ours), ours)
    with pytest.raises(Refused, match="text_unread"):
        page.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    assert [row.draft.pk for row in waiting_at(ours.tenant.id)] == [page.pk]
    read(page, ours, reader)
    draft = page.get_latest_revision_as_object()
    assert (draft.checked_by, draft.checked_on, draft.is_checked) == ("心理中心", ours.tenant.today(), True)
    assert waiting_at(ours.tenant.id) == []
    page.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    assert ours.client().get(page.href).status_code == 200


@pytest.mark.parametrize("make", MAKERS)
def test_a_change_of_the_words_asks_the_reader_again(make: Any, ours: Side, reader: Any) -> None:
    page = ready(make(ours), ours)
    read(page, ours, reader)
    changed = page.get_latest_revision_as_object()
    changed.summary = "另外的话"
    with pytest.raises(Refused, match="text_unread"):
        changed.save_revision(user=ours.editor, clean=False).publish()


def test_another_line_under_a_picture_or_another_figure_does_too(ours: Side, reader: Any) -> None:
    page = ready(report(ours), ours)
    read(page, ours, reader)
    for name, value in (
        ("pictures", [("picture", {"picture": ours.image, "caption": "别的", "agreed": True})]),
        ("took_part", 900),
    ):
        changed = page.get_latest_revision_as_object()
        setattr(changed, name, value)
        with pytest.raises(Refused, match="text_unread"):
            changed.save_revision(user=ours.editor, clean=False).publish()


def test_another_film_is_another_lesson(ours: Side, reader: Any) -> None:
    page = ready(lesson(ours), ours)
    read(page, ours, reader)
    changed = page.get_latest_revision_as_object()
    changed.video_id = ours.document.pk
    assert not changed.is_checked


@pytest.mark.parametrize("make", MAKERS)
def test_whoever_saved_it_is_no_second_person(make: Any, ours: Side) -> None:
    both = make_person(ours.tenant, "editor", "centre")
    page = make(ours)
    page.is_ready = True
    page.save_revision(user=both.user, clean=False)
    with pytest.raises(Refused, match="text_own"):
        read(page, ours, both)
    assert not page.get_latest_revision_as_object().is_checked
    assert page.get_latest_revision_as_object().is_ready, "it goes on waiting"
    client = ours.client(both.user)
    form = {"revision": page.latest_revision_id, "office": "心理中心"}
    assert client.post(f"/centre/texts/{page.pk}/", form).status_code == 422


def test_a_date_publishes_nothing_unread(ours: Side) -> None:
    page = lesson(ours)
    page.go_live_at = timezone.now() - timedelta(minutes=1)
    revision = page.save_revision(user=ours.editor, clean=False)
    revision.approved_go_live_at = page.go_live_at
    revision.save()
    run_schedule()
    page.refresh_from_db()
    assert not page.live


def test_it_is_given_back_with_a_word(ours: Side, reader: Any) -> None:
    page = ready(report(ours), ours)
    send_back(
        actor=actor_of(reader), user=reader.user, page_id=page.pk, revision=page.latest_revision_id, note="少一个人"
    )
    assert waiting_at(ours.tenant.id) == []


def test_the_reader_sees_the_lines_under_the_pictures_and_what_it_means(ours: Side, reader: Any) -> None:
    page = ready(report(ours), ours)
    shown = (
        ours.client(reader.user, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
        .get(f"/centre/texts/{page.pk}/")
        .content.decode()
    )
    assert "一起走" in shown and "只按这些文字发布" in shown
