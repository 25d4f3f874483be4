"""The crawl of the CMS asks for every address that holds an id, whatever Wagtail brings with its next release (T3)."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from wagtail.admin.models import EditingSession

from content.gate import ALLOWED
from tests.content.cms_addresses import addresses
from tests.content.conftest import Side

pytestmark = pytest.mark.django_db

LEAST: Final = 100
"""Addresses with an id that Wagtail 8.0 has: fewer, and the walk through its resolver has lost some."""


OF_THE_ASKER: Final = "wagtailadmin_editing_sessions:release"
"""Takes the number of a session of whoever asks."""


def routes(resolver: Any, before: str) -> Iterator[tuple[str, set[str], str]]:
    """Each address as Django names it after a match, its blanks, and the view's name, empty for one without."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            blanks = set(entry.pattern.converters) or set(entry.pattern.regex.groupindex)
            if blanks or entry.pattern.regex.groups:
                yield route, blanks, entry.name or ""


def test_every_address_with_an_id_is_asked(ours: Side) -> None:
    there = {route: (blanks, name) for route, blanks, name in routes(get_resolver("wagtail.admin.urls"), "cms/")}
    asked = {resolve(address).route for _name, address in addresses(ours)}
    assert [route for route in there if route not in asked] == []
    assert all(name and blanks for blanks, name in there.values()), "an address without a name, or with nameless blanks"
    assert len(there) >= LEAST, len(there)


def test_every_open_view_with_an_id_is_asked_with_a_real_one(ours: Side, theirs: Side) -> None:
    """A number that no row has proves no wall: what stands in an open address is a row of that school."""
    open_ones = [
        address
        for name, address in addresses(theirs)
        if name in ALLOWED and name != OF_THE_ASKER and resolve(address).kwargs
    ]
    own = {str(pk) for pk in (theirs.page.pk, theirs.home.pk, theirs.draft.pk, theirs.index.pk, theirs.image.pk, theirs.document.pk,
                              theirs.revision)}  # fmt: skip
    assert open_ones
    for address in open_ones:
        numbers = {str(value) for value in resolve(address).kwargs.values() if str(value).isdecimal()}
        assert not numbers or numbers & own, address


def test_nobody_ends_the_session_of_another(ours: Side, theirs: Side) -> None:
    session = EditingSession.objects.create(user=theirs.editor, content_object=theirs.page, last_seen_at=timezone.now())
    ours.client(ours.editor).post(f"/cms/editing-sessions/release/{session.pk}/")
    assert EditingSession.objects.filter(pk=session.pk).exists()
    theirs.client(theirs.editor).post(f"/cms/editing-sessions/release/{session.pk}/")
    assert not EditingSession.objects.filter(pk=session.pk).exists(), "whose it is ends it"
