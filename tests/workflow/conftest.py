"""A school ready for one case."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_journey


@pytest.fixture
def journey(request: pytest.FixtureRequest, school: Any) -> Iterator[Journey]:
    """All that stands before a request, with its school open.

    A module that says ``FROM_OUTSIDE = True`` asks by pages only: its school stays shut, so that a view which forgets to
    open it is found.
    """
    made = make_journey(school)
    if getattr(request.module, "FROM_OUTSIDE", False):
        yield made
        return
    with use_tenant(school.id):
        yield made
