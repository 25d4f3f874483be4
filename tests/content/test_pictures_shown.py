"""A size of a picture is given to readers while a published page shows it, and kept by nobody for longer than a page."""

import re
from typing import Any

import pytest

from content.models import TipPage
from tests.conftest import make_person
from tests.content.conftest import Side
from tests.content.test_second_reader import report

pytestmark = pytest.mark.django_db


def sizes(page: str) -> set[str]:
    """Every address of a picture in a page, whichever format."""
    return set(re.findall(r"/media/images/[\w.-]+", page))


def published(side: Side) -> TipPage:
    page = TipPage.objects.get(pk=side.tip.pk)
    page.picture = side.image
    page.save_revision().publish()
    return page


def statuses(client: Any, paths: set[str], **headers: str) -> set[int]:
    return {client.get(path, headers={"host": client.headers_host, **headers}).status_code for path in paths}


@pytest.fixture
def reader(ours: Side) -> Any:
    client = ours.client()
    client.headers_host = ours.tenant.host
    return client


def test_every_size_is_gone_with_the_page(ours: Side, reader: Any) -> None:
    page = published(ours)
    paths = sizes(reader.get(page.href).content.decode())
    assert {path.rpartition(".")[2] for path in paths} == {"avif", "webp", "jpg"} | {"png"} & {
        path.rpartition(".")[2] for path in paths
    }
    assert statuses(reader, paths) == {200}
    page.unpublish()
    assert statuses(reader, paths) == {404}
    page.save_revision().publish()
    assert statuses(reader, paths) == {200}
    bare = TipPage.objects.get(pk=page.pk)
    bare.picture = None
    bare.save_revision().publish()
    assert statuses(reader, paths) == {404}, "nobody shows it any more"


def test_every_size_is_gone_with_the_picture(ours: Side, reader: Any) -> None:
    page = published(ours)
    paths = sizes(reader.get(page.href).content.decode())
    ours.image.delete()
    assert statuses(reader, paths) == {404}
    assert not sizes(reader.get(page.href).content.decode())


def test_a_report_tells_nothing_of_a_picture_that_was_deleted(ours: Side, reader: Any) -> None:
    page = report(ours)
    type(page).objects.filter(pk=page.pk).update(live=True)
    assert "一起走" in reader.get(page.href).content.decode()
    ours.image.delete()
    assert "一起走" not in reader.get(page.href).content.decode(), "nor what was to be seen in it"


def test_a_browser_keeps_it_for_a_minute_and_asks_again(ours: Side, reader: Any) -> None:
    page = published(ours)
    path = next(iter(sizes(reader.get(page.href).content.decode())))
    answer = reader.get(path)
    assert answer["Cache-Control"] == "private, max-age=60"
    again = reader.get(path, headers={"host": ours.tenant.host, "if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["Cache-Control"], again["ETag"]) == (answer["Cache-Control"], answer["ETag"])
    page.unpublish()
    assert statuses(reader, {path}, **{"if-none-match": answer["ETag"]}) == {404}, "also for who has it"


def test_before_it_is_published_editors_and_who_reads_the_draft_see_it(ours: Side, theirs: Side) -> None:
    page = TipPage.objects.get(pk=ours.tip.pk)
    page.picture = ours.image
    page.save_revision()
    path = f"/media/{ours.image.get_rendition('width-720|format-avif').file.name}"
    people = {"editor": 200, "centre": 200, "staff": 404, "union": 404}
    assert {role: ours.client(make_person(ours.tenant, role).user).get(path).status_code for role in people} == people
    assert ours.client().get(path).status_code == 404
    assert theirs.client(theirs.editor).get(path).status_code == 404


def test_another_schools_page_shows_no_picture_of_this_one(ours: Side, theirs: Side, reader: Any) -> None:
    """Past every road: a key that points across opens nothing."""
    TipPage.objects.filter(pk=theirs.tip.pk).update(picture=ours.image)
    path = f"/media/{ours.image.get_rendition('max-20x20').file.name}"
    assert statuses(reader, {path}) == {404}
    TipPage.objects.filter(pk=ours.tip.pk).update(picture=ours.image)
    assert statuses(reader, {path}) == {200}
