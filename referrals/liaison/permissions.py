"""Who may ask the psychologist to mediate, and who answers (16.6). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"mediation.own"}),
    Role.CENTRE: frozenset({"mediation.hear"}),
}
