"""What a report may hold, how many are taken, and how long one may lie unread (chain §1). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.step_rules import SeatKind

UNREAD: Final = timedelta(minutes=5)
"""So long a report may lie unread once somebody has its incident; then it calls by itself."""

ONE_PAGE_EVERY: Final = timedelta(minutes=10)
"""What is no danger now and comes without work opens a school's next incident, or calls its owner, no sooner."""

ONE_CALL_EVERY: Final = timedelta(minutes=1)
"""Of everything else: whoever has it is called about further reports no oftener."""

ONE_SIGN_EVERY: Final = timedelta(seconds=10)
"""In the house, where nothing rings."""

MOST_QUEUED: Final = 60
"""Reports of one school in ten minutes that are no danger now and come without work; the next ones are asked to wait."""

MOST_APART: Final = 3
"""Incidents without person that nobody has yet and of which somebody must not know; further ones join the newest."""

MOST_WORDS: Final = 4_000
MOST_LINE: Final = 200
MOST_LETTER: Final = 2_000
MOST_LETTERS: Final = 100
MOST_NAMES: Final = 5
MOST_SIGNS: Final = 12
"""Of one dimension, in a checklist of the school's own."""
LONGEST_SIGN: Final = 60


def read_by(moment: datetime) -> datetime:
    """Until when what came at ``moment`` (UTC) is to be read: ``UNREAD`` later at most, to the minute, so that the row does not
    say in which second somebody pressed.
    """
    return (moment + UNREAD).replace(second=0, microsecond=0)


class Dimension(StrEnum):
    """Where a sign is seen (row 14.1)."""

    MOOD = "mood"
    BEHAVIOUR = "behaviour"
    SPEECH = "speech"


class Post(StrEnum):
    """Who must not know of it, by what they are: nobody need know a name."""

    ON_DUTY = "on_duty"
    PSYCHOLOGISTS = "psychologists"
    CENTRE_HEAD = "centre_head"
    PRINCIPAL = "principal"
    MORAL = "moral"
    DOCTOR = "doctor"


SEAT_OF: Final[Mapping[Post, SeatKind]] = {
    Post.CENTRE_HEAD: SeatKind.CENTRE_HEAD,
    Post.PRINCIPAL: SeatKind.PRINCIPAL,
    Post.MORAL: SeatKind.MORAL,
    Post.DOCTOR: SeatKind.DOCTOR,
}

_WORDS: Final[Mapping[str, tuple[Post, ...]]] = {
    "值班": (Post.ON_DUTY,),
    "心理": (Post.PSYCHOLOGISTS, Post.ON_DUTY),
    "咨询": (Post.PSYCHOLOGISTS, Post.ON_DUTY),
    "psycholog": (Post.PSYCHOLOGISTS, Post.ON_DUTY),
    "counsel": (Post.PSYCHOLOGISTS, Post.ON_DUTY),
    "中心主任": (Post.CENTRE_HEAD,),
    "校长": (Post.PRINCIPAL,),
    "principal": (Post.PRINCIPAL,),
    "德育": (Post.MORAL,),
    "校医": (Post.DOCTOR,),
    "医生": (Post.DOCTOR,),
    "大夫": (Post.DOCTOR,),
    "doctor": (Post.DOCTOR,),
}


def posts_in(words: str) -> frozenset[Post]:
    """The posts that a name was given by: ``王校长`` is the principal, whatever the rest of it."""
    folded = words.casefold()
    return frozenset(post for word, posts in _WORDS.items() if word in folded for post in posts)
