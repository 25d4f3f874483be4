"""Who reads messages: everybody their own. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"inbox.own"}),
}
