"""A plan is checked like a program: what would go wrong when it runs, where, and who mends it (chain §2, §3). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.clocks import TICK_EVERY
from referrals.emergency.rules.grades import ROUNDS, STEP_WAIT, Grade, IncidentKind, LegKind
from referrals.emergency.rules.limits import A_NUMBER
from referrals.emergency.rules.on_duty import Span
from referrals.emergency.rules.plan_steps import LEAST_WAIT, MOST_WAIT, QUIET, REACHING, TARGETS, Step, needed_legs
from referrals.emergency.rules.step_rules import TEAM, SeatKind, Target

TEXTS_AN_HOUR: Final = A_NUMBER["sms"].hour
"""Text messages of one template that carriers let through to one number in an hour (chain §5): what *send* keeps to."""

CALLS_A_PAGE: Final = 2
"""A call is repeated once within three minutes."""


TICKS_AN_HOUR: Final = timedelta(hours=1) // TICK_EVERY
"""How often team and operator are called in an hour in which nobody has a leg."""
_OPERATOR: Final = 1


class Severity(StrEnum):
    """``stops``: such a plan cannot be put in use."""

    STOPS = "stops"
    WARNS = "warns"


class Mender(StrEnum):
    """Who can put it right."""

    CENTRE = "centre"
    ADMIN = "admin"
    UNION = "union"
    OPERATOR = "operator"


class Fault(StrEnum):
    """What can be wrong with a plan."""

    LEG_EMPTY = "leg_empty"
    LEG_ONLY_BY_HAND = "leg_only_by_hand"
    LAYER_EMPTY = "layer_empty"
    SEAT_EMPTY = "seat_empty"
    SEAT_NO_DEPUTY = "seat_no_deputy"
    LINE_ENDED = "line_ended"
    PARTNER_NO_AGREEMENT = "partner_no_agreement"
    PARTNER_NO_NUMBER = "partner_no_number"
    DIALS_SERVICE_NUMBER = "dials_service_number"
    ONLY_QUIET_CHANNELS = "only_quiet_channels"
    CHANNEL_MISSING = "channel_missing"
    NOT_CARRIED = "not_carried"
    NO_CHANNEL = "no_channel"
    UNREACHABLE = "unreachable"
    FEW_PEOPLE = "few_people"
    ONE_PSYCHOLOGIST = "one_psychologist"
    FEW_CHANNELS = "few_channels"
    WAIT_OUT_OF_BOUNDS = "wait_out_of_bounds"
    STEP_TWICE = "step_twice"
    WRONG_LEG = "wrong_leg"
    NO_AMBULANCE = "no_ambulance"
    TEXTS_SPENT = "texts_spent"
    ACCOUNT_SPENT = "account_spent"


_STOPS: Final = frozenset(Fault) - {
    Fault.SEAT_NO_DEPUTY,
    Fault.CHANNEL_MISSING,
    Fault.NOT_CARRIED,
    Fault.UNREACHABLE,
    Fault.STEP_TWICE,
    Fault.TEXTS_SPENT,
    Fault.ACCOUNT_SPENT,
}
_MENDS: Final[Mapping[Fault, Mender]] = {
    Fault.PARTNER_NO_AGREEMENT: Mender.UNION,
    Fault.PARTNER_NO_NUMBER: Mender.OPERATOR,
    Fault.DIALS_SERVICE_NUMBER: Mender.OPERATOR,
    Fault.NO_CHANNEL: Mender.ADMIN,
    Fault.CHANNEL_MISSING: Mender.ADMIN,
    Fault.NOT_CARRIED: Mender.ADMIN,
    Fault.ACCOUNT_SPENT: Mender.ADMIN,
    Fault.FEW_CHANNELS: Mender.ADMIN,
    Fault.UNREACHABLE: Mender.ADMIN,
}
"""The others are mended by the centre."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, at one step, at one leg, or of the whole plan."""

    fault: Fault
    severity: Severity
    mends: Mender
    leg: LegKind | None = None
    position: int | None = None
    about: str = ""
    """What the sentence names: a seat, a layer, a channel, a number of people."""

    @property
    def stops(self) -> bool:
        """Whether the plan cannot be used with it."""
        return self.severity is Severity.STOPS

    @property
    def key(self) -> str:
        """Equal for the same fault at the same place: it is told once."""
        return f"{self.fault}:{self.leg or ''}:{'' if self.position is None else self.position}:{self.about}"


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody whom a step may reach, and by which channels at all; ``key`` is equal for the same person or number."""

    key: str
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chair:
    """A seat that is held: by whom, and who stands in."""

    holder: Reached
    deputy: Reached | None = None


@dataclass(frozen=True, slots=True)
class OfPartner:
    """An institution as a plan needs it. ``number`` None: it has none that a machine can dial."""

    has_agreement: bool
    number: Reached | None
    is_service_number: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The school on the day of the check: its channels, who is on duty in which layer within fourteen days, its seats,
    its lines that answer, the institutions that plans name, and when nobody is called first.

    ``channels``: by which colleagues can be called; ``outside``: those of them that may carry a code to somebody outside
    (None: the same); ``entered``: those for which there is an account at all, whatever it may carry; ``an_hour``: how many
    messages its accounts let through in an hour by their own limits, for channels that nothing else carries.
    """

    channels: frozenset[str]
    outside: frozenset[str] | None = None
    entered: frozenset[str] = frozenset()
    an_hour: Mapping[str, int] = field(default_factory=dict)
    layers: Mapping[int, Sequence[Reached]] = field(default_factory=dict)
    seats: Mapping[SeatKind, Chair] = field(default_factory=dict)
    lines: Mapping[str, Reached] = field(default_factory=dict)
    partners: Mapping[str, OfPartner] = field(default_factory=dict)
    holes: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """How many people on how many channels make a leg ready."""

    people: int
    channels: int
    stops: bool


