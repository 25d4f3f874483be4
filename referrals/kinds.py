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
    CHARITY = "charity"


class Wish(StrEnum):
    """What a person may wish of whoever helps: choices only, read by the agency before it answers (rules §2)."""

    GENDER = "gender"
    PLACE = "place"
    ACCESS = "access"


_OF_A_TALK = frozenset(Wish)
_OF_A_VISIT = frozenset({Wish.ACCESS})
_OF_A_CARER = frozenset({Wish.GENDER, Wish.ACCESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """The facts of one kind.

    ``decider``: the office that decides when a person must (rules §2; the administration decides none).
    ``scheme``: what pays for it, unless hardship, charity or crisis relief replaces it.
    ``for_child``: it is asked for a child, and the child's quota counts.
    ``is_open``: its voucher holds for a range of days, and two appointments at one place may overlap.
    ``in_crisis``: crisis relief covers it (14.8, 16.12).
    ``in_charity``: what was donated may pay for it: counselling and assessment (16.11).
    ``is_talk``: asking took courage; the receipt thanks for it, and nothing that others may see tells where it is.
    ``after_talk``: nobody outside is asked before the school's psychologist has heard the person (16.6).
    ``wishes``: what may be wished of it; a meal is brought by whoever brings it.
    """

    decider: str
    scheme: Scheme
    for_child: bool = False
    is_open: bool = False
    in_crisis: bool = False
    in_charity: bool = False
    is_talk: bool = False
    after_talk: bool = False
    wishes: frozenset[Wish] = frozenset()


KINDS: Mapping[str, KindFacts] = MappingProxyType(
    {
        "counselling": KindFacts(
            decider="centre", scheme=Scheme.COUNSELLING, in_charity=True, is_talk=True, wishes=_OF_A_TALK
        ),
        "psychiatry": KindFacts(
            decider="centre", scheme=Scheme.COUNSELLING, in_charity=True, is_talk=True, wishes=_OF_A_TALK
        ),
        "childcare": KindFacts(
            decider="union", scheme=Scheme.CHILDCARE, for_child=True, is_open=True, wishes=_OF_A_VISIT
        ),
        "camp": KindFacts(decider="union", scheme=Scheme.CAMP, for_child=True, wishes=_OF_A_VISIT),
        "home_help": KindFacts(
            decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True, wishes=frozenset({Wish.GENDER})
        ),
        "elder_care": KindFacts(
            decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True, wishes=_OF_A_CARER
        ),
        "mediation": KindFacts(
            decider="centre", scheme=Scheme.MEDIATION, is_talk=True, after_talk=True, wishes=_OF_A_TALK
        ),
        "meals": KindFacts(decider="union", scheme=Scheme.HOME_HELP, is_open=True, in_crisis=True),
    }
)

DECIDING_OFFICES = frozenset(facts.decider for facts in KINDS.values())
CHILD_SCHEMES = frozenset(facts.scheme for facts in KINDS.values() if facts.for_child)
"""Schemes whose quota belongs to a child, not to the person who asks."""
FILE_SCHEMES = (Scheme.CHARITY, Scheme.HARDSHIP)
"""What a file of the union can open, the one that goes first before: charity where it covers the kind, hardship for any."""


def opens(scheme: str, kind: str) -> bool:
    """Whether a file of ``scheme`` pays for a service of ``kind``."""
    return scheme == Scheme.HARDSHIP or (scheme == Scheme.CHARITY and KINDS[kind].in_charity)
