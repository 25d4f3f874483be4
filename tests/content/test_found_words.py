"""A search says of what kind each thing is, marks the words, and finds the school's services by their name."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup

from content.found import excerpt, marked
from content.models import GuidelinePage, TipIndexPage
from partners.models import Agreement
from tenancy.scope import use_tenant
from tests.content.conftest import Side
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.django_db


def hits(client: Any, query: str) -> list[tuple[str, str, str]]:
    """Kind, title and address of each hit."""
    soup = BeautifulSoup(client.get("/search/", {"q": query}).content.decode(), "html.parser")
    return [(hit.small.text, hit.h3.text, hit["href"]) for hit in soup.find_all("a", class_="hit")]


@pytest.fixture
def journey(ours: Side) -> Journey:
    return make_journey(ours.tenant)


def test_each_hit_says_of_what_kind_it_is(ours: Side) -> None:
    client = ours.client(headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    found = hits(client, "白鹭")
    assert ("指南", "白鹭指南", "/guidelines/guide/") in found
    assert ("小贴士", "白鹭贴士", "/tips/tip/") in found
    tips = TipIndexPage.objects.child_of(ours.home).get()
    assert ("栏目", tips.title, "/tips/") in hits(client, tips.title)


def test_the_words_are_marked_where_they_stand(ours: Side) -> None:
    shown = ours.client().get("/search/", {"q": "白鹭 指南"}).content.decode()
    assert "<mark>白鹭指南</mark>" in shown
    ours.index.add_child(
        instance=GuidelinePage(title="睡眠", slug="sleep", summary="短短几句", reviewed_by="心理中心", reviewed_on=date(2026, 9, 1),
                               body=[("paragraph", "<p>" + "今天先歇一歇。" * 20 + "桂花开了。" + "明天再说。" * 20 + "</p>")])
    )  # fmt: skip
    shown = ours.client().get("/search/", {"q": "桂花"}).content.decode()
    assert "<mark>桂花</mark>开了" in shown, "a word of the body is shown where it stands"
    assert "短短几句" not in shown
    assert "…" in shown


@pytest.mark.parametrize(
    ("text", "query", "html"),
    [
        ("家长沟通指南", "家长沟通", "<mark>家长沟通</mark>指南"),
        ("先沟通，再家长会", "家长 沟通", "先<mark>沟通</mark>，再<mark>家长</mark>会"),
        ("ＰＨＱ－９ 量表", "phq", "<mark>ＰＨＱ</mark>－９ 量表"),
        ("app 和 apple", "app", "<mark>app</mark> 和 apple"),
        ("<b>心理</b> & 中心", "心理", "&lt;b&gt;<mark>心理</mark>&lt;/b&gt; &amp; 中心"),
        ("<script>", "script", "&lt;<mark>script</mark>&gt;"),
        ("心理", "，。", "心理"),
        ("", "心", ""),
    ],
)
def test_marked(text: str, query: str, html: str) -> None:
    assert marked(text, query) == html


def test_an_excerpt_is_cut_around_the_first_word() -> None:
    assert excerpt("没有这个", "桂花") == ""
    assert excerpt("桂花开了", "桂花") == "桂花开了"
    cut = excerpt("一" * 100 + "桂花" + "二" * 100, "桂花")
    assert cut == "…" + "一" * 36 + "桂花" + "二" * 36 + "…"


def test_a_service_is_found_by_its_name_and_leads_to_its_price(ours: Side, journey: Journey) -> None:
    client = ours.client(headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    name = journey.counselling.name
    assert ("服务", name, "/services/#counselling") in hits(client, name)
    assert 'id="counselling"' in client.get("/services/").content.decode()
    partner = journey.counselling.institution.name
    assert not [hit for hit in hits(client, partner) if hit[0] == "服务"], "by its name alone"
    assert not [hit for hit in hits(client, "没有这样的词") if hit[0] == "服务"]
    assert "没有找到" in client.get("/search/", {"q": "没有这样的词"}).content.decode()
    assert hits(client, "，。") == []


def test_services_of_another_school_are_not_found(ours: Side, theirs: Side, journey: Journey) -> None:
    assert not [hit for hit in hits(theirs.client(), journey.counselling.name) if hit[2].startswith("/services/")]


def test_a_service_without_an_agreement_is_not_found(ours: Side, journey: Journey) -> None:
    name = journey.counselling.name
    with use_tenant(ours.tenant.id):
        assert [hit for hit in hits(ours.client(), name) if hit[2].startswith("/services/")]
        Agreement.objects.filter(pk=journey.agreement.pk).update(state="ended")
    assert not [hit for hit in hits(ours.client(), name) if hit[2].startswith("/services/")]
