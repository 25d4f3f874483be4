"""A school ready for one case; the platform alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenancy.scope import use_tenant
from tests.conftest import living_in, planted_database
from tests.fixtures_journey import Journey, make_platform


@pytest.fixture
def journey(request: pytest.FixtureRequest, own_journey: Journey) -> Iterator[Journey]:
    """All that stands before a request, with its school open.

    A module that says ``FROM_OUTSIDE = True`` asks by pages only: its school stays shut, so that a view which forgets to
    open it is found.
    """
    if getattr(request.module, "FROM_OUTSIDE", False):
        yield own_journey
        return
    with use_tenant(own_journey.tenant.id):
        yield own_journey


@pytest.fixture(scope="session")
def platform_database(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The platform's own row stands there, with the library's empty tree."""
    with django_db_blocker.unblock(), planted_database("platform", make_platform) as (name, _platform):
        yield name


@pytest.fixture(scope="module")
def platform_stands(platform_database: str, django_db_blocker: Any) -> Iterator[None]:
    """This module's tests live in that database from now on: an institution or an operator begins with the platform, whose tree
    of pages costs more than all the rest of them.
    """
    with django_db_blocker.unblock(), living_in(platform_database):
        yield
