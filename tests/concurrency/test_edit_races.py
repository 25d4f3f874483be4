"""The editor's autosave and the Save of whoever edits, in the same second: the older text never stands above the newer."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections

from content.in_turn import turn_of
from content.models import GuidelinePage
from tenancy.scope import use_tenant
from tests.content.conftest import Side, build_side

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def side(committed: None, settings: Any, tmp_path: Any) -> Side:
    settings.MEDIA_ROOT = str(tmp_path)
    return build_side(f"鹭{threading.get_ident() % 1000}")


def test_an_autosave_that_was_overtaken_is_told_so(side: Side) -> None:
    page, client = side.page, side.client(side.editor)

    def autosave() -> Any:
        """The older text, from a form that was loaded with ``loaded``."""
        form = {
            "title": page.title, "slug": page.slug, "summary": "旧的", "audience": "staff", "reviewed_by": "心理中心",
            "reviewed_on": "2026-09-01", "picture": "", "body-count": "0", "loaded_revision_id": str(loaded.pk),
            "loaded_revision_created_at": loaded.created_at.isoformat(),
        }  # fmt: skip
        try:
            return client.post(f"/cms/pages/{page.pk}/edit/", form, headers={"accept": "application/json"})
        finally:
            connections.close_all()

    loaded = page.save_revision(user=side.editor)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(autosave).result(timeout=120).json()["success"], (
            "alone it is written; and the views are loaded"
        )
    loaded = GuidelinePage.objects.get(pk=page.pk).latest_revision
    with ThreadPoolExecutor(1) as pool:
        assert cache.add(turn_of(page.pk), 1, 30), "whoever pressed Save was first, and is not written yet"
        told = pool.submit(autosave)
        assert wait([told], timeout=6).not_done, "it waits"
        with use_tenant(side.tenant.id):
            newer = GuidelinePage.objects.get(pk=page.pk).get_latest_revision_as_object()
            newer.summary = "新的"
            newer.save_revision(user=side.editor)
        cache.delete(turn_of(page.pk))
        answer = told.result(timeout=60)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_revision")
    assert GuidelinePage.objects.get(pk=page.pk).get_latest_revision_as_object().summary == "新的"
    assert cache.get(turn_of(page.pk)) is None, "the turn is over"
