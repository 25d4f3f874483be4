"""The files of an open day's pictures, while they are held back and on a copy of the report (books §6)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from content.models import ReportPage, SchoolImage, TipIndexPage, TipPage
from content.opendays.links import party_of
from content.opendays.workflow.photos import pictures_looked_through, say_photo
from kernel.clock import as_of
from kernel.errors import Refused
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.opendays.test_report import browser, published, read_by_another
from tests.opendays.world import World, come, family
from workdays.clock import add_workdays
from workdays.selectors import calendar

SIZE = re.compile(r"/media/images/[\w.-]+")


def statuses(client: Any, paths: set[str]) -> set[int]:
    return {client.get(path).status_code for path in paths}


def taken_back(world: World) -> tuple[ReportPage, Any]:
    """A published report, and when its pictures are held because a yes was taken back."""
    token = come(world, family(1))
    guest = party_of(token).guests.get()
    say_photo(token=token, guest_id=guest.pk, yes=True)
    page = published(world)
    ended = world.day.ends_at + timedelta(hours=3)
    with as_of(ended):
        say_photo(token=token, guest_id=guest.pk, yes=False)
    return page, add_workdays(ended, 3, calendar(), world.school.time_zone)


def test_no_size_is_given_out_while_the_pictures_are_held(world: World) -> None:
    page, held_from = taken_back(world)
    reader, editor = browser(world), browser(world)
    editor.force_login(User.objects.get(pk=make_person(world.school, "editor").user_id))
    with as_of(held_from - timedelta(minutes=2)):
        paths = set(SIZE.findall(reader.get(page.href).content.decode()))
        assert {path.rpartition(".")[2] for path in paths} >= {"avif", "webp", "jpg"}
        assert statuses(reader, paths) == {200}
    with as_of(held_from):
        assert statuses(reader, paths) == {404}
        assert statuses(editor, paths) == {200}, "who is to look them through sees them"
        pictures_looked_through(actor=world.organiser, open_day_id=world.day.pk)
        assert statuses(reader, paths) == {200}


def test_a_held_picture_is_shown_by_no_other_page(world: World) -> None:
    page, held_from = taken_back(world)
    image = SchoolImage.objects.get()
    index = TipIndexPage.objects.descendant_of(page.get_root().get_children().get(pk=page.get_ancestors()[1].pk)).get()
    index.add_child(instance=TipPage(title="x", slug="x", summary="x", body=[], picture=image))
    path = {f"/media/{image.get_rendition('width-720|format-webp').file.name}"}
    with as_of(held_from - timedelta(seconds=1)):
        assert statuses(browser(world), path) == {200}
    with as_of(held_from):
        assert statuses(browser(world), path) == {404}


def test_a_report_whose_picture_was_deleted_is_printed_without_it(world: World) -> None:
    published(world)
    SchoolImage.objects.get().delete()
    with as_of(world.day.ends_at + timedelta(hours=3)):
        desk = browser(world, world.organiser)
        assert b"/Image" not in desk.post(f"/union/open-days/{world.day.pk}/report/paper/").content
        assert "操场上" not in desk.get(f"/union/open-days/{world.day.pk}/report/").content.decode()


def test_the_editors_are_offered_no_copy_of_the_report(world: World) -> None:
    page = published(world)
    editor = make_person(world.school, "editor").user
    client = browser(world)
    client.force_login(editor)
    form = {"new_title": "又一篇", "new_slug": "again", "new_parent_page": page.get_parent().pk, "publish_copies": "1"}
    client.get(f"/cms/pages/{page.pk}/copy/")
    client.post(f"/cms/pages/{page.pk}/copy/", form)
    assert ReportPage.objects.count() == 1
    plain = ReportPage(title="登高", slug="walk", summary="九十人", body=[], happened_on=page.happened_on, live=False)
    page.get_parent().add_child(instance=plain)
    client.post(f"/cms/pages/{plain.pk}/copy/", {**form, "publish_copies": ""})
    assert ReportPage.objects.filter(slug="again").exists(), "a report of a campaign is copied"


def test_a_copy_by_program_shows_no_picture_and_is_not_published_with_one(world: World) -> None:
    """A yes that is taken back reaches the day's own report alone."""
    page = published(world)
    with as_of(world.day.ends_at + timedelta(hours=3)), use_tenant(world.school.pk):
        copied = page.copy(update_attrs={"slug": "again"}, keep_live=True)
        assert "操场上" in browser(world).get(page.href).content.decode()
        shown = browser(world).get(copied.href)
        assert shown.status_code == 200
        assert "操场上" not in shown.content.decode() and not SIZE.findall(shown.content.decode())
        draft = ReportPage.objects.get(pk=copied.pk)
        draft.is_ready = True
        draft.save_revision()
        read_by_another(world, draft)
        with pytest.raises(Refused, match="pictures_copied"):
            draft.latest_revision.publish()
