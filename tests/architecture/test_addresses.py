"""Every address leads to one view, and an app's addresses are taken in once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver


def _routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, f"{pattern.callback.__module__}.{pattern.callback.__qualname__}"
        else:
            yield from _routes(pattern.url_patterns, route)


def test_no_address_is_taken_in_twice():
    """Of two the later is never reached, and every request to what stands behind it is compared with both."""
    found = Counter(_routes(get_resolver().url_patterns))
    assert len(found) > 100
    assert [route for route, times in found.items() if times > 1] == []
