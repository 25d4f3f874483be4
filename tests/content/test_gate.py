"""T3 for the CMS: an editor of one school sees nothing of another, whatever ids the address or the form holds.

A view that is shut is shut by its name, before any id is read (``content.gate``): with the editor's own ids each is asked
for once by each method, and must be refused. The sweeps with ids, the other school's and the own ones, ask what is open.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils.datastructures import MultiValueDict
from wagtail.models import Page

from content.gate import ALLOWED
from content.models import SchoolDocument, SchoolImage, TipPage
from tests.conftest import make_person
from tests.content.cms_addresses import addresses, query_for
from tests.content.conftest import Side
from tests.tenancy.asking import answers_alone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def answers_only() -> Iterator[None]:
    """Hundreds of pages of the CMS: none keeps a copy of what its templates knew."""
    with answers_alone():
        yield


def _body(response: Any) -> str:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    return raw.decode(errors="replace") + str(response.headers)


def _ask(client: Client, method: str, address: str, data: dict[str, Any]) -> Any:
    """One request, its writes undone, and signing out too."""
    cookies = client.cookies.copy()
    block = transaction.atomic()
    block._from_testcase = True  # as Django's own test cases mark theirs: a refusal's row asks to stand outermost
    with block:
        response = getattr(client, method)(address, data)
        body = _body(response)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response, body


def _sweep(
    client: Client, places: list[tuple[str, str]], secret: tuple[str, ...], queries: list[dict[str, Any]], method: str
) -> list[str]:
    """Faults found: a word of the other school, or an answer of 500 and above."""
    client.raise_request_exception = False
    faults = []
    for name, address in places:
        for query in queries:
            response, body = _ask(client, method, address, query)
            if response.status_code >= 500:
                faults.append(f"{method} {name} {address} {response.status_code} {list(query)[:3]}")
            faults += [f"{method} {name} {address} shows {word}" for word in secret if word in body]
    return faults


def _is_open(address: str) -> bool:
    """Whether the gate lets the view answer: it goes by the name that the address resolves to."""
    return resolve(address).view_name in ALLOWED


def _open(side: Side) -> list[tuple[str, str]]:
    return [(name, address) for name, address in addresses(side) if _is_open(address)]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_shut_is_shut_with_ones_own_ids_too(ours: Side, theirs: Side, method: str) -> None:
    make_person(theirs.tenant, "editor", user=ours.editor)
    client = ours.client(ours.editor)
    shut = {name: address for name, address in addresses(ours) if not _is_open(address)}
    answers = {name: _ask(client, method, address, {}) for name, address in shut.items()}
    assert {
        name: response.status_code for name, (response, _body) in answers.items() if response.status_code != 404
    } == {}
    assert [name for name, (_response, body) in answers.items() if any(word in body for word in theirs.words)] == []
    assert len(shut) > 100, "Wagtail has many more views than are open"


@pytest.mark.parametrize("both", [False, True], ids=["editor of one", "editor of both"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_ids_show_nothing_and_change_nothing(ours: Side, theirs: Side, method: str, both: bool) -> None:
    if both:
        make_person(theirs.tenant, "editor", user=ours.editor)
    before = list(Page.objects.order_by("pk").values_list("pk", "title", "path", "live", "latest_revision"))
    assert _sweep(ours.client(ours.editor), _open(theirs), theirs.words, [{}], method) == []
    after = list(Page.objects.order_by("pk").values_list("pk", "title", "path", "live", "latest_revision"))
    assert after == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_own_ids_show_nothing_of_others(ours: Side, theirs: Side, method: str) -> None:
    make_person(theirs.tenant, "editor", user=ours.editor)
    queries = [{}, query_for(ours)]
    assert _sweep(ours.client(ours.editor), _open(ours), theirs.words, queries, method) == []


@contextmanager
def names_read() -> Iterator[set[str]]:
    """Which names of a query or a form are asked for meanwhile."""
    found: set[str] = set()

    def noting(usual: Callable[..., Any]) -> Callable[..., Any]:
        def noted(data: Any, key: Any, *more: Any, **named: Any) -> Any:
            found.add(str(key))
            return usual(data, key, *more, **named)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for way in ("__getitem__", "__contains__", "getlist"):
            patch.setattr(MultiValueDict, way, noting(getattr(MultiValueDict, way)))
        yield found


@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_ids_in_queries_and_forms(ours: Side, theirs: Side, method: str) -> None:
    """One id at a time, on each open view once: together the first would hide the others. A name that a view does not ask
    for when something else is sent is not asked for when it is sent itself.
    """
    places = list({name: (name, address) for name, address in reversed(_open(ours))}.values())
    secret = (theirs.editor.email, "墨竹编辑", "墨竹图片", "墨竹草稿", "墨竹指南", "墨竹文件")
    client, foreign, faults, tried = ours.client(ours.editor), query_for(theirs), [], set()
    for place in places:
        with names_read() as asked:
            faults += _sweep(client, [place], secret, [{"nothing": "1"}], method)
        keys = [key for key in foreign if key in asked and key not in ("q", "url")]
        tried.update(keys)
        faults += _sweep(client, [place], secret, [{key: foreign[key]} for key in keys], method)
    assert faults == []
    assert len(tried) >= {"get": 8, "post": 3}[method], tried


def test_searching_for_their_words_finds_nothing(ours: Side, theirs: Side) -> None:
    client = ours.client(ours.editor)
    for address in ("/cms/pages/search/", "/cms/choose-page/search/", "/cms/images/", "/cms/images/chooser/results/",
                    "/cms/documents/", "/cms/documents/chooser/results/", f"/cms/pages/{ours.home.pk}/"):  # fmt: skip
        own = _body(client.get(address, {"q": "白鹭"}))
        assert "白鹭指南" in own or "白鹭图片" in own or "白鹭文件" in own, address
        body = _body(client.get(address, {"q": "墨竹"}))
        assert not any(word in body for word in ("墨竹指南", "墨竹草稿", "墨竹图片", "墨竹文件", "墨竹中学")), address


def test_an_editor_can_work(ours: Side) -> None:
    client = ours.client(ours.editor)
    for address in ("/cms/", f"/cms/pages/{ours.home.pk}/", f"/cms/pages/{ours.page.pk}/edit/", "/cms/images/", f"/cms/images/{ours.image.pk}/", "/cms/documents/",
                    f"/cms/pages/add/content/guidelinepage/{ours.index.pk}/", f"/cms/pages/{ours.page.pk}/history/",
                    f"/cms/documents/edit/{ours.document.pk}/", "/cms/choose-page/", "/cms/images/chooser/"):  # fmt: skip
        assert client.get(address).status_code == 200, address


def test_an_editor_writes_and_publishes_a_page(ours: Side) -> None:
    form = {
        "title": "新的一页", "slug": "new", "summary": "两行", "audience": "staff", "search_description": "",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "heading", "body-0-value": "先听",
        "body-0-id": "", "action-publish": "1", "picture": str(ours.image.pk),
        "reviewed_by": "心理中心", "reviewed_on": "2026-09-01",
    }  # fmt: skip
    client = ours.client(ours.editor)
    response = client.post(f"/cms/pages/add/content/guidelinepage/{ours.index.pk}/", form)
    assert response.status_code == 302, response.content.decode()[:2000]
    shown = ours.client().get("/guidelines/new/")
    assert shown.status_code == 200
    assert "/media/images/" in shown.content.decode()


def test_the_home_page_cannot_be_lost(ours: Side) -> None:
    client = ours.client(ours.editor)
    for act in ("delete", "unpublish", "move", "copy"):
        assert client.post(f"/cms/pages/{ours.home.pk}/{act}/").status_code == 404
    assert Page.objects.get(pk=ours.home.pk).live


def test_only_pages_of_the_own_school_are_said_to_be_edited(ours: Side, theirs: Side) -> None:
    """Wagtail asks again and again who else edits a page; it would tell the editors' names of whatever it is asked for."""
    client = ours.client(ours.editor)

    def asked(kind: str, object_id: Any) -> int:
        found: int = client.post(f"/cms/editing-sessions/ping/{kind}/{object_id}/1/").status_code
        return found

    assert asked("content/guidelinepage", ours.page.pk) == 200
    assert asked("wagtailcore/page", ours.home.pk) == 200
    for page in (theirs.page, theirs.home, theirs.draft):
        assert asked("content/guidelinepage", page.pk) == asked("wagtailcore/page", page.pk) == 404
    for kind in ("accounts/user", "tenancy/tenant", "referrals/referral", "wagtailimages/image"):
        assert asked(kind, ours.page.pk) == 404, kind
    assert asked("content/guidelinepage", "x") == 404