_NEEDS: Final[Mapping[LegKind, Needs]] = {
    LegKind.SCHOOL: Needs(2, 2, True),
    LegKind.TEAM: Needs(2, 2, True),
    LegKind.FAMILY: Needs(2, 2, True),
    # Institutions answer by one telephone, behind which several people sit.
    LegKind.MEDICAL: Needs(2, 1, False),
    LegKind.COMMUNITY: Needs(1, 1, True),
}


def check(kind: IncidentKind, grade: Grade, steps: Iterable[Step], facts: Facts) -> list[Finding]:
    """Every fault of a plan, in the order of legs and steps; those of the whole plan first."""
    ordered = sorted(steps, key=lambda step: step.position)
    found = [*_of_plan(kind, grade, ordered), *_of_accounts(ordered, facts)]
    for leg in LegKind:
        own = [step for step in ordered if step.leg is leg]
        if not own:
            found += [_finding(Fault.LEG_EMPTY, leg)] if leg in needed_legs(kind, grade) else []
            continue
        found += _of_leg(leg, grade, own, facts)
        if leg is LegKind.SCHOOL and kind is not IncidentKind.MEDICAL and _has_one_psychologist(own, facts):
            found.append(_finding(Fault.ONE_PSYCHOLOGIST, leg))
        for step in own:
            found += _of_step(step, grade, facts)
    return found


def _finding(
    fault: Fault,
    leg: LegKind | None = None,
    position: int | None = None,
    about: object = "",
    *,
    stops: bool | None = None,
) -> Finding:
    stopping = fault in _STOPS if stops is None else stops
    mends = _MENDS.get(fault, Mender.CENTRE)
    if fault is Fault.LEG_ONLY_BY_HAND and leg is LegKind.MEDICAL:
        mends = Mender.UNION
    return Finding(fault, Severity.STOPS if stopping else Severity.WARNS, mends, leg, position, str(about))


def _of_plan(kind: IncidentKind, grade: Grade, steps: Sequence[Step]) -> Iterator[Finding]:
    """Who may be dying needs 120, and only a person can call it: somebody is asked to, at the beginning of a leg."""
    if kind is IncidentKind.MEDICAL or grade is Grade.EXTREME:
        first = [step for step in steps if step.is_by_hand and step.rule.dial == "120" and step.position == 0]
        if not first:
            yield _finding(Fault.NO_AMBULANCE)


def _of_accounts(steps: Sequence[Step], facts: Facts) -> Iterator[Finding]:
    """Where an hour in which nobody answers needs more of a channel than the school's accounts let through."""
    for channel, most in facts.an_hour.items():
        if needed_in_an_hour(channel, steps, facts) > most:
            yield _finding(Fault.ACCOUNT_SPENT, None, None, channel)


