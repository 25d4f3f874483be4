"""Who may do what: one table of role → permissions (house §style 6). The writer checks a permission, a view never decides.

A permission is ``object.act`` or ``object.act.side``. Default is no. Each app brings the rows of its own objects in
``permissions.GRANTS``; here they become one table. Where two different people are needed (maker ≠ checker, rules §1–§3),
both hold the permission and the workflow compares the people.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from accounts.roles import PlatformRole, Role
from registry import contributions

EMPLOYEE: Final = "employee"
"""Stands in a table of grants for every role of a school but the bureau's: what a person may do for themself."""

EMPLOYEES: Final[frozenset[str]] = frozenset(Role.values) - {Role.DISTRICT}


@cache
def grants() -> Mapping[str, frozenset[str]]:
    """Role → everything it may do. ValueError when an app grants to a role that does not exist."""
    whole: dict[str, frozenset[str]] = {role: frozenset() for role in (*Role.values, *PlatformRole.values)}
    for app, rows in contributions("permissions", "GRANTS"):
        for name, permissions in rows.items():
            roles = EMPLOYEES if name == EMPLOYEE else {str(name)}
            if not roles <= whole.keys():
                raise ValueError(f"{app} grants to an unknown role: {name}")
            for role in roles:
                whole[role] |= frozenset(permissions)
    return whole


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All permissions the roles grant together. An unknown role grants nothing."""
    return frozenset().union(*(grants().get(role, frozenset()) for role in roles))
