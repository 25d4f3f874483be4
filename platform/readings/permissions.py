"""Who gives out what everyone is to have, and who reads it. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import Role

_ISSUE: Final = frozenset({"reading.issue"})
GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"reading.own"}),
    Role.EDITOR: _ISSUE,
    Role.CENTRE: _ISSUE,
    Role.ADMIN: _ISSUE | {"reading.take_over"},
}
