"""Who changes a school's calendar. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {Role.ADMIN: frozenset({"workday.manage"})}
