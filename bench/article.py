"""A published article as an anonymous reader gets it: made, and kept. CPU of the process in ms, all sides in one run.

``ours`` is the article made anew for each reader, ``floor`` the same article by Wagtail's own view. ``kept_ours`` is the
page cache, ``kept_floor`` Django's cache for a whole site, first in the row of middlewares, with the same cache behind it.
"""

import statistics
import time
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, re_path
from wagtail.urls import serve_pattern
from wagtail.views import serve as serve_by_wagtail

from bench._vouchers import make_ground
from content.demo import load_pages
from settings.urls import urlpatterns as ours
from tenancy.hosts import forget

urlpatterns = [
    *ours[:-1],
    re_path(serve_pattern, serve_by_wagtail, name="wagtail_serve"),
    path("", include("content.urls")),
]
"""The addresses of the product, with Wagtail's view in the place of ours."""

_ROUNDS: Final = 7
_DJANGO_KEEPS: Final = [
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
]
_OWN: Final = "ui.page_cache.PageCacheMiddleware"


def run(n: int = 60) -> dict[str, Any]:
    """Rounds of ``n`` readers a side, taken in turn; the median round counts. AssertionError when a side is not what it says."""
    host = _school()
    article = _article(Client(headers={"host": host}))
    without_own = [name for name in settings.MIDDLEWARE if name != _OWN]
    made = _Side(host, article, MIDDLEWARE=without_own)
    by_wagtail = _Side(host, article, MIDDLEWARE=without_own, ROOT_URLCONF="bench.article")
    kept = _Side(host, article, PAGES_REST_SECONDS=0)
    by_django = _Side(host, article, MIDDLEWARE=[*_DJANGO_KEEPS, *without_own], CACHE_MIDDLEWARE_KEY_PREFIX=uuid4().hex)
    sides = (made, by_wagtail, kept, by_django)
    assert kept.queries() == by_django.queries() == 0
    for _ in range(_ROUNDS):
        for side in sides:
            side.read(n)
    ours_ms, floor_ms, kept_ms, kept_floor_ms = (side.milliseconds() for side in sides)
    return {
        "ours": ours_ms,
        "floor": floor_ms,
        "ratio": round(floor_ms / ours_ms, 2),
        "unit": "ms CPU",
        "n": n * _ROUNDS,
        "queries": made.queries(),
        "queries_floor": by_wagtail.queries(),
        "kept_ours": kept_ms,
        "kept_floor": kept_floor_ms,
        "kept_ratio": round(kept_floor_ms / kept_ms, 2),
    }


class _Side:
    """One way of being answered, with settings of its own."""

    def __init__(self, host: str, address: str, **changed: Any) -> None:
        self._host, self._address, self._changed = host, address, changed
        self._client = Client(headers={"host": host})
        self._rounds: list[float] = []

    def read(self, n: int) -> None:
        """One round. What a process learns once, and the settings with it, is learnt before the clock runs."""
        with override_settings(**self._changed):
            self._each(3)
            before = time.process_time()
            self._each(n)
            self._rounds.append((time.process_time() - before) * 1000 / n)

    def queries(self) -> int:
        """How many a reader costs, once the process knows its school."""
        with override_settings(**self._changed):
            self._each(3)
            with CaptureQueriesContext(connection) as caught:
                self._each(1)
        return len(caught)

    def _each(self, n: int) -> None:
        for _ in range(n):
            answer = self._client.get(self._address)
            assert answer.status_code == 200
            assert b"<article" in answer.content

    def milliseconds(self) -> float:
        return round(statistics.median(self._rounds), 3)


def _school() -> str:
    school = make_ground(0).school
    load_pages(school, kind=school.kind, seed=1)
    forget()
    cache.clear()
    return school.host


def _article(public: Client) -> str:
    """The first guideline that the school's list links to."""
    text = public.get("/guidelines/").content.decode()
    _before, _link, rest = text.partition('href="/guidelines/')
    return f"/guidelines/{rest.partition(chr(34))[0]}"
