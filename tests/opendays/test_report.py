"""The report of an open day: begun by itself, with pictures that everybody in them agreed to, and none past their time (books §6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.translation import override
from wagtail.images.tests.utils import get_test_image_file_jpeg

from accounts.models import User
from audit.models import AuditEntry
from content.checking import say_checked
from content.models import ReportPage, SchoolImage, SchoolSite
from content.opendays.links import party_of
from content.opendays.models import OpenDay
from content.opendays.pictures import pictures_until
from content.opendays.tasks import run_round
from content.opendays.workflow.gate import Sent, open_gate, take_marks
from content.opendays.workflow.keeping import begin_report
from content.opendays.workflow.photos import pictures_looked_through, say_photo
from kernel.clock import as_of
from kernel.errors import Forbidden, Refused
from tests.conftest import actor_of, make_person
from tests.opendays.world import World, come, family
from workdays.clock import add_workdays
from workdays.selectors import calendar

A_MINUTE = timedelta(minutes=1, seconds=1)


def browser(world: World, actor: Any = None) -> Client:
    client = Client(headers={"host": world.school.host, "accept-language": "en"})
    if actor is not None:
        client.force_login(User.objects.get(pk=actor.user_id))
    return client


def image(world: World, title: str = "x") -> SchoolImage:
    collection = SchoolSite.objects.get(tenant=world.school).collection
    return SchoolImage.objects.create(title=title, file=get_test_image_file_jpeg(), collection=collection)


def begun(world: World) -> ReportPage:
    with as_of(world.day.ends_at):
        assert begin_report(day=world.day)
    day = OpenDay.objects.get(pk=world.day.pk)
    return ReportPage.objects.get(pk=day.report_id)


def read_by_another(world: World, page: ReportPage) -> None:
    """A second person reads the words as they stand."""
    reader = make_person(world.school, "centre")
    say_checked(
        actor=actor_of(reader), user=reader.user, page_id=page.pk, revision=page.latest_revision_id, office="心理中心",
        today=world.school.today(),
    )  # fmt: skip
    page.refresh_from_db()


def published(world: World, *, agreed: bool = True, caption: str = "操场上") -> ReportPage:
    page = begun(world)
    with as_of(world.day.ends_at + timedelta(hours=2)):
        page.pictures = [("picture", {"picture": image(world), "caption": caption, "agreed": agreed})]
        page.is_ready = True
        page.save_revision()
        read_by_another(world, page)
        page.latest_revision.publish()
    return ReportPage.objects.get(pk=page.pk)


def test_when_the_day_is_over_the_editors_have_a_draft_once(world: World) -> None:
    code = party_of(come(world, family(2))).gate_hash
    steward = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    with as_of(world.day.starts_at):
        take_marks(token=steward.token, school=world.school, marks=[Sent(uuid4(), code, 2, world.day.starts_at)])
    with as_of(world.day.ends_at - timedelta(seconds=1)):
        assert not begin_report(day=world.day)
    with as_of(world.day.ends_at):
        run_round()
        run_round()
    assert AuditEntry.objects.filter(action="openday.report").count() == 1
    page = ReportPage.objects.get(of_open_day=True)
    assert not page.live and page.took_part == 2 and page.happened_on == world.school.day_of(world.day.starts_at)
    assert page.due_on == page.happened_on + timedelta(days=7)
    assert browser(world).get(page.href).status_code == 404


@pytest.mark.parametrize("state", ["draft", "called_off"])
def test_a_day_that_did_not_take_place_has_no_report(world: World, state: str) -> None:
    OpenDay.objects.update(state=state)
    with as_of(world.day.ends_at):
        assert not begin_report(day=world.day)
        run_round()
    assert not ReportPage.objects.exists()


def test_a_picture_without_everybodys_yes_is_not_published(world: World) -> None:
    page = begun(world)
    with as_of(world.day.ends_at + timedelta(hours=2)):
        page.pictures = [("picture", {"picture": image(world), "caption": "操场上", "agreed": False})]
        revision = page.save_revision()
        with pytest.raises(Refused) as caught:
            revision.publish()
        assert caught.value.reason == "pictures_unagreed"
        other = image(world, "head")
        page.pictures, page.picture = (
            [("picture", {"picture": image(world), "caption": "操场上", "agreed": True})],
            other,
        )
        with pytest.raises(Refused) as caught:
            page.save_revision().publish()
        assert caught.value.reason == "pictures_unagreed", "nor the picture above the text"
    page.refresh_from_db()
    assert not page.live


def test_after_a_yes_was_taken_back_pictures_go_by_themselves_until_they_were_looked_through(world: World) -> None:
    token = come(world, family(2))
    one = party_of(token).guests.order_by("pk").first()
    assert one is not None
    say_photo(token=token, guest_id=one.pk, yes=True)
    page = published(world)
    ended = world.day.ends_at + timedelta(hours=3)
    with as_of(ended):
        say_photo(token=token, guest_id=one.pk, yes=False)
    last = add_workdays(ended, 3, calendar(), world.school.time_zone)
    assert pictures_until(page.pk) == last
    desk, report = browser(world, world.organiser), f"/union/open-days/{world.day.pk}/report/"
    for moment, is_shown in (
        (ended, True),
        (last - timedelta(seconds=1), True),
        (last + A_MINUTE, False),
    ):  # a page is kept for a minute
        with as_of(moment):
            text = browser(world).get(page.href).content.decode()
            assert ("操场上" in text) == is_shown, moment
            assert ("looked through" in text) != is_shown
            assert ("操场上" in desk.get(report).content.decode()) == is_shown
    with as_of(last):
        with pytest.raises(Forbidden):
            pictures_looked_through(actor=world.host, open_day_id=world.day.pk)
        act = f"/union/open-days/{world.day.pk}/pictures/"
        assert desk.get(act).status_code == 200 and pictures_until(page.pk) == last, "looking changes nothing"
        assert desk.post(act).status_code == 302
        assert pictures_until(page.pk) is None
        assert "操场上" in desk.get(report).content.decode()
    assert AuditEntry.objects.filter(action="openday.pictures").count() == 1


def test_no_search_tells_what_a_picture_shows_that_is_held(world: World) -> None:
    """Neither the line below it, nor, by being found, that a word stands in one."""
    token = come(world, family(1))
    guest = party_of(token).guests.get()
    say_photo(token=token, guest_id=guest.pk, yes=True)
    page = published(world, caption="看台边的小林和外婆")
    ended = world.day.ends_at + timedelta(hours=3)
    with as_of(ended):
        say_photo(token=token, guest_id=guest.pk, yes=False)
    with as_of(ended + timedelta(days=20)):
        assert "外婆" not in browser(world).get(page.href).content.decode()
        found = browser(world).get("/search/?q=小林").content.decode()
    assert "外婆" not in found
    assert page.href not in found


def test_a_no_before_any_picture_was_taken_holds_nothing_back(world: World) -> None:
    token = come(world, family(1))
    guest = party_of(token).guests.get()
    for yes in (True, False):
        say_photo(token=token, guest_id=guest.pk, yes=yes)
    assert pictures_until(published(world).pk) is None


def test_the_report_is_printed_with_its_pictures_and_without_them_once_they_are_held(world: World) -> None:
    token = come(world, family(1))
    guest = party_of(token).guests.get()
    say_photo(token=token, guest_id=guest.pk, yes=True)
    desk, paper = browser(world, world.organiser), f"/union/open-days/{world.day.pk}/report/paper/"
    bare = desk.post(paper).content
    published(world)
    ended = world.day.ends_at + timedelta(hours=3)
    with as_of(ended):
        full = desk.post(paper).content
        say_photo(token=token, guest_id=guest.pk, yes=False)
    with as_of(ended + timedelta(days=20)):
        held = desk.post(paper).content
    assert b"/Image" in full and b"/Image" not in bare and b"/Image" not in held


def test_the_editors_first_page_says_until_when(world: World) -> None:
    from content.dashboard import KINDS

    begun(world)
    waits = next(kind for kind in KINDS if kind.key == "report").find
    site = SchoolSite.objects.get(tenant=world.school)
    with override("en"), as_of(world.day.ends_at + timedelta(days=7)):
        assert ["due by" in str(row.note) for row in waits(None, site)] == [True]  # type: ignore[arg-type]
    with override("en"), as_of(world.day.ends_at + timedelta(days=8)):
        assert ["late since" in str(row.note) for row in waits(None, site)] == [True]  # type: ignore[arg-type]
