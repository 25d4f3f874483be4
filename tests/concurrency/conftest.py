"""A school whose chain is live, with rows that are really committed."""

import pytest

from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.world import World, make_world


@pytest.fixture
def world(committed: None) -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)
