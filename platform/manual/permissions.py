"""Who takes the quiz. The pages of the manual are everybody's. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {Role.ADMIN: frozenset({"quiz.take"})}
