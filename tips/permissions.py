"""Who orders the tips that go to families: editors. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {Role.EDITOR: frozenset({"tips.send"})}
