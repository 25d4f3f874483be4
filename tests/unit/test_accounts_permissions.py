"""One table says who may do what; what it leaves out is forbidden."""

from dataclasses import replace

import pytest

from accounts.actor import SYSTEM, Actor, require
from accounts.permissions import GRANTS, OWN, WORDS, words_of
from accounts.places import home_of
from accounts.roles import PlatformRole, Role
from kernel.errors import Forbidden, NotFound

NOBODY = Actor(user_id=None, tenant_id=None)


def acting(*roles: str) -> Actor:
    return replace(NOBODY, roles=frozenset(roles))


def test_every_role_has_a_row() -> None:
    assert set(GRANTS) == set(Role.values) | set(PlatformRole.values)


def test_the_administrator_decides_no_referral_and_reads_none() -> None:
    assert not any(
        word.startswith(("referral.decide", "referral.read", "hardship", "policy", "pool")) for word in GRANTS["admin"]
    )


def test_only_finance_drafts_and_approves_policies_and_only_the_union_drafts_agreements() -> None:
    for word in ("policy.draft", "policy.approve", "agreement.approve", "pool.grant"):
        assert [role for role in GRANTS if word in GRANTS[role]] == ["finance"]
    assert [role for role in GRANTS if "agreement.draft" in GRANTS[role]] == ["union"]
    assert "agreement.approve" not in GRANTS["union"]


def test_no_role_of_the_platform_reaches_into_a_school_and_no_school_role_onto_the_platform() -> None:
    platform = words_of(PlatformRole.values)
    assert not platform & words_of(Role.values)


def test_the_bureau_sees_aggregates_only() -> None:
    assert GRANTS["district"] == {"aggregate.read"}
    assert not GRANTS["district"] & OWN


def test_several_roles_add_up_and_an_unknown_one_adds_nothing() -> None:
    assert words_of(["staff", "finance"]) == GRANTS["staff"] | GRANTS["finance"]
    assert words_of(["astronaut"]) == frozenset()


def test_require_lets_pass_refuses_and_hides() -> None:
    assert require(acting("finance"), "pool.grant").may("ledger.read")
    with pytest.raises(Forbidden):
        require(acting("staff"), "pool.grant")
    with pytest.raises(NotFound):
        require(None, "pool.grant")
    assert require(SYSTEM, "referral.own") is SYSTEM


def test_words_are_dotted_and_complete() -> None:
    assert all(word.count(".") in (1, 2) and word.islower() for word in WORDS)


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        (("staff",), "/my/"), (("staff", "finance"), "/finance/"), (("centre", "staff"), "/centre/"), (("admin",), "/school/"),
        (("operator",), "/operator/"), (("partner_counter",), "/partner/"), (("principal",), "/my/"), (("union",), "/union/"),
    ],
)  # fmt: skip
def test_each_role_lands_at_its_own_desk(roles: tuple[str, ...], home: str) -> None:
    assert home_of(acting(*roles)) == home


def test_nobody_lands_on_the_public_page() -> None:
    assert home_of(None) == "/"