def needed_in_an_hour(channel: str, steps: Sequence[Step], facts: Facts) -> int:
    """Messages of a channel, at most: every step in every round, then team and operator every five minutes; texts as far as
    carriers let them through to one number.
    """
    a_page = CALLS_A_PAGE if channel == "voice" else 1
    paged = [one for step in steps for one in _reached(step, facts) if channel in _ways(step, one, facts)]
    team = {one.key for kind in TEAM if kind in facts.seats for one in (facts.seats[kind].holder,)}
    alarms = TICKS_AN_HOUR * a_page if channel == "voice" else min(TICKS_AN_HOUR, TEXTS_AN_HOUR)
    return len(paged) * ROUNDS * a_page + (len(team) + _OPERATOR) * alarms


def _of_leg(leg: LegKind, grade: Grade, steps: Sequence[Step], facts: Facts) -> Iterator[Finding]:
    paged = [step for step in steps if not step.is_by_hand]
    if not paged:
        yield _finding(Fault.LEG_ONLY_BY_HAND, leg)
        return
    reached = {one.key: _ways(step, one, facts) for step in paged for one in _reached(step, facts)}
    people = [key for key, ways in reached.items() if ways]
    needs = _NEEDS[leg]
    if len(people) < needs.people:
        yield _finding(Fault.FEW_PEOPLE, leg, None, len(people), stops=needs.stops)
    ways = frozenset[str]().union(*reached.values()) if reached else frozenset()
    if people and len(ways) < needs.channels:
        yield _finding(Fault.FEW_CHANNELS, leg, None, len(ways), stops=needs.stops)
    rules = [step.rule for step in steps]
    for number, step in enumerate(steps):
        if step.rule in rules[:number]:
            yield _finding(Fault.STEP_TWICE, leg, step.position)
    spent = _texts_in_an_hour(grade, paged, facts)
    if spent > TEXTS_AN_HOUR:
        yield _finding(Fault.TEXTS_SPENT, leg, None, spent)


def _has_one_psychologist(steps: Sequence[Step], facts: Facts) -> bool:
    """Whether one person is on duty in every layer of the rota, and neither a line outside nor the district seat stands
    behind them (chain §2): when they are ill, on leave, or the one concerned, nobody of the profession is called.
    """
    on_duty = {one.key for layer in facts.layers.values() for one in layer}
    behind = [
        one
        for step in steps
        if step.rule.target is Target.LINE or step.rule.seat is SeatKind.DISTRICT
        for one in _reached(step, facts)
        if _ways(step, one, facts)
    ]
    return len(on_duty - {line.key for line in facts.lines.values()}) == len(on_duty) == 1 and not behind


