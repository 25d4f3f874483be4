"""T4: pooled connections carry nothing. Small here; the full size is ``bin/bench pooled``."""

import pytest

from bench import pooled


@pytest.mark.usefixtures("committed")
def test_t4_no_foreign_row_through_a_shared_pool_and_the_control_shows_some() -> None:
    """PgBouncer, transaction mode, two connections; savepoints, roll-backs and requests of no school among them."""
    answer = pooled.run(n=800, threads=32)
    assert answer["foreign_rows"] == 0
    assert answer["control_foreign_rows"] > 0, "with the school set on the session rows do cross: the test can fail"
