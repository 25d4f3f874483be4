"""A school ready for one case, for programs that ask by its host."""

from typing import Any

import pytest

from tests.fixtures_journey import Journey, make_journey


@pytest.fixture
def journey(school: Any) -> Journey:
    return make_journey(school)
