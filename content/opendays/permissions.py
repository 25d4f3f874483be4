"""Who plans open days and who invites to them. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.UNION: frozenset({"openday.run"}),
    EMPLOYEE: frozenset({"openday.invite"}),
}
