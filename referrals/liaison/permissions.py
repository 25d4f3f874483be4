"""Who may ask the psychologist to mediate, who hands on with a card, and who may open one (16.6, 6.3). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.permissions import EMPLOYEE
from accounts.roles import PlatformRole, Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    EMPLOYEE: frozenset({"mediation.own", "card.own"}),
    Role.CENTRE: frozenset({"mediation.hear", "card.write"}),
    PlatformRole.PARTNER_OFFICE: frozenset({"card.read"}),
}
