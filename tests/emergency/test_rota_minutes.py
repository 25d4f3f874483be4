"""Who is on duty at *t*, and whether there is a hole, is what a table of minutes says, however the rota was edited (issue E)."""

from random import Random

import pytest

from bench.rota import wrong_moments

ROTAS = 15
"""Of each seed; fifty moments each, half of them at the edges of shifts."""


@pytest.mark.parametrize("seed", range(4))
def test_a_rota_edited_at_random_is_what_a_table_of_minutes_says(seed: int) -> None:
    """Entered, ended early, taken over, taken out. ``bin/bench rota`` asks the same of 100 000 moments."""
    random = Random(seed)
    assert sum(wrong_moments(random) for _rota in range(ROTAS)) == 0
