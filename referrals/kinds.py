"""What holds for each kind of service: one row a kind (contract, closed lists). Pure: values only, no framework.

A kind stands here by its stable value; ``partners.kinds.ServiceKind`` holds the same list with labels, and a test asks
that no row is missing. Sentences about kinds stand in ``referrals.texts.KIND_TEXTS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Scheme(StrEnum):
    """A purpose with a pool of its own (rules §1)."""

    COUNSELLING = "counselling"
    CHILDCARE = "childcare"
    CAMP = "camp"
    HOME_HELP = "home_help"
    MEDIATION = "mediation"
    HARDSHIP = "hardship"
    CRISIS_RELIEF = "crisis_relief"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """The facts of one kind.

    ``decider``: the office that decides when a person must (rules §2; the administration decides none).
    ``scheme``: what pays for it, unless hardship or crisis relief replaces it.
    ``for_child``: it is asked for a child, and the child's quota counts.
    ``is_open``: its voucher holds for a range of days, and two appointments at one place may overlap.
    ``in_crisis``: crisis relief covers it (14.8, 16.12).
    ``is_talk``: asking took courage; the receipt thanks for it, and nothing that others may see tells where it is.
    """

    decider: str
    scheme: Scheme
    for_child: bool = False
    is_open: bool = False
    in_crisis: bool = False
    is_talk: bool = False


KINDS: Mapping[str, KindFacts] = MappingProxyType(
    {
        "counselling": KindFacts(decider="centre", scheme=Scheme.COUNSELLING, is_talk=True),
        "psychiatry": KindFacts(decider="centre", scheme=Scheme.COUNSELLING, is_talk=True),
        "childcare": KindFacts(decider="union", scheme=Scheme.CHILDCARE, for_child=True, is_open=True),
        "camp": KindFacts(decider="union", scheme=Scheme.CAMP, for_child=True),
        "home_help": KindFacts(decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True),
        "elder_care": KindFacts(decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True),
        "mediation": KindFacts(decider="centre", scheme=Scheme.MEDIATION, is_talk=True),
        "meals": KindFacts(decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True),
    }
)

DECIDING_OFFICES = frozenset(facts.decider for facts in KINDS.values())
CHILD_SCHEMES = frozenset(facts.scheme for facts in KINDS.values() if facts.for_child)
"""Schemes whose quota belongs to a child, not to the person who asks."""
