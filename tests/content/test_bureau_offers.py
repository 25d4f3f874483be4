"""What an education bureau offers stands in the library of the schools of its district, and of no other (ADR 0062)."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Membership
from content.library import copies_at, draft_of, take, take_all
from content.models import GuidelinePage, TipIndexPage, TipPage
from kernel.errors import NotFound
from tenancy.scope import use_tenant
from tests.conftest import actor_of
from tests.content.conftest import Side
from tests.content.stock import DAY, Library, published

pytestmark = pytest.mark.django_db
WITH_LIBRARY = True


def become_bureau(side: Side) -> None:
    side.tenant.kind, side.tenant.district = "district", "滨江区"
    side.tenant.save()


@pytest.fixture
def bureau(ours: Side, theirs: Side, library: Library) -> Iterator[Side]:
    """The second side is the bureau of the district in which the first one is a school."""
    become_bureau(theirs)
    ours.tenant.district = "滨江区"
    ours.tenant.save()
    yield theirs


def offers(page: Any, is_offered: bool = True) -> Any:
    page.is_offered = is_offered
    return published(page)


def taken(side: Side, source: Any) -> Any:
    with use_tenant(side.tenant.id):
        editor = actor_of(Membership.objects.get(user=side.editor))
        return take(actor=editor, user=side.editor, source_id=source.pk)


def shelf(side: Side) -> str:
    return side.client(side.editor).get("/cms/library/").content.decode()


def test_a_school_finds_it_with_the_bureaus_name_and_takes_a_draft_of_its_own(ours: Side, bureau: Side) -> None:
    source = offers(bureau.page)
    shown = shelf(ours)
    assert source.title in shown and bureau.tenant.name in shown
    read = ours.client(ours.editor).get(f"/cms/library/{source.pk}/").content.decode()
    assert "墨竹正文" in read and bureau.tenant.name in read
    copy = taken(ours, source)
    assert (copy.live, copy.adopted_from_id, copy.reviewed_by, copy.is_offered) == (False, source.pk, "", False)
    assert copy.path.startswith(ours.home.path) and copy.source.pk == source.pk


@pytest.mark.parametrize(
    "how", ["not offered", "draft alone", "not published", "another district", "no district", "a school"]
)
def test_what_is_not_offered_here_is_not_found(ours: Side, bureau: Side, how: str) -> None:
    page = bureau.page if how == "not offered" else offers(bureau.page)
    if how == "draft alone":
        offers(page, False)
        page.is_offered = True
        page.save_revision()
    elif how == "not published":
        page.unpublish()
    elif how == "another district":
        ours.tenant.district = "江南区"
    elif how == "no district":
        ours.tenant.district = bureau.tenant.district = ""
    elif how == "a school":
        bureau.tenant.kind = "primary"
    ours.tenant.save()
    bureau.tenant.save()
    assert "墨竹" not in shelf(ours)
    assert ours.client(ours.editor).get(f"/cms/library/{page.pk}/").status_code == 404
    with pytest.raises(NotFound):
        taken(ours, page)
    assert copies_at(ours.home) == {}


def test_a_newer_version_is_told_until_the_bureau_offers_it_no_more(ours: Side, bureau: Side) -> None:
    copy = taken(ours, offers(bureau.page))
    assert not copies_at(ours.home)[bureau.page.pk].has_newer
    bureau.page.summary = "新的一句"
    offers(bureau.page)
    assert copies_at(ours.home)[bureau.page.pk].has_newer
    newer = ours.client(ours.editor).post(f"/cms/library/newer/{copy.pk}/take/")
    assert newer.status_code == 302
    assert draft_of(ours.home, copy.pk).summary == "新的一句"
    bureau.page.summary = "再一句"
    offers(bureau.page, False)
    assert not copies_at(ours.home)[bureau.page.pk].has_newer
    with pytest.raises(NotFound):
        draft_of(ours.home, copy.pk)
    assert GuidelinePage.objects.filter(pk=copy.pk).exists(), "what a school has taken stays"


def test_a_bureau_passes_on_nothing_that_it_took(ours: Side, bureau: Side, library: Library) -> None:
    copy = taken(bureau, library.tip)
    copy.reviewed_by, copy.reviewed_on = "教育局", DAY
    offers(copy)
    assert ours.client(ours.editor).get(f"/cms/library/{copy.pk}/").status_code == 404
    assert shelf(ours).count(library.tip.title) == 1


def test_a_bureau_does_not_take_from_itself(ours: Side, bureau: Side) -> None:
    page = offers(bureau.page)
    assert page.title not in shelf(bureau)
    with pytest.raises(NotFound):
        taken(bureau, page)


def test_the_tick_is_shown_to_a_bureau_and_on_its_own_pages_alone(ours: Side, bureau: Side, library: Library) -> None:
    name = 'name="is_offered"'
    edit = "/cms/pages/{}/edit/"
    assert name in bureau.client(bureau.editor).get(edit.format(bureau.page.pk)).content.decode()
    assert name not in ours.client(ours.editor).get(edit.format(ours.page.pk)).content.decode()
    copy = taken(bureau, library.tip)
    assert name not in bureau.client(bureau.editor).get(edit.format(copy.pk)).content.decode()


def test_a_new_school_begins_with_the_operators_pages_alone(ours: Side, bureau: Side, library: Library) -> None:
    offers(bureau.page)
    with use_tenant(ours.tenant.id):
        take_all(tenant=ours.tenant)
    assert set(copies_at(ours.home)) == {library.tip.pk, library.guideline.pk}


def test_a_link_within_the_bureaus_site_leads_nowhere_else(ours: Side, bureau: Side) -> None:
    index = TipIndexPage.objects.child_of(bureau.home).get()
    html = (
        f'<p><a linktype="page" id="{bureau.tip.pk}">另一页</a>'
        f'<a href="http://{bureau.tenant.host}:8000/tips/">局里</a></p>'
    )
    page = index.add_child(
        instance=TipPage(title="局里的贴士", slug="bureau", summary="一", body=[("paragraph", html)])
    )
    copy = taken(ours, offers(page))
    text = str(list(TipPage.objects.get(pk=copy.pk).body.get_prep_value()))
    assert "另一页" in text and "linktype" not in text and bureau.tenant.host not in text


def test_the_search_finds_it(ours: Side, bureau: Side) -> None:
    offers(bureau.page)
    found = ours.client(ours.editor).get("/cms/library/?q=墨竹").content.decode()
    assert f"/cms/library/{bureau.page.pk}/" in found
