"""A school that is open, for what happens inside one."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tenancy.scope import use_tenant
from tests.conftest import is_at_a_moment, living_in, make_school, planted_database
from tests.emergency.outside_steps import add_outside_parties
from tests.emergency.world import World, make_world


@pytest.fixture
def open_school(school: Any) -> Iterator[Any]:
    """The school of ``school``, open for reading and writing."""
    with use_tenant(school.pk):
        yield school


@pytest.fixture(scope="session")
def chain_database(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, World]]:
    """One school stands ready whose chain is live."""
    with django_db_blocker.unblock(), planted_database("chain", build_world) as planted:
        yield planted


@pytest.fixture(scope="module")
def planted_world(chain_database: tuple[str, World], django_db_blocker: Any) -> Iterator[World]:
    """That school, in whose database this module's tests live from now on."""
    name, planted = chain_database
    with django_db_blocker.unblock(), living_in(name):
        yield planted


@pytest.fixture
def world(request: pytest.FixtureRequest, planted_world: World, db: None) -> World:
    """A school whose chain is live, with a hospital in the plan and the community of the person's home; it is not open.

    The test's own copy; at another moment a new one. Who needs neither builds its own in an open school.
    """
    return build_world() if is_at_a_moment(request) else deepcopy(planted_world)


@pytest.fixture(scope="session")
def bare_database(by_day: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, World]]:
    """One school stands ready whose chain is live, and nobody outside it has a part."""
    with django_db_blocker.unblock(), planted_database("bare", build_bare) as planted:
        yield planted


@pytest.fixture(scope="module")
def planted_bare(bare_database: tuple[str, World], django_db_blocker: Any) -> Iterator[World]:
    """That school, in whose database this module's tests live from now on."""
    name, planted = bare_database
    with django_db_blocker.unblock(), living_in(name):
        yield planted


@pytest.fixture
def open_world(request: pytest.FixtureRequest, planted_bare: World, db: None) -> Iterator[World]:
    """The test's own copy of that school, which is open; at another moment a new one."""
    found = build_bare() if is_at_a_moment(request) else deepcopy(planted_bare)
    with use_tenant(found.school.pk):
        yield found


def build_bare() -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


def build_world() -> World:
    found = build_bare()
    add_outside_parties(found)
    return found
