"""The directions in which the ledger moves an amount: each bucket that can be filled can be emptied."""

from ledger.keys import DIRECTIONS, Bucket, Kind


def test_every_kind_has_one_direction_and_nothing_is_taken_from_itself() -> None:
    assert set(DIRECTIONS) == set(Kind)
    assert all(source is not target for source, target in DIRECTIONS.values())


def test_only_a_grant_draws_on_the_source_and_nothing_flows_back_into_it() -> None:
    assert [kind for kind, (source, _) in DIRECTIONS.items() if source is Bucket.GRANTED] == [Kind.GRANT]
    assert all(target is not Bucket.GRANTED for _, target in DIRECTIONS.values())
