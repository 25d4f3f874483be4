"""A school ready for one case, with its scope open."""

import pytest

from tenancy.scope import use_tenant
from tests.fixtures_journey import make_journey


@pytest.fixture
def journey(school):
    made = make_journey(school)
    with use_tenant(school.id):
        yield made
