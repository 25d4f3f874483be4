"""What somebody may send to the CMS on purpose or by mistake: refused in words or made harmless, never an error of ours."""

import struct
import zlib
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.models import Page

from content.models import ActivityIndexPage, CampaignPage, GuidelinePage, ReportPage, SchoolImage
from tests.content.conftest import Side
from tests.content.pictures import png

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 1)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(width: int, height: int) -> bytes:
    """A picture that says it is so large; unpacked it would be, too: a row of zeros packs a thousandfold."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * min(width * 3 * 64, 20_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "wide.png": huge_png(65_535, 65_535),
    "tall.png": huge_png(1, 2_000_000_000),
    "bomb.png": huge_png(20_000, 20_000),
    "script.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.jpg": b"<html><script>alert(1)</script>",
    "zip.webp": b"PK\x03\x04" + b"\0" * 100,
    "gif.gif": b"GIF89a/*" + b"\xff" * 40 + b"*/=alert(1)//",
    "empty.png": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_leaves_nothing(ours: Side, name: str) -> None:
    form = {"title": "坏图", "description": "x", "file": SimpleUploadedFile(name, HOSTILE[name])}
    client = ours.client(ours.editor)
    client.raise_request_exception = False
    answer = client.post("/cms/images/add/", form)
    assert answer.status_code == 200, "the form once more, with what is wrong"
    assert "error" in answer.content.decode()
    assert not SchoolImage.objects.filter(title="坏图").exists()


def test_what_hides_behind_a_picture_is_not_served(ours: Side) -> None:
    whole = png() + b"<script>alert(1)</script>" + b"PK\x03\x04"
    form = {"title": "双面", "description": "x", "file": SimpleUploadedFile("two.png", whole)}
    assert ours.client(ours.editor).post("/cms/images/add/", form).status_code == 302
    kept = SchoolImage.objects.get(title="双面")
    with kept.file.open("rb") as file:
        assert b"script" not in file.read()


@pytest.mark.parametrize("title", ["心理健康日", "！！！", "🌱", "a/b?c=d", "..", "<script>"])
def test_any_title_gets_an_address(ours: Side, title: str) -> None:
    page = ours.index.add_child(
        instance=GuidelinePage(title=title, summary="x", body=[], reviewed_by="x", reviewed_on=DAY)
    )
    assert page.slug
    assert not set(page.slug) & set("/?#<>.% ")
    again = ours.index.add_child(
        instance=GuidelinePage(title=title, summary="x", body=[], reviewed_by="x", reviewed_on=DAY)
    )
    assert again.slug != page.slug
    assert ours.client(ours.editor).get(f"/cms/pages/{page.pk}/edit/").status_code == 200


def test_script_in_every_text_of_the_new_pages_is_shown_as_text(ours: Side) -> None:
    bad = "<script>alert(1)</script>"
    index = ActivityIndexPage.objects.child_of(ours.home).get()
    activity = {
        "title": bad,
        "host": bad,
        "day": DAY,
        "begins": "08:00",
        "ends": "",
        "place": bad,
        "note": bad,
    }
    pages: list[Any] = [
        CampaignPage(title=bad, slug="c", summary=bad, starts_on=DAY, ends_on=DAY, contact=bad, contact_phone=bad[:30],
                     body=[("paragraph", f"<p>{bad}好</p>")], activities=[("activity", activity)]),
        ReportPage(title=bad, slug="r", summary=bad, happened_on=DAY, body=[("heading", bad)],
                   pictures=[("picture", {"picture": ours.image, "caption": bad})]),
    ]  # fmt: skip
    for page in pages:
        index.add_child(instance=page)
    for address in ("/activities/c/", "/activities/r/", "/activities/", "/search/?q=alert"):
        shown = ours.client().get(address).content.decode().replace("<mark>", "").replace("</mark>", "")
        assert bad not in shown, address
        assert "alert(1)" in shown, address


def test_a_form_with_wrong_types_is_answered(ours: Side) -> None:
    index = ActivityIndexPage.objects.child_of(ours.home).get()
    client = ours.client(ours.editor)
    client.raise_request_exception = False
    before = Page.objects.count()
    form = {
        "title": "x", "slug": "x", "summary": "x", "starts_on": "昨天", "ends_on": "9999-99-99", "contact": "x" * 500,
        "picture": "", "body-count": "0", "activities-count": "1", "activities-0-deleted": "", "activities-0-order": "0",
        "activities-0-type": "activity", "activities-0-id": "", "activities-0-value-title": "x", "activities-0-value-day": "-",
        "activities-0-value-begins": "25:99", "activities-0-value-ends": "", "action-publish": "1",
    }  # fmt: skip
    answer = client.post(f"/cms/pages/add/content/campaignpage/{index.pk}/", form)
    assert answer.status_code == 200
    assert Page.objects.count() == before


def test_pictures_of_the_bombs_are_small_on_the_wire() -> None:
    assert all(len(data) < 100_000 for data in HOSTILE.values()), "or the limit of the upload would refuse them first"
    assert BytesIO(HOSTILE["bomb.png"]).read(4) == b"\x89PNG"
