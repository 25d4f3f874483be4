"""Who reads the pools, who the single lines, and who grants money (rules §1, §5). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.UNION: frozenset({"ledger.read"}),
    Role.FINANCE: frozenset({"ledger.read", "ledger.lines", "pool.grant"}),
    Role.PRINCIPAL: frozenset({"ledger.read"}),
}
