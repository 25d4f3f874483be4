"""A school that is open, for what happens inside one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenancy.scope import use_tenant
from tests.emergency.outside_steps import add_outside_parties
from tests.emergency.world import World, make_world


@pytest.fixture
def open_school(school: Any) -> Iterator[Any]:
    """The school of ``school``, open for reading and writing."""
    with use_tenant(school.pk):
        yield school


@pytest.fixture
def world(school: Any) -> World:
    """A school whose chain is live, with a hospital in the plan and the community of the person's home; it is not open.

    Who needs neither builds its own in an open school.
    """
    with use_tenant(school.pk):
        found = make_world(school)
    add_outside_parties(found)
    return found
