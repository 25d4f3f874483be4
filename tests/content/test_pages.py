"""What readers get: Chinese search, safe text, few queries, the school's own tree only."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms import CheckboxSelectMultiple
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from content import richtext
from content.blocks import ServicesBlock
from content.models import GuidelineIndexPage, GuidelinePage, SchoolDocument, SchoolImage
from content.services import SERVICES
from content.tokens import index_tokens, query_tokens
from partners.kinds import ServiceKind
from tenancy.hosts import forget
from tenancy.models import Tenant, TenantKind
from tests.content.conftest import Side
from tests.content.pictures import png

pytestmark = pytest.mark.django_db


def guideline(**fields: Any) -> GuidelinePage:
    """One that has been reviewed, as every published one has."""
    return GuidelinePage(reviewed_by="心理中心", reviewed_on=date(2026, 9, 1), **fields)


def searched(side: Side, query: str, **more: str) -> str:
    """The page of a search as it is read: without the marks around the words."""
    shown = side.client().get("/search/", {"q": query, **more}).content.decode()
    return shown.replace("<mark>", "").replace("</mark>", "")


@pytest.fixture
def openday(ours: Side) -> GuidelinePage:
    return ours.index.add_child(
        instance=guideline(
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
        assert openday.title in searched(ours, query), query


def test_search_does_not_find_other_words(ours: Side, openday: GuidelinePage) -> None:
    for query in NOT_FOUND:
        response = ours.client().get("/search/", {"q": query})
        assert response.status_code == 200, query
        assert openday.title not in searched(ours, query), query


def test_search_autocompletes_and_finds_media(ours: Side) -> None:
    assert list(Page.objects.autocomplete("白鹭指"))[0].pk == ours.page.pk
    assert ours.image in SchoolImage.objects.search("鹭图")
    assert ours.document in SchoolDocument.objects.search("白鹭文件")


def test_search_stays_in_the_school(ours: Side, theirs: Side) -> None:
    shown = searched(ours, "墨竹")
    assert theirs.page.title not in shown
    assert ours.draft.title not in searched(ours, "白鹭")


def test_search_is_paged(ours: Side) -> None:
    for n in range(12):
        ours.index.add_child(instance=guideline(title=f"睡眠第{n}篇", slug=f"s{n}", summary="x", body=[]))
    first = searched(ours, "睡眠")
    second = searched(ours, "睡眠", page="2")
    assert first.count("睡眠第") == 10
    assert second.count("睡眠第") == 2
    assert ours.client().get("/search/", {"q": "睡眠", "page": "x"}).status_code == 200


def test_tokens() -> None:
    assert index_tokens("心理课 App2") == "心 理 课 心理 理课 app2"
    assert query_tokens("心理课, App2 课") == "心理 理课 app2 课"


def test_both_widths_and_look_alike_signs_find_the_same(ours: Side) -> None:
    """Index and query through one fold: pages, and titles of pictures and files, in the choosers, too."""
    wide = ours.index.add_child(
        instance=guideline(
            title="ＰＨＱ－９ 量表",
            slug="wide",
            summary="ＧＡＤ－７…２４小时…４００",
            body=[("heading", "⼼理热线１２３５６")],
        )
    )
    narrow = ours.index.add_child(
        instance=guideline(
            title="PHQ-9 问卷", slug="narrow", summary="GAD-7, 24小时, 400", body=[("heading", "心理热线12356")]
        )
    )
    image = SchoolImage.objects.create(title="ＵＳＢ⼼图", collection=ours.school.collection, file=SimpleUploadedFile("a.png", png()))  # fmt: skip
    document = SchoolDocument.objects.create(title="ＵＳＢ⼼表", collection=ours.school.collection, file=SimpleUploadedFile("a.pdf", b"%PDF"))  # fmt: skip
    for query in ("PHQ-9", "ｐｈｑ－９", "GAD-7", "ＧＡＤ－７", "24小时", "２４小时", "400", "４００", "12356", "１２３５６", "心理热线", "⼼理热线",
                  "心\u200b理热线"):  # fmt: skip
        shown = searched(ours, query)
        assert {wide.title in shown, narrow.title in shown} == {True}, query
    assert narrow.title not in searched(ours, "⼼意")
    editor = ours.client(ours.editor)
    for query in ("usb", "ＵＳＢ", "心图", "⼼图"):
        assert image in SchoolImage.objects.search(query), query
        assert image.title in editor.get("/cms/images/chooser/results/", {"q": query}).content.decode(), query
    for query in ("usb", "ＵＳＢ", "心表", "⼼表"):
        assert document.title in editor.get("/cms/documents/chooser/results/", {"q": query}).content.decode(), query
    for query in ("phq", "ＰＨＱ"):
        assert wide.title in editor.get("/cms/choose-page/search/", {"q": query}).content.decode(), query


def test_a_rare_character_is_a_word(ours: Side) -> None:
    page = ours.index.add_child(instance=guideline(title="陈𬎆〇𰌂老师", slug="rare", summary="x", body=[]))
    for query in ("𬎆〇", "〇𰌂", "陈𬎆"):
        assert page.title in searched(ours, query), query


def test_article_costs_few_queries(ours: Side, openday: GuidelinePage) -> None:
    client = ours.client()
    client.get("/guidelines/openday/")
    for address, most in (("/guidelines/openday/", 8), ("/", 8), ("/tips/", 9), ("/search/?q=心理", 7)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= most, [query["sql"][:160] for query in queries]


def test_article_leads_to_help(ours: Side, openday: GuidelinePage) -> None:
    shown = ours.client().get("/guidelines/openday/").content.decode()
    assert "/services/#counselling" in shown
    assert "/services/#childcare" in shown
    assert "谢谢您告诉我" in shown


def test_home_has_three_ways_on_and_no_dead_link(ours: Side) -> None:
    shown = ours.client().get("/").content.decode()
    assert "/services/#counselling" in shown
    assert 'href="/services/"' in shown
    assert "tel:057188880000" in shown
    assert 'href="/report/"' in shown
    assert 'href="/tips/tip/"' in shown
    assert 'href="/guidelines/guide/"' in shown


def test_pages_of_another_school_and_drafts_are_404(ours: Side, theirs: Side) -> None:
    theirs.index.add_child(instance=guideline(title="只在那边", slug="there", summary="x", body=[]))
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
    page = ours.index.add_child(instance=guideline(title="脏", slug="dirty", summary="x", body=[("paragraph", dirty)]))
    page.body = [("callout", {"title": "", "text": dirty}), ("paragraph", dirty)]
    revision = page.save_revision()
    for stored in (GuidelinePage.objects.get(pk=page.pk), revision.as_object()):
        text = str(list(stored.body.get_prep_value()))
        for word in ("script", "onclick", "onerror", "javascript", f'id="{theirs.page.pk}"', "document"):
            assert word not in text, word
        assert f'id="{ours.page.pk}"' in text
        assert "那边" in text


SPELLINGS = (
    ' {0}', '{0} ', '+{0}', '{0}.0', '0x{0}', '{0}_0', '０{0}', '&#8203;{0}', '{0}&#10;', '', '-{0}', '{0}" data-x="', "9" * 30,
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("tag", ['<a linktype="page" id="{}">', "<a id='{}' linktype='page'>", '<a href="https://x/&gt;" linktype="page" id="{}">',
                                 '<a href="https://x/>" id="{}" linktype="page">'])  # fmt: skip
def test_a_link_whose_id_is_no_plain_number_loses_the_link(ours: Side, theirs: Side, spelling: str, tag: str) -> None:
    dirty = f"<p>{tag.format(spelling.format(theirs.page.pk))}那边</a> {tag.format(theirs.page.pk)}也是</a></p>"
    page = guideline(
        title="x", slug="x", summary="x", body=[("paragraph", dirty), ("callout", {"title": "", "text": dirty})]
    )
    ours.index.add_child(instance=page)
    stored = str(list(GuidelinePage.objects.get(pk=page.pk).body.get_prep_value()))
    assert "linktype" not in stored
    assert " id=" not in stored
    assert "那边" in stored
    assert "也是" in stored


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<a linktype="document" id="1">x</a>', "x"),
        ('<a linktype="image" id="1">x</a>', "x"),
        ('<a linktype="PAGE" id="1">x</a>', "x"),
        ('<a linktype="page" id="5" href="https://x">x</a>', '<a linktype="page" id="5">x</a>'),
        ('<a id="5">x</a>', "x"),
        ('<a id="5" href="https://x/?a=1&amp;b=2">x</a>', '<a href="https://x/?a=1&amp;b=2">x</a>'),
        ('<embed embedtype="image" id="3" format="left"/><embed embedtype="media" url="https://x"/>x', "x"),
        ('<img src="/media/x.png">x<a href="/tips/"><b>y</b></a>', 'x<a href="/tips/"><b>y</b></a>'),
        ("<a>x</a>", "x"),
    ],
)
def test_a_link_is_an_address_or_a_page(html: str, kept: str) -> None:
    assert richtext.clean(html) == kept
    assert richtext.clean(kept) == kept


def test_a_foreign_picture_is_dropped(ours: Side, theirs: Side) -> None:
    page = guideline(title="图", slug="picture", summary="x", body=[], picture=theirs.image)
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


def test_the_first_page_of_a_bureau_has_no_door_to_services(ours: Side) -> None:
    assert 'class="task" href="/services/' in ours.client().get("/").content.decode()
    Tenant.objects.filter(pk=ours.tenant.pk).update(kind=TenantKind.DISTRICT)
    forget()
    shown = ours.client().get("/").content.decode()
    assert 'class="task"' in shown, "the duty line stays"
    assert "/services/" not in shown
