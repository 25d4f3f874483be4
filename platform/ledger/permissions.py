"""Who reads the ledger, and who grants money (rules §1). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.UNION: frozenset({"ledger.read"}),
    Role.FINANCE: frozenset({"ledger.read", "pool.grant"}),
    Role.PRINCIPAL: frozenset({"ledger.read"}),
}
