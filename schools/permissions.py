"""Who makes schools, sets one up, and reads the record. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.ADMIN: frozenset({"setting.manage", "audit.read"}),
    Role.DISTRICT: frozenset({"district.read"}),
    PlatformRole.OPERATOR: frozenset({"school.create", "school.read", "school.manage", "audit.read.platform"}),
}
