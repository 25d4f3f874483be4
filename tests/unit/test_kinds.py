"""Every kind of service has a row in each table of facts and texts."""

from content.services import SERVICES
from partners.kinds import NEEDED_LICENCES, ServiceKind
from referrals.kinds import CHILD_SCHEMES, DECIDING_OFFICES, KINDS, Scheme
from referrals.policy import DEFAULT_SCHEMES
from referrals.texts import DECIDERS, FIRST_WISHES, KIND_TEXTS, SCHEMES


def test_no_table_of_kinds_leaves_one_out() -> None:
    every = set(ServiceKind.values)
    assert set(KINDS) == every
    assert set(KIND_TEXTS) == every
    assert set(NEEDED_LICENCES) == every
    assert set(SERVICES) == every
    assert set(FIRST_WISHES) <= every


def test_no_table_of_schemes_and_offices_leaves_one_out() -> None:
    assert set(SCHEMES) == set(Scheme) == set(DEFAULT_SCHEMES)
    assert set(DECIDERS) == DECIDING_OFFICES


def test_a_scheme_belongs_to_children_for_all_its_kinds_or_for_none() -> None:
    """The quota of a scheme has one owner, so kinds that share a scheme agree on whose it is."""
    assert all(facts.for_child == (facts.scheme in CHILD_SCHEMES) for facts in KINDS.values())
