"""Ways in from outside: posters whose code opens the page, a feed, a map; of the own school's published pages alone."""

from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from django.conf import settings
from PIL import Image
from pypdf import PdfReader

from kernel.clock import local_day, now
from tests.content.conftest import Side
from tests.content.stock import published
from tests.content.test_activities import campaign

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_code_on_a_poster_opens_the_page(ours: Side) -> None:
    answer = ours.client().get(f"/poster/{ours.page.pk}.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    with Image.open(BytesIO(answer.content)) as sheet:
        assert sheet.size == (1240, 1754)
        read = zxingcpp.read_barcode(sheet.convert("L"))
    assert read is not None
    assert read.text == f"http://{ours.tenant.host}:{settings.BASE_PORT}/guidelines/guide/"


def test_a_poster_as_pdf(ours: Side) -> None:
    answer = ours.client().get(f"/poster/{ours.page.pk}.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) < 300_000
    assert 'filename="poster-guide.pdf"' in answer["Content-Disposition"]


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_no_poster_of_a_draft_or_of_another_school(ours: Side, theirs: Side, kind: str) -> None:
    for page in (ours.draft, theirs.page, theirs.home):
        assert ours.client().get(f"/poster/{page.pk}.{kind}").status_code == 404
    assert ours.client().get(f"/poster/999999.{kind}").status_code == 404


def test_the_feed_tells_what_was_published_here(ours: Side, theirs: Side) -> None:
    published(ours.page)
    answer = ours.client().get("/feed.xml")
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    links = [str(link.get("href")) for link in root.iter(f"{ATOM}link")]
    origin = f"http://{ours.tenant.host}:{settings.BASE_PORT}"
    assert f"{origin}/guidelines/guide/" in links
    assert all(link.startswith(origin) for link in links)
    text = answer.content.decode()
    assert "白鹭草稿" not in text
    assert "墨竹" not in text
    assert ours.client(headers={"host": "localhost"}).get("/feed.xml").status_code == 404


def test_the_map_holds_the_new_pages(ours: Side) -> None:
    campaign(ours, local_day(now()) + timedelta(days=3))
    shown = ours.client().get("/sitemap.xml").content.decode()
    for address in ("/activities/", "/activities/six/", "/activities/festivals/", "/quiet/"):
        assert f"{address}</loc>" in shown


def test_a_poster_says_when(ours: Side) -> None:
    page = campaign(ours, local_day(now()) + timedelta(days=3))
    answer = ours.client().get(f"/poster/{page.pk}.pdf")
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages)
    assert f"{page.starts_on.month}月{page.starts_on.day}日" in text.replace(" ", "")
    assert ours.page.specific.when_and_where() == ""
