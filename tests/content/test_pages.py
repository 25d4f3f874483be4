"""What readers get: Chinese search, safe text, few queries, the school's own tree only."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.forms import CheckboxSelectMultiple
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from content.blocks import ServicesBlock
from content.models import GuidelineIndexPage, GuidelinePage, SchoolDocument, SchoolImage
from content.services import SERVICES
from content.tokens import index_tokens, query_tokens
from partners.kinds import ServiceKind
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db


@pytest.fixture
def openday(ours: Side) -> GuidelinePage:
    return ours.index.add_child(
        instance=GuidelinePage(
            title="教职工心理援助中心公众开放日", slug="openday", summary="和家长沟通的 3 句话 for New Teachers",
            body=[("heading", "高三压力"), ("paragraph", "<p>先听完，再开口。</p>"),
                  ("phrase", {"avoid": "", "say": "谢谢您告诉我", "why": ""}),
                  ("services", {"title": "", "kinds": ["counselling", "childcare"]})],
        )
    )  # fmt: skip


FOUND = (
    "心理", "开放日", "家长沟通", "心", "教职工心理", "援助中心公众", "高三 压力", "沟通 teachers", "New", "谢谢您",
    "听完，再", "3 句话",
)  # fmt: skip
NOT_FOUND = ("中理", "公开", "理由", "高三 睡眠", "，。", "日放", "' | x", "\\", "a & ! b", "心" * 200)


def test_search_finds_chinese_words(ours: Side, openday: GuidelinePage) -> None:
    for query in FOUND:
        assert openday.title in ours.client().get("/search/", {"q": query}).content.decode(), query


def test_search_does_not_find_other_words(ours: Side, openday: GuidelinePage) -> None:
    for query in NOT_FOUND:
        response = ours.client().get("/search/", {"q": query})
        assert response.status_code == 200, query
        assert openday.title not in response.content.decode(), query


def test_search_autocompletes_and_finds_media(ours: Side) -> None:
    assert list(Page.objects.autocomplete("白鹭指"))[0].pk == ours.page.pk
    assert ours.image in SchoolImage.objects.search("鹭图")
    assert ours.document in SchoolDocument.objects.search("白鹭文件")


def test_search_stays_in_the_school(ours: Side, theirs: Side) -> None:
    shown = ours.client().get("/search/", {"q": "墨竹"}).content.decode()
    assert theirs.page.title not in shown
    assert ours.draft.title not in ours.client().get("/search/", {"q": "白鹭"}).content.decode()


def test_search_is_paged(ours: Side) -> None:
    for n in range(12):
        ours.index.add_child(instance=GuidelinePage(title=f"睡眠第{n}篇", slug=f"s{n}", summary="x", body=[]))
    first = ours.client().get("/search/", {"q": "睡眠"}).content.decode()
    second = ours.client().get("/search/", {"q": "睡眠", "page": "2"}).content.decode()
    assert first.count("睡眠第") == 10
    assert second.count("睡眠第") == 2
    assert ours.client().get("/search/", {"q": "睡眠", "page": "x"}).status_code == 200


def test_tokens() -> None:
    assert index_tokens("心理课 App2") == "心 理 课 心理 理课 app2"
    assert query_tokens("心理课, App2 课") == "心理 理课 app2 课"


def test_article_costs_few_queries(ours: Side, openday: GuidelinePage) -> None:
    client = ours.client()
    client.get("/guidelines/openday/")
    for address, most in (("/guidelines/openday/", 8), ("/", 8), ("/tips/", 9), ("/search/?q=心理", 6)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= most, [query["sql"][:160] for query in queries]


def test_article_leads_to_help(ours: Side, openday: GuidelinePage) -> None:
    shown = ours.client().get("/guidelines/openday/").content.decode()
    assert "/apply/?kind=counselling" in shown
    assert "/apply/?kind=childcare" in shown
    assert "谢谢您告诉我" in shown


def test_home_has_three_ways_on_and_no_dead_link(ours: Side) -> None:
    shown = ours.client().get("/").content.decode()
    assert "/apply/?kind=counselling" in shown
    assert 'href="/apply/"' in shown
    assert "tel:057188880000" in shown
    assert "/report/" not in shown
    assert 'href="/tips/tip/"' in shown
    assert 'href="/guidelines/guide/"' in shown


def test_pages_of_another_school_and_drafts_are_404(ours: Side, theirs: Side) -> None:
    theirs.index.add_child(instance=GuidelinePage(title="只在那边", slug="there", summary="x", body=[]))
    assert theirs.client().get("/guidelines/there/").status_code == 200
    assert ours.client().get("/guidelines/there/").status_code == 404
    assert ours.client().get("/guidelines/draft/").status_code == 404
    assert ours.client().get("/guidelines/guide/more/").status_code == 404


def test_no_default_site_answers_for_unknown_hosts(ours: Side) -> None:
    assert not Site.objects.filter(is_default_site=True).exists()


def test_rich_text_is_sanitised_on_every_way_in(ours: Side, theirs: Side) -> None:
    dirty = (
        '<p onclick="x()">好<script>alert(1)</script><img src=x onerror=y><a href="javascript:z">坏</a>'
        f'<a linktype="page" id="{theirs.page.pk}">那边</a><a linktype="page" id="{ours.page.pk}">这边</a>'
        f'<a linktype="document" id="{theirs.document.pk}">文件</a></p>'
    )
    page = ours.index.add_child(
        instance=GuidelinePage(title="脏", slug="dirty", summary="x", body=[("paragraph", dirty)])
    )
    page.body = [("callout", {"title": "", "text": dirty}), ("paragraph", dirty)]
    revision = page.save_revision()
    for stored in (GuidelinePage.objects.get(pk=page.pk), revision.as_object()):
        text = str(list(stored.body.get_prep_value()))
        for word in ("script", "onclick", "onerror", "javascript", f'id="{theirs.page.pk}"', "document"):
            assert word not in text, word
        assert f'id="{ours.page.pk}"' in text
        assert "那边" in text


def test_a_foreign_picture_is_dropped(ours: Side, theirs: Side) -> None:
    page = GuidelinePage(title="图", slug="picture", summary="x", body=[], picture=theirs.image)
    ours.index.add_child(instance=page)
    assert GuidelinePage.objects.get(pk=page.pk).picture is None
    page.picture = ours.image
    page.save()
    assert GuidelinePage.objects.get(pk=page.pk).picture == ours.image


def test_strict_tree(ours: Side) -> None:
    assert GuidelineIndexPage.allowed_subpage_models() == [GuidelinePage]
    assert not GuidelinePage.allowed_subpage_models()
    assert not GuidelineIndexPage.can_create_at(ours.home)


def test_a_lapsed_review_is_said(ours: Side) -> None:
    assert GuidelinePage(review_by=date(2020, 1, 1)).is_stale
    assert not GuidelinePage(review_by=None).is_stale


def test_services_are_ticked_not_held_down() -> None:
    field = ServicesBlock().child_blocks["kinds"].field
    assert isinstance(field.widget, CheckboxSelectMultiple), "a plain list loses a choice when a key is not held"


def test_service_words_cover_the_closed_list() -> None:
    assert list(SERVICES) == [kind.value for kind in ServiceKind]


def test_get_changes_nothing(ours: Side, django_assert_num_queries: Any) -> None:
    before = Page.objects.order_by("pk").values_list("pk", "latest_revision")
    seen = list(before)
    assert ours.client().get("/").status_code == 200
    assert ours.client().get("/search/", {"q": "先听"}).status_code == 200
    assert ours.client().post("/search/", {"q": "x"}).status_code == 405
    assert list(before.all()) == seen
