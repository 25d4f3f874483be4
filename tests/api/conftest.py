"""A school ready for one case, for programs that ask by its host."""

import pytest

from tests.fixtures_journey import Journey


@pytest.fixture
def journey(own_journey: Journey) -> Journey:
    return own_journey
