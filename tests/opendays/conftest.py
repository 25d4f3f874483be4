"""A school with an open day that families may answer."""

from collections.abc import Iterator
from copy import deepcopy

import pytest

from content.schools import create_school_site
from tenancy.scope import use_tenant
from tests.conftest import is_at_a_moment, make_school, planted_once
from tests.opendays.world import World, make_world


def build_world() -> World:
    """With the pages of its own site."""
    school = make_school()
    create_school_site(tenant=school, name=school.name, host=school.host, port=8000)
    with use_tenant(school.pk):
        return make_world(school)


planted_world = planted_once("day", build_world)


@pytest.fixture
def world(request: pytest.FixtureRequest, planted_world: World, db: None) -> Iterator[World]:
    """The test's own copy, its school open; at another moment a new one."""
    found = build_world() if is_at_a_moment(request) else deepcopy(planted_world)
    with use_tenant(found.school.pk):
        yield found
