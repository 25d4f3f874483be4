"""One table says who may do what; what it leaves out is forbidden."""

from dataclasses import replace

import pytest

from accounts.actor import SYSTEM, Actor, require
from accounts.permissions import grants, permissions_of
from accounts.places import home_of
from accounts.roles import PlatformRole, Role
from kernel.errors import Forbidden, NotFound
from referrals.kinds import DECIDING_OFFICES
from tests.tree import modules

NOBODY = Actor(user_id=None, tenant_id=None)


def acting(*roles: str) -> Actor:
    return replace(NOBODY, roles=frozenset(roles))


def test_every_role_has_a_row() -> None:
    assert set(grants()) == set(Role.values) | set(PlatformRole.values)


def test_the_administrator_decides_no_referral_and_reads_none() -> None:
    assert not any(
        permission.startswith(("referral.decide", "referral.read", "hardship", "policy", "pool"))
        for permission in grants()["admin"]
    )


def test_only_finance_drafts_and_approves_policies_and_only_the_union_drafts_agreements() -> None:
    for permission in ("policy.draft", "policy.approve", "agreement.approve", "pool.grant"):
        assert [role for role in grants() if permission in grants()[role]] == ["finance"]
    assert [role for role in grants() if "agreement.draft" in grants()[role]] == ["union"]
    assert "agreement.approve" not in grants()["union"]


def test_no_role_of_the_platform_reaches_into_a_school_and_no_school_role_onto_the_platform() -> None:
    platform = permissions_of(PlatformRole.values)
    assert not platform & permissions_of(Role.values)


def test_the_bureau_reads_nothing_of_a_person() -> None:
    assert grants()["district"] == frozenset({"district.read"})


def test_several_roles_add_up_and_an_unknown_one_adds_nothing() -> None:
    assert permissions_of(["staff", "finance"]) == grants()["staff"] | grants()["finance"]
    assert permissions_of(["astronaut"]) == frozenset()


def test_require_lets_pass_refuses_and_hides() -> None:
    assert require(acting("finance"), "pool.grant").may("ledger.read")
    with pytest.raises(Forbidden):
        require(acting("staff"), "pool.grant")
    with pytest.raises(NotFound):
        require(None, "pool.grant")
    assert require(SYSTEM, "referral.own") is SYSTEM


def all_permissions() -> frozenset[str]:
    return frozenset().union(*grants().values())


def test_permissions_are_dotted_and_complete() -> None:
    assert all(permission.count(".") in (1, 2) and permission.islower() for permission in all_permissions())


def test_every_permission_is_asked_for_somewhere() -> None:
    """A permission that no code asks for is a promise without a road."""
    text = "\n".join(path.read_text() for path in modules() if path.name != "permissions.py")
    asked = {name for name in all_permissions() if f'"{name}"' in text}
    asked |= {f"referral.{act}.{office}" for act in ("read", "decide") for office in DECIDING_OFFICES}
    assert all_permissions() - asked == set()


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        (("staff",), "/my/"), (("staff", "finance"), "/finance/"), (("centre", "staff"), "/centre/"), (("admin",), "/school/"),
        (("operator",), "/operator/"), (("partner_counter",), "/partner/scan/"), (("principal",), "/my/"), (("union",), "/union/"),
    ],
)  # fmt: skip
def test_each_role_lands_at_its_own_desk(roles: tuple[str, ...], home: str) -> None:
    assert home_of(acting(*roles)) == home


def test_nobody_lands_on_the_public_page() -> None:
    assert home_of(None) == "/"
