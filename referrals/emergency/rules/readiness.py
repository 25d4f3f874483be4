"""Would it hold if something happened tonight: what a school lacks, how badly, and who mends it (chain §2, §8). Pure.

``WHYS`` has one row for everything that can be short; a page only puts it into words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from referrals.emergency.rules.plan_check import Mender

PROOF_LASTS: Final = timedelta(days=90)
"""So long "send me a test" proves a channel (chain §8)."""

DRILL_LASTS: Final = timedelta(days=183)
"""A drill once a semester."""

SHEET_LASTS: Final = timedelta(days=14)
"""A printed sheet shows the rota of fourteen days; after them it names people who are at home."""

ENDS_SOON: Final = timedelta(days=30)
"""Before an agreement or what lies in a kit ends, so long there is time."""

MOST_WITH_CONTACT: Final = 80
FEWEST_WITH_CONTACT: Final = 50
"""Percent of the staff with somebody who would be called: from the first on it holds, below the second it is missing."""

HALF: Final = 50
"""Percent of the staff whose home community is known, from which on it holds."""


class Level(StrEnum):
    """How a tile stands, worst first."""

    MISSING = "missing"
    LOOK = "look"
    HOLDS = "holds"


_WORST: Final = tuple(Level)


class Area(StrEnum):
    """One tile of the page, in the order of the page."""

    ROTA = "rota"
    SEATS = "seats"
    PLANS = "plans"
    OUTSIDE = "outside"
    CHANNELS = "channels"
    LOCAL_LINE = "local_line"
    AGREEMENTS = "agreements"
    CONTACTS = "contacts"
    COMMUNITY = "community"
    KIT = "kit"
    DRILL = "drill"
    SHEET = "sheet"


class Why(StrEnum):
    """Everything that can be short."""

    DUTY_GAPS = "duty_gaps"
    AWAY_DUE = "away_due"
    AWAY_AHEAD = "away_ahead"
    SEATS_EMPTY = "seats_empty"
    DEPUTIES = "deputies"
    UNION_UNLED = "union_unled"
    PLANS_MISSING = "plans_missing"
    PLANS_FAULTY = "plans_faulty"
    OPERATOR_LINE = "operator_line"
    HEARTBEAT = "heartbeat"
    OPERATOR_PHONE = "operator_phone"
    NO_CHANNEL = "no_channel"
    UNPROVEN = "unproven"
    PROVEN_LONG_AGO = "proven_long_ago"
    NO_LOCAL_LINE = "no_local_line"
    NO_HOSPITAL = "no_hospital"
    AGREEMENT_ENDS = "agreement_ends"
    CONTACTS_MISSING = "contacts_missing"
    CONTACTS_FEW = "contacts_few"
    CONTACTS_UNTOLD = "contacts_untold"
    CONTACTS_BY_HAND = "contacts_by_hand"
    NO_COMMUNITY = "no_community"
    HOMES_FEW = "homes_few"
    HOMES_UNTOLD = "homes_untold"
    NO_KIT = "no_kit"
    KIT_OVER = "kit_over"
    KIT_ENDS = "kit_ends"
    KIT_SHORT = "kit_short"
    NO_DRILL = "no_drill"
    DRILL_OLD = "drill_old"
    NO_SHEET = "no_sheet"
    SHEET_OLD = "sheet_old"


class Means(NamedTuple):
    """On which tile it stands, how bad it is, and who mends it."""

    area: Area
    level: Level
    mends: Mender


_RED, _AMBER = Level.MISSING, Level.LOOK

WHYS: Final[Mapping[Why, Means]] = MappingProxyType(
    {
        Why.DUTY_GAPS: Means(Area.ROTA, _RED, Mender.CENTRE),
        Why.AWAY_DUE: Means(Area.ROTA, _RED, Mender.CENTRE),
        Why.AWAY_AHEAD: Means(Area.ROTA, _AMBER, Mender.CENTRE),
        Why.SEATS_EMPTY: Means(Area.SEATS, _RED, Mender.CENTRE),
        Why.DEPUTIES: Means(Area.SEATS, _RED, Mender.CENTRE),
        Why.UNION_UNLED: Means(Area.SEATS, _AMBER, Mender.ADMIN),
        Why.PLANS_MISSING: Means(Area.PLANS, _RED, Mender.CENTRE),
        Why.PLANS_FAULTY: Means(Area.PLANS, _RED, Mender.CENTRE),
        Why.OPERATOR_LINE: Means(Area.OUTSIDE, _RED, Mender.CENTRE),
        Why.HEARTBEAT: Means(Area.OUTSIDE, _RED, Mender.OPERATOR),
        Why.OPERATOR_PHONE: Means(Area.OUTSIDE, _RED, Mender.OPERATOR),
        Why.NO_CHANNEL: Means(Area.CHANNELS, _RED, Mender.ADMIN),
        Why.UNPROVEN: Means(Area.CHANNELS, _RED, Mender.ADMIN),
        Why.PROVEN_LONG_AGO: Means(Area.CHANNELS, _AMBER, Mender.ADMIN),
        Why.NO_LOCAL_LINE: Means(Area.LOCAL_LINE, _RED, Mender.CENTRE),
        Why.NO_HOSPITAL: Means(Area.AGREEMENTS, _RED, Mender.UNION),
        Why.AGREEMENT_ENDS: Means(Area.AGREEMENTS, _AMBER, Mender.UNION),
        Why.CONTACTS_MISSING: Means(Area.CONTACTS, _RED, Mender.CENTRE),
        Why.CONTACTS_FEW: Means(Area.CONTACTS, _AMBER, Mender.CENTRE),
        Why.CONTACTS_UNTOLD: Means(Area.CONTACTS, _AMBER, Mender.CENTRE),
        Why.CONTACTS_BY_HAND: Means(Area.CONTACTS, _RED, Mender.CENTRE),
        Why.NO_COMMUNITY: Means(Area.COMMUNITY, _RED, Mender.UNION),
        Why.HOMES_FEW: Means(Area.COMMUNITY, _AMBER, Mender.CENTRE),
        Why.HOMES_UNTOLD: Means(Area.COMMUNITY, _AMBER, Mender.CENTRE),
        Why.NO_KIT: Means(Area.KIT, _AMBER, Mender.CENTRE),
        Why.KIT_OVER: Means(Area.KIT, _RED, Mender.CENTRE),
        Why.KIT_ENDS: Means(Area.KIT, _AMBER, Mender.CENTRE),
        Why.KIT_SHORT: Means(Area.KIT, _AMBER, Mender.CENTRE),
        Why.NO_DRILL: Means(Area.DRILL, _RED, Mender.CENTRE),
        Why.DRILL_OLD: Means(Area.DRILL, _AMBER, Mender.CENTRE),
        Why.NO_SHEET: Means(Area.SHEET, _RED, Mender.CENTRE),
        Why.SHEET_OLD: Means(Area.SHEET, _AMBER, Mender.CENTRE),
    }
)


@dataclass(frozen=True, slots=True)
class Proof:
    """One of the school's own ways out that may carry a call: its channel, and when a test last arrived by it (UTC)."""

    channel: str
    proven_at: datetime | None


