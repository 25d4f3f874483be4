"""A school that is open, for what happens inside one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenancy.scope import use_tenant


@pytest.fixture
def open_school(school: Any) -> Iterator[Any]:
    """The school of ``school``, open for reading and writing."""
    with use_tenant(school.pk):
        yield school
