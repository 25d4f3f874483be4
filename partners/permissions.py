"""Who keeps institutions, and who drafts and approves agreements (rules §3). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.ADMIN: frozenset({"agreement.read"}),
    Role.CENTRE: frozenset({"agreement.read"}),
    Role.UNION: frozenset({"agreement.read", "agreement.draft", "agreement.suspend"}),
    Role.FINANCE: frozenset({"agreement.read", "agreement.approve", "agreement.suspend"}),
    Role.PRINCIPAL: frozenset({"agreement.read"}),
    PlatformRole.PARTNER_OFFICE: frozenset({"opening.manage"}),
    PlatformRole.OPERATOR: frozenset({"institution.manage", "institution.read"}),
}