@dataclass(frozen=True, slots=True)
class Portion:
    """``reached`` of ``whole`` people. Under the school's fewest people nothing is said of it."""

    reached: int
    whole: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 is everybody."""
        return self.reached * 100 // self.whole if self.whole else 0


@dataclass(frozen=True, slots=True)
class Kit:
    """How many things lie in the kits, how many are over, end soon, or are fewer than they should be."""

    things: int = 0
    over: int = 0
    ends: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """A school at ``moment`` of the chain's clock; ``day`` is its own. ``lacks``: what going live lacks, counted.

    ``ends``: last days of the agreements with whoever takes somebody in, and with communities. ``contacts``, ``homes``: None
    where the staff are too few to be counted. ``by_hand``: people whose contacts live abroad, so that a person has to dial.
    ``away``: vacations not filled that are due to be, and those further ahead. ``is_union_led``: the union has a chair or a deputy.
    """

    moment: datetime
    day: date
    lacks: Mapping[Why, int]
    proofs: Sequence[Proof]
    has_other_way: bool
    has_local_line: bool
    hospitals: Sequence[date]
    communities: Sequence[date]
    contacts: Portion | None
    homes: Portion | None
    kit: Kit
    drilled_at: datetime | None
    printed_at: datetime | None
    away_due: int = 0
    away_ahead: int = 0
    is_union_led: bool = True
    by_hand: int = 0


@dataclass(frozen=True, slots=True)
class Short:
    """One thing that is short: how many of it (0: it is not counted), and what the sentence names."""

    why: Why
    many: int = 0
    about: str = ""

    @property
    def means(self) -> Means:
        """Its row of the table."""
        return WHYS[self.why]


@dataclass(frozen=True, slots=True)
class Tile:
    """An area with what it is short of, worst first; nothing: it holds."""

    area: Area
    shorts: Sequence[Short] = ()

    @property
    def level(self) -> Level:
        """The worst of it."""
        return min((short.means.level for short in self.shorts), key=_WORST.index, default=Level.HOLDS)


def tiles(facts: SchoolFacts) -> list[Tile]:
    """Every area in its order."""
    found: dict[Area, list[Short]] = {area: [] for area in Area}
    for short in shorts(facts):
        found[short.means.area].append(short)
    return [
        Tile(area, tuple(sorted(own, key=lambda short: _WORST.index(short.means.level)))) for area, own in found.items()
    ]


def shorts(facts: SchoolFacts) -> list[Short]:
    """All that is short at that moment."""
    counted = {**facts.lacks, Why.AWAY_DUE: facts.away_due, Why.AWAY_AHEAD: facts.away_ahead}
    found = [Short(why, many) for why, many in counted.items() if many]
    found += _of_channels(facts)
    if not facts.is_union_led:
        found.append(Short(Why.UNION_UNLED))
    if not facts.has_local_line:
        found.append(Short(Why.NO_LOCAL_LINE))
    found += _of_agreements(facts)
    found += _of_people(facts)
    found += _of_kit(facts.kit)
    found += _of_age(facts.drilled_at, DRILL_LASTS, facts.moment, Why.NO_DRILL, Why.DRILL_OLD)
    found += _of_age(facts.printed_at, SHEET_LASTS, facts.moment, Why.NO_SHEET, Why.SHEET_OLD)
    return found


def is_proven(proven_at: datetime | None, moment: datetime) -> bool:
    """Whether a proof still counts at ``moment``."""
    return proven_at is not None and moment - proven_at < PROOF_LASTS


def _of_channels(facts: SchoolFacts) -> Iterable[Short]:
    if not facts.proofs and not facts.has_other_way:
        yield Short(Why.NO_CHANNEL)
    for proof in facts.proofs:
        if proof.proven_at is None:
            yield Short(Why.UNPROVEN, about=proof.channel)
        elif not is_proven(proof.proven_at, facts.moment):
            yield Short(Why.PROVEN_LONG_AGO, (facts.moment - proof.proven_at).days, proof.channel)


def _of_agreements(facts: SchoolFacts) -> Iterable[Short]:
    if not facts.hospitals:
        yield Short(Why.NO_HOSPITAL)
    if not facts.communities:
        yield Short(Why.NO_COMMUNITY)
    ending = sum(until - facts.day <= ENDS_SOON for until in (*facts.hospitals, *facts.communities))
    if ending:
        yield Short(Why.AGREEMENT_ENDS, ending)


def _of_people(facts: SchoolFacts) -> Iterable[Short]:
    if facts.contacts is None:
        yield Short(Why.CONTACTS_UNTOLD)
    elif facts.contacts.percent < MOST_WITH_CONTACT:
        is_red = facts.contacts.percent < FEWEST_WITH_CONTACT
        yield Short(Why.CONTACTS_MISSING if is_red else Why.CONTACTS_FEW, facts.contacts.percent)
    if facts.by_hand:
        yield Short(Why.CONTACTS_BY_HAND, facts.by_hand)
    if facts.homes is None:
        yield Short(Why.HOMES_UNTOLD)
    elif facts.homes.percent < HALF:
        yield Short(Why.HOMES_FEW, facts.homes.percent)


def _of_kit(kit: Kit) -> Iterable[Short]:
    if not kit.things:
        yield Short(Why.NO_KIT)
    counted = {Why.KIT_OVER: kit.over, Why.KIT_ENDS: kit.ends, Why.KIT_SHORT: kit.short}
    yield from (Short(why, many) for why, many in counted.items() if many)


def _of_age(at: datetime | None, lasts: timedelta, moment: datetime, never: Why, old: Why) -> Iterable[Short]:
    if at is None:
        yield Short(never)
    elif moment - at >= lasts:
        yield Short(old, (moment - at).days)


class Still(StrEnum):
    """What a person can still do for themself."""

    SECOND = "second"
    COMMUNITY = "community"


def still_open(contacts: int, *, has_community: bool) -> list[Still]:
    """What somebody with at least one contact can still add. Nothing of it is a duty."""
    return ([Still.SECOND] if contacts == 1 else []) + ([] if has_community else [Still.COMMUNITY])
