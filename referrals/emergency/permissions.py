"""Who may do what in the chain (chain §1, §2, §9). Found by ``accounts.permissions``."""

from collections.abc import Mapping
from typing import Final

from accounts.roles import Role

_KEEPS_THE_CHAIN: Final = frozenset(
    {
        "chain.read",
        "chain.sheet",
        "chain.rota",
        "chain.seats",
        "chain.plans",
        "chain.switch",
        "chain.mend",
        "duty.take",
        "kit.read",
        "kit.keep",
    }
)
_LEADS_INCIDENTS: Final = frozenset(
    {
        "incident.open",
        "incident.grade",
        "incident.lower",
        "incident.read",
        "incident.close",
        "incident.false_alarm",
        "incident.looks",
        "duties.write",
        "incident.follow",
        "incident.reviews",
    }
)

_DRILLS: Final = frozenset({"drill.read", "drill.lead"})
"""Who plans and leads drills (14.10). Who plays in one needs no permission: they were named."""

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    Role.HEAD: frozenset({"incident.report"}),
    Role.DUTY: frozenset(
        {
            "incident.open",
            "incident.grade",
            "incident.read",
            "incident.false_alarm",
            "duties.write",
            "incident.follow",
            "incident.reviews",
            "chain.read",
            "chain.sheet",
            "duty.take",
            *_DRILLS,
            "kit.read",
        }
    ),
    # Somebody's own contacts go by ``contact.own`` of families; coverage is how many have some.
    Role.CENTRE: _LEADS_INCIDENTS | _KEEPS_THE_CHAIN | _DRILLS | {"contact.coverage"},
    Role.UNION: frozenset({"contact.coverage", "grant.decide"}),
    Role.PRINCIPAL: frozenset(
        {"chain.read", "chain.sheet", "chain.switch", "incident.reviews", "drill.read", "kit.read"}
    ),
    Role.ADMIN: frozenset({"chain.read", "chain.mend", "kit.read"}),
}
