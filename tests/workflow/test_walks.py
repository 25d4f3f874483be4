"""The journey walked by several people under a random clock (``tests.workflow.walking``): a little here, a lot in
``bin/bench walks``."""

import os

import pytest
from django.db import transaction

from tests.workflow.walking import plant, walk

pytestmark = pytest.mark.django_db
WALKS = int(os.environ.get("WALKS", "12"))
"""The suite walks the same few each time; the bench asks for many, other ones each time."""


def test_whatever_happens_in_whatever_order_at_whatever_time_dates_and_books_hold() -> None:
    journey = plant()
    with transaction.atomic():
        walk(journey, WALKS, derandomize="WALKS" not in os.environ)
