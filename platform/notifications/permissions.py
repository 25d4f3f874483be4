"""Who reads messages: everybody their own. Who opens a school's ways out: its administration. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"inbox.own"}),
    Role.ADMIN: frozenset({"channel.manage"}),
}
