"""Who may do what in the chain (chain §1, §9). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    # incident
    Role.HEAD: frozenset({"incident.report"}),
    Role.DUTY: frozenset({"incident.open", "incident.grade", "incident.read", "incident.false_alarm"}),
    Role.CENTRE: frozenset(
        {
            "incident.open",
            "incident.grade",
            "incident.lower",
            "incident.read",
            "incident.close",
            "incident.false_alarm",
            # contacts: one's own go by ``contact.own`` of families
            "contact.coverage",
        }
    ),
    Role.UNION: frozenset({"contact.coverage"}),
}