def test_who_may_not_enter(ours: Side, theirs: Side) -> None:
    assert ours.client().get("/cms/").status_code == 302
    foreign = theirs.client(ours.editor).get("/cms/")
    assert (foreign.status_code, foreign["Location"]) == (302, "/accounts/login/?next=/cms/"), "nobody is known there"
    assert ours.client(make_person(ours.tenant, "staff").user).get("/cms/").status_code == 404
    operator = make_person(ours.tenant, "editor").user
    operator.is_superuser = True
    operator.save()
    assert ours.client(operator).get("/cms/").status_code == 404


def test_every_allowed_name_exists(ours: Side) -> None:
    assert {name for name, _ in addresses(ours)} | {"wagtailadmin_javascript_catalog", "cms_account"} >= ALLOWED


def test_media_of_another_school_stays_theirs(ours: Side, theirs: Side) -> None:
    TipPage.objects.filter(pk=theirs.tip.pk).update(picture=theirs.image)
    rendition = theirs.image.get_rendition("max-20x20")
    paths = [f"/media/{theirs.image.file.name}", f"/media/{rendition.file.name}", theirs.document.url,
             f"/media/{theirs.document.file.name}"]  # fmt: skip
    for path in paths:
        assert ours.client().get(path).status_code == 404, path
        assert ours.client(ours.editor).get(path).status_code == 404, path
    for path in paths[1:3]:
        response = theirs.client().get(path)
        assert response.status_code == 200, path
        assert response["X-Content-Type-Options"] == "nosniff"
    for path in (paths[0], paths[3]):
        assert theirs.client().get(path).status_code == 404, path
    assert ours.client().get("/media/../manage.py").status_code == 404