def _texts_in_an_hour(grade: Grade, steps: Sequence[Step], facts: Facts) -> int:
    """The most text messages that one number gets in the first hour, before the leg is exhausted."""
    minutes = [step.wait_minutes or STEP_WAIT[grade] // timedelta(minutes=1) for step in steps]
    a_round = max(sum(minutes), 1)
    rounds = min(ROUNDS, -(-60 // a_round))
    counts: dict[str, int] = {}
    for step in steps:
        for one in {one.key: one for one in _reached(step, facts)}.values():
            counts[one.key] = counts.get(one.key, 0) + ("sms" in _ways(step, one, facts))
    return max(counts.values(), default=0) * rounds


def _of_step(step: Step, grade: Grade, facts: Facts) -> Iterator[Finding]:
    def at(fault: Fault, about: object = "", *, stops: bool | None = None) -> Finding:
        return _finding(fault, step.leg, step.position, about, stops=stops)

    if step.rule.target not in TARGETS[step.leg]:
        yield at(Fault.WRONG_LEG)
    if step.wait_minutes is not None and not LEAST_WAIT <= step.wait_minutes <= MOST_WAIT[grade]:
        yield at(Fault.WAIT_OUT_OF_BOUNDS, MOST_WAIT[grade])
    reaching = [channel for channel in step.channels if channel in REACHING]
    if not reaching:
        yield at(Fault.ONLY_QUIET_CHANNELS)
    else:
        open_ones = _channels(step, facts)
        there = [channel for channel in reaching if channel in open_ones]
        if not there:
            yield at(Fault.NO_CHANNEL)
        for channel in reaching:
            if channel in facts.entered - open_ones:
                yield at(Fault.NOT_CARRIED, channel)
            elif there and channel not in there:
                yield at(Fault.CHANNEL_MISSING, channel)
    yield from _of_target(step, facts)
    if not step.is_by_hand and set(reaching) & _channels(step, facts):
        for one in _reached(step, facts):
            if not _ways(step, one, facts):
                yield at(Fault.UNREACHABLE, one.key)


def _of_target(step: Step, facts: Facts) -> Iterator[Finding]:
    rule = step.rule
    match rule.target:
        case Target.ON_DUTY if not facts.layers.get(rule.number or 0):
            yield _finding(Fault.LAYER_EMPTY, step.leg, step.position, rule.number, stops=rule.number == 1)
        case Target.SEAT | Target.DEPUTY | Target.TEAM:
            for kind in TEAM if rule.target is Target.TEAM else (rule.seat,):
                assert kind is not None  # a rule of a seat names one, by the database
                chair = facts.seats.get(kind)
                if chair is None:
                    yield _finding(Fault.SEAT_EMPTY, step.leg, step.position, kind)
                elif chair.deputy is None:
                    stops = rule.target is Target.DEPUTY
                    yield _finding(Fault.SEAT_NO_DEPUTY, step.leg, step.position, kind, stops=stops)
        case Target.LINE if rule.ref not in facts.lines:
            yield _finding(Fault.LINE_ENDED, step.leg, step.position)
        case Target.PARTNER:
            partner = facts.partners.get(rule.ref)
            if partner is None or not partner.has_agreement:
                yield _finding(Fault.PARTNER_NO_AGREEMENT, step.leg, step.position)
            elif partner.is_service_number:
                yield _finding(Fault.DIALS_SERVICE_NUMBER, step.leg, step.position)
            elif partner.number is None:
                yield _finding(Fault.PARTNER_NO_NUMBER, step.leg, step.position)


def _reached(step: Step, facts: Facts) -> list[Reached]:
    """Whom the step may reach. Of a contact and of the community at home it is known only in an incident who they are."""
    rule = step.rule
    match rule.target:
        case Target.ON_DUTY:
            return list(facts.layers.get(rule.number or 0, ()))
        case Target.SEAT | Target.DEPUTY | Target.TEAM:
            kinds = TEAM if rule.target is Target.TEAM else (rule.seat,)
            chairs = [facts.seats[kind] for kind in kinds if kind is not None and kind in facts.seats]
            holders = [] if rule.target is Target.DEPUTY else [chair.holder for chair in chairs]
            return [*holders, *(chair.deputy for chair in chairs if chair.deputy is not None)]
        case Target.LINE:
            return [facts.lines[rule.ref]] if rule.ref in facts.lines else []
        case Target.PARTNER:
            partner = facts.partners.get(rule.ref)
            usable = partner is not None and partner.has_agreement and partner.number is not None
            return [partner.number] if usable and partner is not None and partner.number is not None else []
        case Target.CONTACT:
            return [Reached(rule.role, frozenset(REACHING))]
        case Target.HOME_COMMUNITY:
            return [Reached(rule.role, frozenset(REACHING))]
    return []


def _ways(step: Step, one: Reached, facts: Facts) -> frozenset[str]:
    """The channels on which a step really reaches somebody: they ring, the school has them, and the person too."""
    return (frozenset(step.channels) - frozenset(QUIET)) & _channels(step, facts) & one.channels


_OUTSIDE_LEGS: Final = frozenset({LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY})
_OUTSIDE_TARGETS: Final = frozenset({Target.CONTACT, Target.PARTNER, Target.HOME_COMMUNITY, Target.LINE})


def _channels(step: Step, facts: Facts) -> frozenset[str]:
    """Those that may carry what this step says: to somebody outside it says a code."""
    is_outside = (step.leg in _OUTSIDE_LEGS and not step.is_by_hand) or step.rule.target in _OUTSIDE_TARGETS
    return facts.channels if facts.outside is None or not is_outside else facts.outside
