"""A school ready for one case."""

from collections.abc import Iterator

import pytest

from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey


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
