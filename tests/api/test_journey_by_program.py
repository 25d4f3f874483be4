import pytest
from typing import Any
from tests.conftest import make_school
from tests.fixtures_journey import make_journey

@pytest.mark.django_db
def test_it(school: Any) -> None:
    journey = make_journey(school)
    assert journey.staff.membership_id
