"""Fixtures of the providers' tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.providers.marked import marked

settings.register_profile("providers", deadline=None)
settings.load_profile("providers")


@pytest.fixture
def mark_is_put(db: None) -> Iterator[None]:
    """This installation bears its mark."""
    with marked():
        yield
