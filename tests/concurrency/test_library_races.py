"""Several editors take the same page of the library at the same moment: it stands once at the school."""

import threading
from typing import Any

import pytest
from django.db import transaction

from content.library import copies_at, take, take_newer
from content.models import SchoolSite, TipPage
from kernel.errors import Conflict
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person
from tests.content.conftest import Side, build_side
from tests.content.stock import Library, build_library, published

pytestmark = pytest.mark.usefixtures("committed")
EDITORS = 4


@pytest.fixture
def side(committed: None, settings: Any, tmp_path: Any) -> Side:
    settings.MEDIA_ROOT = str(tmp_path)
    return build_side(f"鹭{threading.get_ident() % 1000}")


@pytest.fixture
def library(side: Side) -> Library:
    return build_library("elsewhere.localhost", side.tenant.slug)


def editors_of(side: Side) -> list[Any]:
    return [make_person(side.tenant, "editor") for _ in range(EDITORS)]


def test_a_page_that_many_take_at_once_stands_once(side: Side, library: Library) -> None:
    def act(member: Any) -> Any:
        return lambda: take(actor=actor_of(member), user=member.user, source_id=library.tip.pk)

    told = at_once(side.tenant, [act(member) for member in editors_of(side)])
    refused = [answer for answer in told if isinstance(answer, Conflict)]
    assert [answer.reason for answer in refused] == ["library_taken"] * (EDITORS - 1)
    assert TipPage.objects.filter(path__startswith=side.home.path, adopted_from=library.tip.pk).count() == 1

    def renew(member: Any) -> Any:
        return lambda: take_newer(
            actor=actor_of(member), user=member.user, page_id=copies_at(side.home)[library.tip.pk].page.pk
        )

    library.tip.summary = "新的一句"
    published(library.tip)
    told = at_once(side.tenant, [renew(member) for member in editors_of(side)])
    refused = [answer for answer in told if isinstance(answer, Conflict)]
    assert [answer.reason for answer in refused] == ["library_newest"] * (EDITORS - 1)


def test_without_the_lock_all_of_them_find_it_missing(side: Side, library: Library) -> None:
    """The control: each looks before any has written."""
    looked = threading.Barrier(EDITORS)

    def look() -> bool:
        with transaction.atomic():
            home = SchoolSite.objects.get(tenant=side.tenant).site.root_page
            is_missing = library.tip.pk not in copies_at(home)
            looked.wait(timeout=30)
            return is_missing

    assert at_once(side.tenant, [look] * EDITORS) == [True] * EDITORS
    with use_tenant(side.tenant.id):
        assert copies_at(side.home) == {}