def test_names_of_files_cannot_be_guessed(ours: Side) -> None:
    assert ours.tenant.slug not in ours.image.file.name
    assert len(ours.image.file.name.split("/")[1].split(".")[0]) >= 22
    assert len(ours.document.file.name.split("/")[1]) >= 22


def test_a_new_picture_lands_in_the_own_collection(ours: Side, theirs: Side) -> None:
    client = ours.client(ours.editor)
    form = {
        "title": "图",
        "description": "树",
        "collection": theirs.school.collection_id,
        "file": ours.image.file.open(),
    }
    assert client.post("/cms/images/add/", form).status_code == 404
    assert not SchoolImage.objects.filter(title="图").exists()
    ours.image.file.seek(0)
    form = {"title": "图", "description": "树", "file": ours.image.file}
    assert client.post("/cms/images/add/", form).status_code == 302
    assert SchoolImage.objects.get(title="图").collection == ours.school.collection
    assert not SchoolDocument.objects.filter(collection=theirs.school.collection, title="图").exists()


def test_lists_offer_no_bulk_acts_whose_views_are_shut(ours: Side) -> None:
    shown = _body(ours.client(ours.editor).get(f"/cms/pages/{ours.home.pk}/"))
    rules = (settings.ROOT / "content/static/content/cms.css").read_text()
    assert "content/cms.css" in shown
    boxes = set(re.findall(r'class="((?:bulk-action-checkbox|bulk-actions-filter)[a-z-]*)"', shown))
    assert boxes, "Wagtail draws them; the sheet must hide each by the name it has"
    assert all(f".{box}" in rules for box in boxes)


def test_the_first_page_of_the_editor_speaks_chinese(ours: Side) -> None:
    client = ours.client(ours.editor, headers={"host": ours.tenant.host, "accept-language": "zh-hans"})
    shown = _body(client.get("/cms/"))
    assert "个页面" in shown
    for word in ("Pages", "Images", "Documents"):
        assert f" {word} <" not in shown
