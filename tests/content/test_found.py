"""What search engines and chat windows are told: of what a school shows to everybody, and never of another's host."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from PIL import Image

from content.models import GuidelinePage, TipPage
from tests.conftest import make_person
from tests.content.conftest import Side
from tests.content.stock import build_library
from tests.fixtures_journey import make_platform
from ui.public import public_head

pytestmark = pytest.mark.django_db
PUBLIC = (
    "/", "/guidelines/", "/guidelines/guide/", "/tips/", "/tips/tip/", "/services/", "/quiet/", "/activities/", "/activities/festivals/",
)  # fmt: skip


def origin(tenant: Any) -> str:
    return f"http://{tenant.host}:{settings.BASE_PORT}"


def head(client: Client, address: str, status: int = 200) -> dict[str, str]:
    """``og:title`` → …, ``description`` → …, ``canonical`` → …, ``robots`` → … of the page."""
    answer = client.get(address)
    assert answer.status_code == status, address
    soup = BeautifulSoup(answer.content.decode(), "html.parser").find("head")
    assert soup is not None
    named = {str(tag.get("property") or tag.get("name")): str(tag.get("content")) for tag in soup.find_all("meta")}
    canonical = {"canonical": str(tag["href"]) for tag in soup.find_all("link", rel="canonical")}
    return {**named, **canonical}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_is_found_under_its_one_address(ours: Side, address: str) -> None:
    told = head(ours.client(), f"{address}?from=wechat")
    assert "robots" not in told
    assert told["canonical"] == told["og:url"] == origin(ours.tenant) + address
    assert told["og:site_name"] == "白鹭中学"
    assert told["og:locale"] in {"zh_CN", "en_GB"}
    assert told["og:type"] == ("article" if address.endswith(("guide/", "tip/")) else "website")
    for name in ("og:title", "og:description", "og:image"):
        assert told[name], name
    assert told["description"] == told["og:description"]


def test_an_article_says_its_title_and_summary(ours: Side) -> None:
    told = head(ours.client(), "/guidelines/guide/")
    assert (told["og:title"], told["description"]) == ("白鹭指南", "白鹭摘要")
    ours.page.search_description = "给搜索的一句 <b>&\"'"
    ours.page.save_revision().publish()
    assert head(ours.client(), "/guidelines/guide/")["description"] == "给搜索的一句 <b>&\"'"


def test_the_language_is_said(ours: Side) -> None:
    for language, locale in (("zh-hans", "zh_CN"), ("en", "en_GB")):
        client = ours.client(headers={"host": ours.tenant.host, "accept-language": language})
        assert head(client, "/guidelines/guide/")["og:locale"] == locale


def test_the_second_page_of_a_list_is_another_address(ours: Side) -> None:
    for n in range(21):
        shelf = ours.tip.get_parent()
        shelf.add_child(instance=TipPage(title=f"第{n}条", slug=f"t{n}", summary="x", body=[]))
    assert head(ours.client(), "/tips/?page=2")["canonical"] == f"{origin(ours.tenant)}/tips/?page=2"
    assert head(ours.client(), "/tips/?page=99")["canonical"] == f"{origin(ours.tenant)}/tips/?page=2"
    assert head(ours.client(), "/tips/?page=1")["canonical"] == f"{origin(ours.tenant)}/tips/"


def test_the_picture_is_the_articles_or_the_schools_own(ours: Side, theirs: Side) -> None:
    card = head(ours.client(), "/tips/tip/")["og:image"]
    assert card == f"{origin(ours.tenant)}/picture.png", "drawn for the school (content.artwork)"
    assert head(ours.client(), "/services/")["og:image"].startswith(origin(ours.tenant) + settings.STATIC_URL)
    with (
        Image.open(BytesIO(ours.client().get("/picture.png").content)) as own,
        Image.open(str(finders.find("ui/card.png"))) as ourselves,
    ):
        assert min(*own.size, *ourselves.size) >= 300, "smaller ones are not shown in chat windows"
    ours.page.picture = ours.image
    ours.page.save_revision().publish()
    shown = head(ours.client(), "/guidelines/guide/")["og:image"]
    assert shown.startswith(f"{origin(ours.tenant)}/media/images/")
    path = urlsplit(shown).path
    assert ours.client().get(path)["Content-Type"] == "image/jpeg"
    assert theirs.client().get(path).status_code == 404
    GuidelinePage.objects.filter(pk=ours.page.pk).update(picture=None)
    ours.page.refresh_from_db()
    ours.page.picture = theirs.image
    ours.page.save_revision().publish()
    assert head(ours.client(), "/guidelines/guide/")["og:image"] == card


@pytest.mark.parametrize("address", [*PUBLIC, "/robots.txt", "/sitemap.xml"])
def test_no_other_host_is_named(ours: Side, theirs: Side, address: str) -> None:
    for forwarded in ({}, {"x-forwarded-host": theirs.tenant.host}, {"host": f"{ours.tenant.host}:4711"}):
        client = Client(headers={"host": ours.tenant.host, **forwarded})
        raw = client.get(address).content.decode()
        assert theirs.tenant.host not in raw
        assert "4711" not in raw, "what a visitor types is not repeated to the next"
        assert "墨竹" not in raw


@pytest.mark.parametrize("address", ["/search/", "/search/?q=白鹭", "/accounts/login/", "/nothing/", "/month/"])
def test_what_is_no_page_for_everybody_is_not_found(ours: Side, address: str) -> None:
    told = head(ours.client(), address, 404 if address == "/nothing/" else 200)
    assert told["robots"].startswith("noindex")
    assert "og:title" not in told
    assert "canonical" not in told


def test_persons_pages_the_platform_and_the_cms_are_not_found(ours: Side) -> None:
    staff = make_person(ours.tenant, "staff").user
    for client, address in (
        (ours.client(staff), "/my/"),
        (Client(headers={"host": make_platform().host}), "/"),
        (Client(headers={"host": make_platform().host}), "/help/"),
        (ours.client(ours.editor), "/cms/"),
    ):
        told = head(client, address)
        if address != "/help/":
            assert told["robots"].startswith("noindex"), address
        assert "og:title" not in told, address


def test_no_view_makes_a_page_of_the_platform_findable(ours: Side) -> None:
    request: Any = RequestFactory().get("/services/")
    for tenant, is_found in ((ours.tenant, True), (make_platform(), False), (None, False)):
        request.tenant = tenant
        assert (public_head(request, title="x", description="y") is not None) == is_found


def test_a_preview_is_not_found(ours: Side) -> None:
    raw = ours.client(ours.editor).get(f"/cms/pages/{ours.page.pk}/view_draft/").content.decode()
    assert '<meta name="robots" content="noindex' in raw
    assert "og:title" not in raw


def test_robots_lead_to_the_map_of_their_own_host(ours: Side) -> None:
    answer = ours.client().get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert f"Sitemap: {origin(ours.tenant)}/sitemap.xml" in lines
    assert "Disallow: /cms/" in lines
    assert "Disallow: /" not in lines
    platform = Client(headers={"host": make_platform().host})
    assert platform.get("/robots.txt").content.decode().splitlines() == ["User-agent: *", "Disallow: /"]
    assert Client(headers={"host": "nobody.localhost"}).get("/robots.txt").status_code == 404


def test_the_icon_that_browsers_ask_for_by_themselves(ours: Side) -> None:
    """For a file or an answer of the interface, which has no head that could name one."""
    for host in (ours.tenant.host, "localhost"):
        answer = Client(headers={"host": host}).get("/favicon.ico")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:4] == b"\x00\x00\x01\x00"  # type: ignore[attr-defined]


def test_the_map_holds_what_is_published_and_opens(ours: Side, theirs: Side) -> None:
    build_library(theirs.tenant.host)
    answer = ours.client().get("/sitemap.xml")
    assert answer["Content-Type"] == "application/xml"
    places = [str(node.text) for node in ElementTree.fromstring(answer.content).iter() if node.tag.endswith("}loc")]
    assert sorted(places) == sorted(origin(ours.tenant) + address for address in PUBLIC)
    for place in places:
        assert ours.client().get(urlsplit(place).path).status_code == 200
    ours.tip.unpublish()
    assert "/tips/tip/" not in ours.client().get("/sitemap.xml").content.decode(), "no page that is gone"
    assert Client(headers={"host": make_platform().host}).get("/sitemap.xml").status_code == 404
    assert ours.client().post("/sitemap.xml").status_code == 405
