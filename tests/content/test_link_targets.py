"""Where a link in a text leads is looked at before it goes out: readers meet no closed door."""

from typing import Any

import pytest
from wagtail.models import PageViewRestriction

from content.textchecks import Finding, Kind, findings_of
from tests.conftest import make_person
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db


def written(side: Side, href: str, words: str = "价目表") -> list[Finding]:
    """What is said of the draft with a link in a paragraph, and with one in a callout."""
    link = f"<p><a {href}>{words}</a></p>"
    side.draft.body = [("paragraph", link), ("callout", {"title": "", "text": link})]
    return [finding for finding in findings_of(side.draft) if finding.kind is Kind.TARGET]


def to_page(page: Any) -> str:
    return f'linktype="page" id="{page.pk}"'


def test_a_page_that_is_published_is_a_good_target(ours: Side) -> None:
    assert written(ours, to_page(ours.page)) == []
    assert written(ours, f'href="{ours.page.href}"') == []


def test_a_page_that_nobody_can_open_is_told(ours: Side) -> None:
    unpublished = ours.tip
    unpublished.unpublish()
    for href in (to_page(unpublished), f'href="{unpublished.href}"'):
        assert written(ours, href) == [Finding(Kind.TARGET, "价目表")], href
    gone = to_page(ours.page), f'href="{ours.page.href}"'
    ours.page.delete()
    for href in gone:
        assert written(ours, href) == [Finding(Kind.TARGET, "价目表")], href


def test_a_page_behind_a_password_or_below_one_is_told(ours: Side) -> None:
    assert written(ours, to_page(ours.page)) == []
    PageViewRestriction.objects.create(page=ours.index, restriction_type=PageViewRestriction.LOGIN)
    for href in (to_page(ours.page), to_page(ours.index), f'href="{ours.page.href}"'):
        assert written(ours, href) == [Finding(Kind.TARGET, "价目表")], href
    assert written(ours, to_page(ours.tip)) == []


def test_a_page_of_another_school_is_told(ours: Side, theirs: Side) -> None:
    assert written(ours, to_page(theirs.page)) == [Finding(Kind.TARGET, "价目表")]


def test_a_document_that_is_gone_or_another_schools_is_told(ours: Side, theirs: Side) -> None:
    there = f'href="/documents/{ours.document.pk}/plan.pdf"'
    whole = f'href="http://{ours.tenant.host}/documents/{ours.document.pk}/plan.pdf"'
    assert written(ours, there) == [] and written(ours, whole) == []
    assert written(ours, f'href="/documents/{theirs.document.pk}/plan.pdf"') == [Finding(Kind.TARGET, "价目表")]
    ours.document.delete()
    assert written(ours, there) == [Finding(Kind.TARGET, "价目表")]
    assert written(ours, whole) == [Finding(Kind.TARGET, "价目表")]


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/guidelines/nothing/",
        "mailto:a@example.org",
        "tel:12356",
        "#part-1",
        "/services/",
        "/search/?q=x",
        "/",
        "http://[",
    ],
)
def test_what_is_not_the_schools_own_tree_is_left_alone(ours: Side, href: str) -> None:
    assert written(ours, f'href="{href}"') == []


def test_the_editor_and_the_centre_are_told(ours: Side) -> None:
    draft, target = ours.draft, ours.tip
    draft.body = [("paragraph", f"<p><a {to_page(target)}>那一条贴士</a></p>")]
    draft.is_ready = True
    draft.save_revision(user=ours.editor, clean=False)
    edit, said = f"/cms/pages/{draft.pk}/edit/", "链接打不开"
    editor, centre = ours.client(ours.editor), ours.client(make_person(ours.tenant, "centre").user)
    for client, address in ((editor, edit), (centre, f"/centre/texts/{draft.pk}/")):
        assert said not in client.get(address).content.decode(), address
    target.unpublish()
    for client, address in ((editor, edit), (centre, f"/centre/texts/{draft.pk}/")):
        shown = client.get(address).content.decode()
        assert said in shown and "那一条贴士" in shown, address


def test_all_links_of_a_text_together_cost_few_queries(ours: Side, django_assert_max_num_queries: Any) -> None:
    links = "".join(f'<p><a linktype="page" id="{pk}">页 {pk}</a></p>' for pk in (ours.page.pk, ours.tip.pk, 999999))
    links += "".join(f'<p><a href="/documents/{pk}/a.pdf">文件 {pk}</a></p>' for pk in range(20))
    ours.draft.body = [("paragraph", links)]
    with django_assert_max_num_queries(4):
        assert len(findings_of(ours.draft)) >= 20
