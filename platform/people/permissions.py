"""Who sees and changes a school's people, and who takes a lost second factor off an account. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.ADMIN: frozenset({"roster.import", "member.read", "member.manage", "department.manage", "person.search"}),
    Role.HEAD: frozenset({"person.search"}),
    Role.CENTRE: frozenset({"person.search"}),
    Role.DUTY: frozenset({"person.search"}),
    Role.UNION: frozenset({"person.search"}),
    PlatformRole.OPERATOR: frozenset({"account.recover"}),
}
