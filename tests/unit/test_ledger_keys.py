"""The directions in which the ledger moves an amount: each bucket that can be filled can be emptied."""

from ledger.keys import DIRECTIONS, Bucket, Kind, way_into


def test_every_kind_has_one_direction_and_nothing_is_taken_from_itself() -> None:
    assert set(DIRECTIONS) | {Kind.CARRY} == set(Kind)
    assert all(source is not target for source, target in DIRECTIONS.values())


def test_only_a_grant_draws_on_the_source_and_only_a_return_flows_back_into_it() -> None:
    assert [kind for kind, (source, _) in DIRECTIONS.items() if source is Bucket.GRANTED] == [Kind.GRANT]
    assert [kind for kind, (_, target) in DIRECTIONS.items() if target is Bucket.GRANTED] == [Kind.RETURN]


def test_a_carry_is_a_return_in_one_year_and_a_grant_in_the_next() -> None:
    assert way_into(Kind.CARRY, Bucket.GRANTED) == DIRECTIONS[Kind.RETURN]
    assert way_into(Kind.CARRY, Bucket.AVAILABLE) == DIRECTIONS[Kind.GRANT]
    assert way_into(Kind.COMMIT, Bucket.SPENT) == DIRECTIONS[Kind.COMMIT]
