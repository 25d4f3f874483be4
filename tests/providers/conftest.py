"""Fixtures of the providers' tests."""

from collections.abc import Iterator

import pytest

from tests.providers.marked import marked


@pytest.fixture
def mark_is_put(db: None) -> Iterator[None]:
    """This installation bears its mark."""
    with marked():
        yield
