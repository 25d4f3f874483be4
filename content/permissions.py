"""Who edits the school's pages. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.EDITOR: frozenset({"cms.edit"}),
}
