"""A school with an open day that families may answer."""

from collections.abc import Iterator

import pytest

from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.opendays.world import World, make_world


@pytest.fixture
def world(db: None) -> Iterator[World]:
    school = make_school()
    with use_tenant(school.pk):
        yield make_world(school)
