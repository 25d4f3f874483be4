"""The demo's pages: enough of them, whole, suited to the school, loaded once."""

from pathlib import Path

import pytest
from django.conf import settings

from content.demo import load_library, load_pages, offer_guideline, renew_library
from content.demo_texts import guidelines_for, tips_for
from content.library import copies_at, library_stock, offered_to, take_all, taken_stock
from content.models import GuidelinePage, SchoolSite, TipPage
from tests.content.conftest import Side
from tests.fixtures_journey import make_platform

pytestmark = pytest.mark.django_db


def test_the_demo_fills_a_school(ours: Side) -> None:
    made = load_pages(ours.tenant, kind="middle", seed=1)
    assert made >= 9
    assert load_pages(ours.tenant, kind="middle", seed=1) == 0
    guide = GuidelinePage.objects.get(slug="talking-with-parents")
    assert guide.reviewed_by
    assert guide.reviewed_on < guide.review_by
    for one in GuidelinePage.objects.live():
        assert one.reviewed_by, "the list says that each was reviewed"
        assert one.reviewed_on is not None
        assert one.reviewed_on <= ours.tenant.today()
    client = ours.client()
    shown = client.get("/guidelines/talking-with-parents/").content.decode()
    assert "我听到您很生气" in shown
    assert "/services/#counselling" in shown
    for page in [*GuidelinePage.objects.live(), *TipPage.objects.live()]:
        assert client.get(page.href).status_code == 200
    found = client.get("/search/", {"q": "家长 群里"}).content.decode()
    assert "家校沟通指南" in found.replace("<mark>", "").replace("</mark>", "")


def test_the_demos_school_is_born_with_the_library(ours: Side) -> None:
    platform = make_platform()
    made = load_library(platform)
    assert load_library(platform) == 0
    stock = library_stock()
    assert stock.guidelines >= 6
    assert stock.tips >= 8
    assert take_all(tenant=ours.tenant) == made == stock.total
    load_pages(ours.tenant, kind="middle", seed=1)
    taken = taken_stock(ours.tenant)
    assert 0 < taken.waiting < taken.total, "what suits no middle school waits as a draft"
    guide = GuidelinePage.objects.descendant_of(ours.home).get(slug="talking-with-parents")
    assert (guide.live, guide.reviewed_by != "", guide.adopted_from is not None) == (True, True, True)
    assert ours.client().get("/guidelines/talking-with-parents/").status_code == 200
    assert not any(copy.has_newer for copy in copies_at(ours.home).values())
    renew_library(platform)
    assert sum(copy.has_newer for copy in copies_at(ours.home).values()) == 1


def test_the_demos_bureau_offers_one_guideline_to_the_schools_of_its_district(ours: Side, theirs: Side) -> None:
    theirs.tenant.kind, theirs.tenant.district = "district", "滨江区"
    theirs.tenant.save()
    ours.tenant.district = "滨江区"
    ours.tenant.save()
    school = SchoolSite.objects.get(tenant=ours.tenant)
    load_pages(theirs.tenant, kind="district", seed=0)
    assert not offered_to(school).exists()
    offer_guideline(theirs.tenant)
    assert [page.path.startswith(theirs.home.path) for page in offered_to(school)] == [True]


@pytest.mark.parametrize("kind", ["primary", "middle", "college", "district"])
def test_each_kind_has_its_own_words(kind: str) -> None:
    tips, guidelines = tips_for(kind), guidelines_for(kind)
    assert len(tips) >= 6
    assert len(guidelines) >= 3
    assert "talking-with-parents" in {one.slug for one in guidelines}
    if kind != "district":
        assert any(tip.kinds for tip in tips)
    assert all(len(one.summary) <= 160 for one in [*tips, *guidelines])


def test_no_sentence_is_taken_from_the_plans() -> None:
    seeds = Path(settings.ROOT).parent / "shared" / "seeds"
    plans = "".join(path.read_text() for path in seeds.glob("*.txt")) if seeds.exists() else ""
    for one in (*tips_for("middle"), *guidelines_for("middle")):
        for part in str(one.body).replace("。", "，").split("，"):
            assert len(part) < 16 or part not in plans, part
