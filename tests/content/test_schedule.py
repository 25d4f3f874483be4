"""What Wagtail offers on a date happens: pages and changes appear, pages end, in every school, and in the search."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import Page

from content.models import GuidelinePage
from content.schedule import BEAT
from content.scheduled import run_schedule
from content.tasks import SCHEDULE_TASK, run_page_schedule
from kernel.clock import as_of, now
from registry import table
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon() -> datetime:
    """By the machine's clock, which Wagtail asks when a date is set: an evening's suite lives hours earlier."""
    return timezone.now().replace(microsecond=0)


def planned(side: Side, title: str, **dates: datetime | None) -> GuidelinePage:
    """A page as "publish" with dates leaves it."""
    slug = f"p{Page.objects.count()}"
    page = side.index.add_child(
        instance=GuidelinePage(
            title=title,
            slug=slug,
            summary="x",
            body=[],
            live=False,
            owner=side.editor,
            reviewed_by="心理中心",
            reviewed_on=date(2026, 9, 1),
        )  # fmt: skip
    )
    for name, moment in dates.items():
        setattr(page, name, moment)
    page.save_revision(user=side.editor).publish(user=side.editor, skip_permission_checks=True)
    return GuidelinePage.objects.get(pk=page.pk)


def is_read(side: Side, page: Page, title: str) -> tuple[bool, bool, bool]:
    """Whether readers get it at its address, in the list and in the search."""
    reader = side.client()
    return (
        reader.get(f"/guidelines/{page.slug}/").status_code == 200,
        title in reader.get("/guidelines/").content.decode(),
        f"<h3><mark>{title}</mark></h3>" in reader.get("/search/", {"q": title}).content.decode(),
    )


ALL, NONE = (True, True, True), (False, False, False)


def test_a_new_page_appears_and_ends_on_its_dates_in_every_school(ours: Side, theirs: Side, noon: datetime) -> None:
    sides = [
        (side, planned(side, "寒假安排", go_live_at=noon + timedelta(hours=1), expire_at=noon + timedelta(hours=2)))
        for side in (ours, theirs)
    ]
    for minutes, shown in ((0, NONE), (59, NONE), (60, ALL), (119, ALL), (120, NONE), (500, NONE)):
        with as_of(noon + timedelta(minutes=minutes)):
            run_schedule()
            for side, page in sides:
                assert is_read(side, page, "寒假安排") == shown, minutes
    page = GuidelinePage.objects.get(pk=sides[0][1].pk)
    assert (page.expired, page.go_live_at, page.expire_at) == (True, None, None)


def test_a_change_appears_on_its_date_and_the_old_words_stay_until_then(ours: Side, noon: datetime) -> None:
    page = planned(ours, "旧的标题")
    page.title, page.go_live_at = "换新标题", noon + timedelta(hours=1)
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    assert run_schedule() == 0
    assert is_read(ours, page, "旧的标题") == ALL
    with as_of(noon + timedelta(hours=1)):
        assert run_schedule() == 1
        assert is_read(ours, page, "换新标题") == ALL
        assert is_read(ours, page, "旧的标题")[1:] == (False, False)
        assert run_schedule() == 0


def test_a_date_taken_back_never_comes(ours: Side, noon: datetime) -> None:
    page = planned(ours, "不再发布", go_live_at=noon + timedelta(hours=1))
    revision = page.scheduled_revision
    assert revision is not None
    answer = ours.client(ours.editor).post(f"/cms/pages/{page.pk}/revisions/{revision.pk}/unschedule/")
    assert answer.status_code == 302
    with as_of(noon + timedelta(days=9)):
        assert run_schedule() == 0
        assert is_read(ours, page, "不再发布") == NONE


def test_an_end_taken_back_never_comes(ours: Side, noon: datetime) -> None:
    page = planned(ours, "一直都在", expire_at=noon + timedelta(hours=1))
    page.expire_at = None
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    with as_of(noon + timedelta(days=9)):
        assert run_schedule() == 0
        assert is_read(ours, page, "一直都在") == ALL


def test_a_round_that_comes_too_late_shows_no_page_that_has_ended(ours: Side, noon: datetime) -> None:
    page = planned(ours, "已经过去", go_live_at=noon + timedelta(hours=1), expire_at=noon + timedelta(hours=2))
    with as_of(noon + timedelta(days=3)):
        assert run_schedule() == 1
        assert is_read(ours, page, "已经过去") == NONE
        assert run_schedule() == 0
    page = GuidelinePage.objects.get(pk=page.pk)
    assert (page.live, page.expired, page.approved_schedule) == (False, True, False)


def test_one_page_that_fails_stops_no_other_and_is_tried_again(ours: Side, theirs: Side, noon: datetime) -> None:
    """Two editors give two pages one address: the second cannot be published."""
    bad = planned(ours, "同一个地址", go_live_at=noon + timedelta(minutes=1))
    revision = bad.scheduled_revision
    assert revision is not None
    revision.content["slug"] = "guide"
    revision.save(update_fields=["content"])
    good = [planned(side, "照常出现", go_live_at=noon + timedelta(minutes=2)) for side in (ours, theirs)]
    ending = planned(theirs, "照常结束", expire_at=noon + timedelta(minutes=2))
    with as_of(noon + timedelta(minutes=3)):
        assert run_schedule() == 3
        assert [is_read(side, page, "照常出现") for side, page in zip((ours, theirs), good, strict=True)] == [ALL, ALL]
        assert is_read(theirs, ending, "照常结束") == NONE
        bad = GuidelinePage.objects.get(pk=bad.pk)
        assert (bad.live, bad.approved_schedule) == (False, True)
        revision.content["slug"] = "another"
        revision.save(update_fields=["content"])
        assert run_schedule() == 1
        assert GuidelinePage.objects.get(pk=bad.pk).live


def fields_of(page: str) -> dict[str, Any]:
    """The form as a browser would send it."""
    form = BeautifulSoup(page, "html.parser").find("form", id="page-edit-form")
    assert form is not None
    sent: dict[str, Any] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = field.get("name")
        if not name or field.get("type") in ("submit", "button", "file") or field.has_attr("disabled"):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            sent[name] = chosen.get("value", "") if chosen else ""
        elif field.get("type") not in ("checkbox", "radio") or field.has_attr("checked"):
            sent[name] = field.get("value", "") if field.name == "input" else field.text.removeprefix("\n")
    # The body's blocks are drawn by a script: one heading stands for them.
    body = {"count": "1", "0-type": "heading", "0-value": "小标题", "0-order": "0", "0-deleted": ""}
    return {**sent, **{f"body-{name}": value for name, value in body.items()}}


@pytest.mark.parametrize("swept", [True, False])
def test_an_ended_page_can_be_changed_and_shown_again(ours: Side, swept: bool) -> None:
    """Before and after the round that ends it: a date that has passed stands in nobody's way."""
    noon = now().replace(microsecond=0)  # past by both clocks, in the evening too
    page = planned(ours, "再来一次", expire_at=noon + timedelta(hours=1))
    past = noon - timedelta(hours=1)
    draft = page.latest_revision
    draft.content["expire_at"] = past.isoformat()
    draft.save(update_fields=["content"])
    Page.objects.filter(pk=page.pk).update(expire_at=past)
    if swept:
        assert run_schedule() == 1
    editor = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    shown = editor.get(f"/cms/pages/{page.pk}/edit/").content.decode()
    assert "Invalid schedule" not in shown
    sent = fields_of(shown)
    assert sent["expire_at"] == ""
    answer = editor.post(f"/cms/pages/{page.pk}/edit/", {**sent, "title": "又来一次", "action-publish": "1"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert is_read(ours, page, "又来一次") == ALL
    assert run_schedule() == 0


def test_the_beat_asks_within_the_minute(ours: Side, noon: datetime) -> None:
    beat = table("schedule", "BEAT")
    assert beat[SCHEDULE_TASK] == BEAT[SCHEDULE_TASK]
    assert beat[SCHEDULE_TASK]["schedule"] < 60
    planned(ours, "由它自己", go_live_at=noon + timedelta(minutes=1))
    with as_of(noon + timedelta(minutes=1)):
        assert run_page_schedule() == 1
