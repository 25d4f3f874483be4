"""The keys and kinds of the ledger, without a framework: which account, how much, and which way each kind of transfer goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Book(StrEnum):
    """A pool belongs to a scheme of the school, a quota to one person or child (rules §1)."""

    POOL = "pool"
    QUOTA = "quota"


class Unit(StrEnum):
    """What is counted: whole fen, or whole sessions."""

    FEN = "fen"
    SESSION = "session"


class Bucket(StrEnum):
    """Where an amount stands. ``granted`` is the source and runs negative; the others never do."""

    GRANTED = "granted"
    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"


class Kind(StrEnum):
    """What a transfer does."""

    GRANT = "grant"
    RESERVE = "reserve"
    COMMIT = "commit"
    RELEASE = "release"
    FEE = "fee"  # spent for a missed appointment: part of what a unit holds
    REFUND = "refund"
    CORRECT = "correct"  # a unit that was spent with too little: the rest of its right split
    RETURN = "return"
    CARRY = "carry"


AGAINST: Final = frozenset({Kind.COMMIT, Kind.FEE, Kind.RELEASE, Kind.REFUND, Kind.CORRECT})
"""Kinds that belong to a reservation and must name it (books §1)."""

ALONE: Final = frozenset({Kind.GRANT, Kind.RETURN, Kind.CARRY})
"""What puts money into the books or takes it out: acts of their own, with a permission and a row of the record."""

DIRECTIONS: Final[Mapping[Kind, tuple[Bucket, Bucket]]] = {
    Kind.GRANT: (Bucket.GRANTED, Bucket.AVAILABLE),
    Kind.RESERVE: (Bucket.AVAILABLE, Bucket.RESERVED),
    Kind.COMMIT: (Bucket.RESERVED, Bucket.SPENT),
    Kind.FEE: (Bucket.RESERVED, Bucket.SPENT),
    Kind.RELEASE: (Bucket.RESERVED, Bucket.AVAILABLE),
    Kind.REFUND: (Bucket.SPENT, Bucket.AVAILABLE),
    Kind.CORRECT: (Bucket.AVAILABLE, Bucket.SPENT),
    Kind.RETURN: (Bucket.AVAILABLE, Bucket.GRANTED),
}
"""Kind → (taken from, put into). There is no other way for an amount to move, but ``carry``, which is two of them."""


def way_into(kind: Kind, bucket: Bucket) -> tuple[Bucket, Bucket]:
    """The way of an amount that ``kind`` put into ``bucket``: a carry returns in one year and grants in the next."""
    if kind is not Kind.CARRY:
        return DIRECTIONS[kind]
    return DIRECTIONS[Kind.RETURN if bucket is Bucket.GRANTED else Kind.GRANT]


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """One account of a school's books: four buckets. ``period`` is a year: the calendar year of a pool, the year a school year began in.

    ``owner``: a pool's scheme, or ``person:<id>/<scheme>`` and ``child:<id>/<scheme>``; never a name.
    """

    book: str
    owner: str
    period: int
    unit: str


@dataclass(frozen=True, slots=True)
class Balance:
    """One account at one moment, in its unit. ``granted = available + reserved + spent``, always."""

    granted: int = 0
    available: int = 0
    reserved: int = 0
    spent: int = 0
