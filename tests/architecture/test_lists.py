"""A list declares itself once (docs/architecture.md, "A new list"): nobody pages, counts or writes a file by hand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.urls import get_resolver

from tests.tree import FOLDERS, ROOT, modules
from ui.lists import Column, Listing, Nothing

LISTS: Final = "platform/ui/lists.py"
SHORT: Final = {
    "platform/notifications/inbox.py": "one's own messages: read one by one, narrowed to the unread, never a table",
    "platform/people/views/roster.py": "uploads and their differences: the file is the staff list itself, with what is to be corrected",
    "referrals/staff/views_services.py": "services with prices of today, worked out for one person and gone tomorrow",
    "content/views.py": "found pages of content: people read them, and search engines",
    "content/models/pages.py": "articles, newest first: people read them",
    "content/opendays/views/office.py": "two open days a year: a leaf of the calendar each, no table",
    "content/library_views.py": "what a school may take: editors read one page after the other",
    "content/check_views.py": "drafts that wait to be read: the psychological centre reads one after the other",
    "referrals/emergency/centre/views_incident.py": "what happened in one incident, for those who lead it; no file leaves",
    "referrals/emergency/centre/views_after.py": "who looked at one incident, for the head of the centre; no file leaves",
    "referrals/emergency/centre/views_reports.py": "what anybody told about one incident, read one by one; no file leaves",
    "referrals/emergency/centre/views_support.py": "for whom the union's grant is asked: names of a crisis leave in no file",
    "referrals/emergency/staff/views_report.py": "what a head sent: a time and whether somebody has it",
}
"""What shows pages without a file, and why."""
MORE_THAN_A_LIST: Final = {
    "readings/reading.html": "one document; who does not have it yet is a part of it",
    "emergency/board.html": "what is open, what is to be done; closed cases stand below",
    "emergency/drills/list.html": "where a drill is planned; the drills stand below",
    "emergency/experts.html": "experts can be entered beside the heading, and are not counted",
    "referrals/my/referrals.html": "a person's own pages have another frame",
    "referrals/vouchers/wallet.html": "a person's own pages have another frame",
    "referrals/partner/redemptions.html": "the counter's pages have another frame",
    "referrals/partner/offers.html": "the counter's pages have another frame",
    "referrals/partner/bookings.html": "the counter's pages have another frame",
    "referrals/partner/unscanned.html": "the counter's pages have another frame",
    "referrals/office/requests.html": "what waits is said before, and the books' warning",
    "liaison/partner/cards.html": "the counter's pages have another frame",
    "schools/record.html": "without a count, from newest to older",
    "tips/desk.html": "whom the tips reach stands before the list",
}
"""Pages with more on them than their list, and why it has not the frame of all lists."""


def calls(name: str) -> set[str]:
    """The files of the product in which ``name`` is called."""
    return {
        str(path.relative_to(ROOT))
        for path in modules()
        if name in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
    }


def named(name: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in modules() if re.search(rf"\b{name}\b", path.read_text())}


def listings(above: Any = Listing) -> Iterator[Any]:
    """Every list of the product; one that only others build on has no columns."""
    get_resolver().url_patterns  # noqa: B018 - an address loads its view, and a view its list
    for one in above.__subclasses__():
        if hasattr(one, "columns"):
            yield one
        yield from listings(one)


def test_nobody_counts_all_rows_for_a_pager() -> None:
    """Django's own does, on every page."""
    assert named("Paginator") == set()


def test_a_file_of_a_list_is_written_in_one_place() -> None:
    assert calls("csv_answer") == {LISTS}


def test_pages_without_a_file_are_few_and_say_why() -> None:
    of_the_interface = {path for path in calls("page_of") if "/api/" in path}
    assert calls("page_of") - of_the_interface == {LISTS, *SHORT}


def test_a_pager_is_drawn_by_one_template() -> None:
    drawn = [page for page in templates() if 'class="pager"' in page.read_text()]
    assert [page.name for page in drawn] == ["pager.html"]
    by_hand = [page for page in templates() if "num_pages" in page.read_text() or "paginator" in page.read_text()]
    assert by_hand == []


def test_a_page_that_is_a_list_has_the_frame_of_all_lists() -> None:
    """Heading with its count, filters, table, pager, file and the words of nothing stand once."""
    by_hand = {
        page.as_posix().partition("templates/")[2] for page in templates() if "{{ file_url }}" in page.read_text()
    }
    assert by_hand == {"ui/list.html", *MORE_THAN_A_LIST}


def templates() -> list[Path]:
    return [page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("templates/**/*.html"))]


@pytest.mark.parametrize("listing", sorted(set(listings()), key=lambda one: one.__name__), ids=lambda one: one.__name__)
def test_a_list_declares_all_that_makes_it_one(listing: Any) -> None:
    assert listing.columns
    assert all(isinstance(column, Column) for column in listing.columns)
    headings = [str(column.heading) for column in listing.columns]
    assert len(set(headings)) == len(headings), "two columns of a file bear one name"
    assert isinstance(listing.nothing, Nothing)
    assert isinstance(listing.nothing_found, Nothing)
    assert hasattr(listing, "form") or "filter_form" in vars(listing), "a list is searched or narrowed"
    assert 1 <= listing.size <= 100
    assert listing.rows is not Listing.rows
    assert listing.__doc__


def test_every_address_of_a_list_s_file_belongs_to_one() -> None:
    """One class a file, but for offices that share a list."""
    written = {name for name in names_of(get_resolver()) if name.endswith("_csv") and "roster" not in name}
    declared = set()
    for listing in set(listings()):
        route = getattr(listing, "file_route", None)
        if route is None:  # named at an office or a desk: the end of the name is the list's own
            ending = {
                "AgreementList": "agreements_csv",
                "RequestList": "requests_csv",
                "Record": "record_csv",
                "PausedList": "paused_csv",
                "QuarrelList": "quarrels_csv",
                "DisputeList": "disputes_csv",
            }
            route = ending[listing.__name__]
            declared |= {name for name in written if name.endswith(f"_{route}")}
        else:
            declared.add(route)
    assert declared == written


def names_of(resolver: Any) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_of(pattern)
        elif pattern.name:
            yield pattern.name


def test_the_apps_are_loaded() -> None:
    """Else the lists above would be none."""
    assert apps.ready
    assert len(set(listings())) >= 12
