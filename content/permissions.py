"""Who edits and who checks a school's pages, and who the library that schools take pages from. Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.EDITOR: frozenset({"cms.edit"}),
    Role.CENTRE: frozenset({"content.check"}),
    Role.DUTY: frozenset({"content.check"}),
    PlatformRole.OPERATOR: frozenset({"library.edit"}),
}
