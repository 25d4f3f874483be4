"""The operator's library: who reads it, what a school takes, and that nothing of another comes along."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, PageLogEntry

from accounts.actor import Actor
from accounts.models import Membership
from content.gate import ALLOWED
from content.library import ARTICLES, copies_at, take, take_all, take_newer
from content.models import (
    GuidelinePage,
    TipIndexPage,
    TipPage,
)
from kernel.errors import Conflict, Forbidden, NotFound, Refused
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side
from tests.content.stock import Library, published
from tests.content.test_no_dead_link import CONFIG, offered, target_of

pytestmark = pytest.mark.django_db
WITH_LIBRARY = True
DAY = date(2026, 9, 1)


def editor_of(side: Side) -> Actor:
    with use_tenant(side.tenant.id):
        editor: Actor = actor_of(Membership.objects.get(user=side.editor))
        return editor


def taken(side: Side, source: Any) -> Any:
    with use_tenant(side.tenant.id):
        return take(actor=editor_of(side), user=side.editor, source_id=source.pk)


def renew(library: Library, page: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        setattr(page, name, value)
    return published(page)


# Who reads it


@pytest.mark.parametrize("address", ["/guidelines/guide/", "/tips/tip/", "/tips/", "/search/?q=库里", "/sitemap.xml"])
def test_the_public_never_sees_the_library(ours: Side, library: Library, address: str) -> None:
    for client in (library.client(), ours.client(), ours.client(ours.editor)):
        assert "库里的" not in client.get(address).content.decode().replace("<mark>", "").replace("</mark>", "")
    if "sitemap" not in address:
        assert library.client().get(address).status_code == 404
    picture = library.guideline.picture
    for name in (picture.file.name, picture.get_rendition("max-20x20").file.name):
        assert library.client().get(f"/media/{name}").status_code == 404
        assert ours.client(ours.editor).get(f"/media/{name}").status_code == 404


def test_no_request_reaches_the_library_by_its_own_name(library: Library) -> None:
    assert Client(headers={"host": library.school.site.hostname}).get("/tips/tip/").status_code in {400, 404}
    assert library.tip.url is None, "nothing in the CMS leads to an address that nobody answers"


def test_an_operator_writes_and_publishes_there(ours: Side, library: Library) -> None:
    client = library.client(library.operator)
    for address in ("/cms/", f"/cms/pages/{library.school.site.root_page_id}/", f"/cms/pages/{library.guideline.pk}/edit/",
                    f"/cms/pages/{library.draft.pk}/view_draft/", "/cms/images/"):  # fmt: skip
        assert client.get(address).status_code == 200, address
    form = {
        "title": "新的一条", "slug": "new", "summary": "两行", "minutes": "4", "search_description": "", "picture": "",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "heading", "body-0-value": "先听",
        "body-0-id": "", "action-publish": "1", "reviewed_by": "", "reviewed_on": "",
    }  # fmt: skip
    shelf = TipIndexPage.objects.child_of(library.school.site.root_page).get()
    assert client.post(f"/cms/pages/add/content/tippage/{shelf.pk}/", form).status_code == 302
    assert TipPage.objects.get(title="新的一条").live
    for foreign in (ours.page, ours.home, ours.draft):
        assert client.get(f"/cms/pages/{foreign.pk}/edit/").status_code == 404
    for address in ("/cms/library/", f"/cms/library/{library.guideline.pk}/", f"/cms/library/{library.guideline.pk}/take/",
                    f"/cms/library/newer/{library.guideline.pk}/", f"/cms/library/newer/{library.guideline.pk}/take/",
                    "/cms/plan/"):  # fmt: skip
        assert client.get(address).status_code == 404, (
            f"{address}: the library has no calendar and takes nothing from itself"
        )
        assert client.post(address).status_code == 404, address


def test_nobody_else_edits_the_library(ours: Side, library: Library) -> None:
    assert library.client().get("/cms/").status_code == 302
    assert library.client(ours.editor).get("/cms/").status_code == 302, "an editor of a school is nobody there"
    library.operator.is_superuser = True
    library.operator.save()
    assert library.client(library.operator).get("/cms/").status_code == 404
    assert ours.client(library.operator).get("/cms/").status_code in {302, 404}
    assert ours.client(ours.editor).get(f"/cms/pages/{library.guideline.pk}/edit/").status_code == 404


# What is taken


def test_a_school_takes_a_page_as_a_draft_of_its_own(ours: Side, library: Library) -> None:
    page = taken(ours, library.guideline)
    page.refresh_from_db()
    assert (page.live, page.adopted_from_id, page.adopted_revision_id) == (
        False, library.guideline.pk, library.guideline.live_revision_id,
    )  # fmt: skip
    assert (page.title, page.summary, page.audience) == ("库里的指南", "二", "new_staff")
    assert (page.reviewed_by, page.reviewed_on, page.review_by) == ("", None, None)
    assert page.slug == "guide-1", "the school has a page at that address"
    assert page.path.startswith(ours.home.path)
    assert ours.client().get("/guidelines/guide-1/").status_code == 404
    assert PageLogEntry.objects.filter(page=page.pk, user=ours.editor).exists()
    tip = taken(ours, library.tip)
    assert (tip.minutes, tip.live, tip.reviewed_by) == (7, False, "")


def test_a_copy_carries_no_picture_and_no_link_of_others(ours: Side, theirs: Side, library: Library) -> None:
    page = taken(ours, library.guideline)
    for stored in (GuidelinePage.objects.get(pk=page.pk), page.latest_revision.as_object()):
        assert stored.picture is None
        text = str(list(stored.body.get_prep_value()))
        for foreign in (theirs.tenant.host, library.tenant.host.upper(), "linktype", str(library.tip.pk) + '"'):
            assert foreign not in text, foreign
        for kept in ("库里另一页", "别校", "平台", 'href="https://www.12356.example/"', 'href="/services/"'):
            assert kept in text, kept


def test_every_field_is_taken_or_left_on_purpose() -> None:
    left = {
        "page_ptr",
        "picture",
        "adopted_from",
        "adopted_revision",
        "was_adopted",
        "is_offered",
        "reviewed_by",
        "reviewed_on",
        "review_by",
        "is_ready",
        "checked_by",
        "checked_on",
        "checked_text",
    }
    for model in ARTICLES:
        own = {field.name for field in model._meta.local_fields}
        assert own - left == set(model.taken_fields) - {"title", "search_description"}, model


def test_a_second_take_says_that_it_is_here(ours: Side, library: Library) -> None:
    client = ours.client(ours.editor)
    assert client.post(f"/cms/library/{library.tip.pk}/take/").status_code == 302
    before = Page.objects.count()
    with use_tenant(ours.tenant.id), pytest.raises(Conflict, match="library_taken"):
        take(actor=editor_of(ours), user=ours.editor, source_id=library.tip.pk)
    shown = client.post(f"/cms/library/{library.tip.pk}/take/", follow=True).content.decode()
    assert "This page is already here" in shown or "已经在本校了" in shown
    assert Page.objects.count() == before


@pytest.mark.parametrize("which", ["draft", "foreign", "own", "home", "missing"])
def test_only_what_the_library_publishes_is_taken(ours: Side, theirs: Side, library: Library, which: str) -> None:
    number = {"draft": library.draft.pk, "foreign": theirs.page.pk, "own": ours.page.pk,
              "home": library.school.site.root_page_id, "missing": 10**9}[which]  # fmt: skip
    before = Page.objects.count()
    with use_tenant(ours.tenant.id), pytest.raises(NotFound):
        take(actor=editor_of(ours), user=ours.editor, source_id=number)
    client = ours.client(ours.editor)
    assert client.post(f"/cms/library/{number}/take/").status_code == 404
    assert client.get(f"/cms/library/{number}/").status_code == 404
    assert Page.objects.count() == before


def test_taking_is_for_those_who_edit(ours: Side, library: Library) -> None:
    staff = make_person(ours.tenant, "staff")
    before = Page.objects.count()
    with use_tenant(ours.tenant.id):
        for act in (
            lambda: take(actor=actor_of(staff), user=staff.user, source_id=library.tip.pk),
            lambda: take_newer(actor=actor_of(staff), user=staff.user, page_id=ours.page.pk),
        ):
            with pytest.raises(Forbidden):
                act()
    assert ours.client(staff.user).post(f"/cms/library/{library.tip.pk}/take/").status_code == 404
    assert Page.objects.count() == before


def test_a_page_made_from_a_copy_is_the_schools_own(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    again = page.copy(update_attrs={"slug": "again"}, keep_live=False)
    assert (again.adopted_from_id, again.adopted_revision_id) == (None, None)
    assert set(copies_at(ours.home)) == {library.tip.pk}


# Nothing is published unread


@pytest.mark.parametrize(("kind", "code"), [("guideline", "guideline_unreviewed"), ("tip", "tip_unreviewed")])
def test_a_copy_is_published_when_somebody_of_the_school_has_read_it(
    ours: Side, library: Library, kind: str, code: str
) -> None:
    page = taken(ours, getattr(library, kind))
    with pytest.raises(Refused, match=code):
        page.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    page.refresh_from_db()
    assert not page.live
    page.reviewed_by, page.reviewed_on = "心理中心", DAY
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    assert ours.client().get(page.href).status_code == 200
    assert "平台编辑" not in ours.client().get(page.href).content.decode()


def test_the_form_asks_who_reviewed_a_tip_that_was_taken(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    form = {
        "title": page.title, "slug": page.slug, "summary": "一", "minutes": "7", "search_description": "", "picture": "",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "heading", "body-0-value": "先听",
        "body-0-id": "", "reviewed_by": "", "reviewed_on": "",
    }  # fmt: skip
    client = ours.client(ours.editor)
    assert client.post(f"/cms/pages/{page.pk}/edit/", form).status_code == 302, "a draft is kept as it is"
    answer = client.post(f"/cms/pages/{page.pk}/edit/", {**form, "action-publish": "1"})
    assert answer.status_code == 200
    assert not TipPage.objects.get(pk=page.pk).live
    whole = {**form, "reviewed_by": "心理中心", "reviewed_on": "2026-09-01", "action-publish": "1"}
    assert client.post(f"/cms/pages/{page.pk}/edit/", whole).status_code == 302
    stored = TipPage.objects.get(pk=page.pk)
    assert (stored.live, stored.adopted_from_id) == (True, library.tip.pk), "the form loses no origin"


# A newer version


def test_a_newer_version_is_told_compared_and_taken_as_a_draft(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    page.reviewed_by, page.reviewed_on, page.picture = "心理中心", DAY, ours.image
    page.summary = "我们自己的话"
    page.save_revision(user=ours.editor).publish(user=ours.editor, skip_permission_checks=True)
    client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    edit = f"/cms/pages/{page.pk}/edit/"
    assert "From the library:" in client.get(edit).content.decode()
    assert "There is a newer version" not in client.get(edit).content.decode()
    with use_tenant(ours.tenant.id), pytest.raises(Conflict, match="library_newest"):
        take_newer(actor=editor_of(ours), user=ours.editor, page_id=page.pk)
    renew(library, library.tip, summary="新的一句", body=[("paragraph", "<p>先站起来。</p>")])
    for address in (edit, "/cms/library/", f"/cms/library/{library.tip.pk}/"):
        assert "There is a newer version" in client.get(address).content.decode(), address
    compared = client.get(f"/cms/library/newer/{page.pk}/").content.decode()
    for word in ("我们自己的话", "新的一句", "先站起来"):
        assert word in compared.replace('<span class="addition">', "").replace('<span class="deletion">', "").replace(
            "</span>", ""
        ), word
    assert "2026" in compared and ">None<" not in compared, (
        "the day of the review goes, and nothing stands in its place"
    )
    assert client.post(f"/cms/library/newer/{page.pk}/take/").status_code == 302
    read = ours.client().get(page.href).content.decode()
    assert "喝口水" in read
    assert "新的一句" not in read, "what is read changes when the draft is published, not before"
    draft = TipPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert (draft.summary, draft.picture, draft.slug) == ("新的一句", ours.image, page.slug)
    assert (draft.reviewed_by, draft.reviewed_on) == ("", None), "nobody here has read the new words"
    with pytest.raises(Refused, match="tip_unreviewed"):
        draft.latest_revision.publish(user=ours.editor, skip_permission_checks=True)
    assert "There is a newer version" not in client.get(edit).content.decode()
    assert not copies_at(ours.home)[library.tip.pk].has_newer


def test_a_draft_thrown_away_brings_the_word_back(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    first = page.latest_revision
    renew(library, library.tip, summary="新的一句")
    with use_tenant(ours.tenant.id):
        take_newer(actor=editor_of(ours), user=ours.editor, page_id=page.pk)
    assert not copies_at(ours.home)[library.tip.pk].has_newer
    first.as_object().save_revision(user=ours.editor, clean=False)
    assert copies_at(ours.home)[library.tip.pk].has_newer


def test_what_the_library_withdraws_stays_at_the_school(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    library.tip.unpublish()
    client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    assert "no longer offered" in client.get(f"/cms/pages/{page.pk}/edit/").content.decode()
    assert client.get(f"/cms/library/newer/{page.pk}/").status_code == 404
    assert not copies_at(ours.home)[library.tip.pk].has_newer
    library.tip.delete()
    assert client.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
    assert TipPage.objects.get(pk=page.pk).title == "库里的贴士"


def test_a_newer_version_is_taken_for_ones_own_pages_only(ours: Side, theirs: Side, library: Library) -> None:
    foreign = taken(theirs, library.tip)
    renew(library, library.tip, summary="新的一句")
    client = ours.client(ours.editor)
    for page in (foreign, ours.page, library.tip):
        with use_tenant(ours.tenant.id), pytest.raises(NotFound):
            take_newer(actor=editor_of(ours), user=ours.editor, page_id=page.pk)
        assert client.get(f"/cms/library/newer/{page.pk}/").status_code == 404
        assert client.post(f"/cms/library/newer/{page.pk}/take/").status_code == 404
    assert TipPage.objects.get(pk=foreign.pk).get_latest_revision_as_object().summary == "一"


# The list


def test_the_list_is_searched_and_says_what_is_here(ours: Side, theirs: Side, library: Library) -> None:
    taken(ours, library.tip)
    taken(theirs, library.guideline)
    client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "en"})
    whole = client.get("/cms/library/").content.decode()
    assert "库里的指南" in whole
    assert "Here as a draft" in whole
    assert "库里的草稿" not in whole
    assert not any(word in whole for word in theirs.words)
    for query, here, gone in (("q=贴士", "库里的贴士", "库里的指南"), ("kind=guideline", "库里的指南", "库里的贴士"),
                              ("state=here", "库里的贴士", "库里的指南"), ("state=missing", "库里的指南", "库里的贴士"),
                              ("state=here&q=库里", "库里的贴士", "库里的指南")):  # fmt: skip
        shown = client.get(f"/cms/library/?{query}").content.decode()
        assert here in shown, query
        assert gone not in shown, query
    assert "Nothing found" in client.get("/cms/library/?state=newer").content.decode()
    assert client.get("/cms/library/?kind=x&state=y&page=z").status_code == 200


def test_the_librarys_pages_lead_to_what_is_open_only(ours: Side, library: Library) -> None:
    page = taken(ours, library.tip)
    taken(ours, library.guideline)
    renew(library, library.tip, summary="新的一句")
    client = ours.client(ours.editor)
    for address in ("/cms/library/", f"/cms/library/{library.tip.pk}/", f"/cms/library/newer/{page.pk}/",
                    f"/cms/pages/{page.pk}/edit/"):  # fmt: skip
        shown = client.get(address).content.decode()
        assert any(f"/cms/library/newer/{page.pk}/" in target for _method, target in offered(shown, address)), address
        for _method, target in offered(shown, address):
            if target.startswith("/cms/") and target not in CONFIG:
                behind = target_of(target)
                assert behind is not None, target
                assert behind[0] in ALLOWED, target


# At the operator's desk


def test_the_operator_reads_in_how_many_schools_a_page_stands(ours: Side, theirs: Side, library: Library) -> None:
    taken(ours, library.tip)
    taken(theirs, library.tip)
    shown = library.client(library.operator).get("/operator/library/").content.decode()
    assert "1 guidelines and 1 tips are offered" in shown
    assert re.search(r"库里的贴士.*?>2</td>", shown, re.DOTALL)
    assert re.search(r"库里的指南.*?>0</td>", shown, re.DOTALL)
    for side in (ours, theirs):
        assert side.tenant.name not in shown
        assert side.client(side.editor).get("/operator/library/").status_code == 404
        assert side.client(side.editor).post("/operator/library/open/").status_code == 404
    assert library.client().get("/operator/library/").status_code == 302


# At a school's birth


def test_all_is_taken_once(ours: Side, library: Library) -> None:
    taken(ours, library.tip)
    assert take_all(tenant=ours.tenant) == 1
    assert take_all(tenant=ours.tenant) == 0
    assert set(copies_at(ours.home)) == {library.tip.pk, library.guideline.pk}
    with pytest.raises(NotFound):
        take_all(tenant=library.tenant)
