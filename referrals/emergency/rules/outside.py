"""What somebody outside sees behind their link: one face at a time, and what each card is for (chain §4, §6). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.grades import PARTY_OF, LegKind, Party
from referrals.emergency.rules.leg_states import ENDED, PAGED, TAKEN, LegEvent, LegState
from referrals.emergency.rules.step_rules import Target


class Purpose(StrEnum):
    """What a card is cut to."""

    FAMILY = "family"
    """That they are needed, where to meet, whom to call."""
    MEDICAL = "medical"
    """A summary of the risk."""
    COMMUNITY = "community"
    """What to do, and the address."""
    LINE = "line"
    """A line outside that answers for the school: whom to call, nothing else."""
    PROGRESS = "progress"
    """After the end, for a party that still helps: how it goes on, nothing else."""


PURPOSE_OF: Final[Mapping[LegKind, Purpose]] = {
    LegKind.FAMILY: Purpose.FAMILY,
    LegKind.MEDICAL: Purpose.MEDICAL,
    LegKind.COMMUNITY: Purpose.COMMUNITY,
    LegKind.SCHOOL: Purpose.LINE,
    LegKind.TEAM: Purpose.LINE,
}

MEETS_THE_PERSON: Final = frozenset({Purpose.MEDICAL, Purpose.COMMUNITY})
"""Whose task is to meet the person: only these are told a name. A family knows whom it is about, a wrong number must not."""

ENDS_AFTER: Final = timedelta(hours=1)
"""How long a card is read after its leg has ended."""

MOST_NAME: Final = 60
"""Characters of who somebody says they are."""


_BY_HAND: Final = f"{Target.BY_HAND}:"
_CONTACT: Final = f"{Target.CONTACT}:"


def is_by_hand(role: str) -> bool:
    """Whether somebody was called to dial a number themselves (``by_hand:120``)."""
    return role.startswith(_BY_HAND)


def is_contact(role: str) -> bool:
    """Whether somebody was called as a contact of the person (``contact:1``)."""
    return role.startswith(_CONTACT)


def speaks_for_party(kind: LegKind, *, role: str, purpose: str, is_colleague: bool, has_it: bool) -> bool:
    """Whether who was called as ``role``, by a step of ``purpose``, may say that the party of a leg has it.

    On an outside party's leg that is the party alone, and whoever has taken the leg: somebody who is asked to dial 120, to
    look at a leg that waits, or who hears that nobody answers, is no hospital and no family. Were their "I have it" an
    answer, nobody would call the hospital any more. What they may do is written elsewhere: 已拨, and the take of a leg that
    nobody answers.
    """
    if not is_colleague and purpose != "step":
        return False  # an outside line that the alarm calls takes nothing, on no leg: a colleague does
    if PARTY_OF[kind] is Party.SCHOOL or has_it:
        return True
    return not is_colleague and purpose == "step" and not is_by_hand(role)


class Face(StrEnum):
    """What one link shows now."""

    ASK = "ask"
    """They are being called and may answer."""
    CARD = "card"
    """They have it."""
    TAKEN = "taken"
    """Somebody else has it."""
    HELD = "held"
    """Nothing is to be done for now."""
    DECLINED = "declined"
    WRONG_NUMBER = "wrong_number"
    PAST = "past"
    """What they were called for is over, and it was begun anew since: a new message would come."""
    OVER = "over"


def face_of(state: LegState, *, answer: str, has_card: bool, is_current: bool) -> Face:
    """The face of a link. ``is_current``: it was sent in the leg's present epoch; ``has_card``: a card that still counts.

    A link of an older epoch never answers for a newer one: after a hold somebody else may be meant (chain §4, bound).
    """
    if answer == "wrong_number":
        return Face.WRONG_NUMBER
    if state in (LegState.HELD, LegState.FROZEN, LegState.ARMED):
        return Face.HELD
    if has_card:
        return Face.CARD
    if state in ENDED:
        return Face.OVER
    if answer == "declined":
        return Face.DECLINED
    if state in TAKEN:
        return Face.TAKEN
    return Face.ASK if is_current else Face.PAST


def is_gone(state: LegState, since: datetime, moment: datetime) -> bool:
    """Whether the link of a leg that has been in ``state`` ``since`` then shows nothing any more."""
    return state in ENDED and moment >= since + ENDS_AFTER


class Fate(StrEnum):
    """What a move of a leg makes of its cards."""

    KEEP = "keep"
    END = "end"
    """Read for one more hour."""
    REVOKE = "revoke"
    REVOKE_OTHERS = "revoke_others"
    """All but that of who has the leg now."""


_LETS_GO: Final = frozenset({LegEvent.RELEASE, LegEvent.TAKE})


def fate_of_cards(before: LegState, event: LegEvent, after: LegState) -> Fate:
    """What ``event`` makes of the cards of a leg. Whoever did not come in time keeps theirs: they may still arrive."""
    if after in ENDED:
        return Fate.KEEP if before in ENDED else Fate.END
    if after not in PAGED | TAKEN or before in ENDED:
        return Fate.REVOKE
    if event in _LETS_GO:
        return Fate.REVOKE
    if event in (LegEvent.ACKNOWLEDGE, LegEvent.ENGAGE):
        return Fate.REVOKE_OTHERS
    return Fate.KEEP
