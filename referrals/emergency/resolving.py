"""Whom a step's rule reaches now (chain §2): posts, contacts and lines as they stand at this moment, never a cache.

A ``Resolver`` judges the rows of one batch of legs, which were read in one message (``leg_facts``). Left out of everything, by person
**and** by number: the person concerned, whoever is never to be told about them, who has left, who said no in this incident.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Membership
from accounts.same_person import People, with_accounts
from kernel.clock import local_day
from kernel.errors import Refused
from referrals.emergency.leg_facts import AnyStep, LegFacts, Step
from referrals.emergency.models import (
    Chain,
    DutyShift,
    Incident,
    LeftOut,
    Leg,
    LegStep,
    NeverContact,
    PlanStep,
    Recipient,
    Seat,
)
from referrals.emergency.models.contacts import number_hash, number_hashes
from referrals.emergency.rules.drills import Fault, Part, part_of
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.line_numbers import line_number
from referrals.emergency.rules.numbers import SERVICE_NUMBERS, is_abroad, is_landline, is_service_number
from referrals.emergency.rules.plan_states import ChainState, PlanState
from referrals.emergency.rules.step_rules import (
    TEAM,
    WITH_DEPUTIES,
    SeatKind,
    StepRule,
    Target,
    contact,
    default_steps,
    known_rule,
)
from tenancy.messages import together
from tenancy.models import Tenant
from tenancy.page_memory import OnceAPage
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

__all__ = [
    "SERVICE_NUMBERS",
    "PlannedStep",
    "Reached",
    "Resolver",
    "left_out_of",
    "must_be_live",
    "seats_of",
    "steps_for",
]

logger = logging.getLogger(__name__)

SILENT: Final = ("sms", "voice")
WECOM: Final = "wecom"
IN_HOUSE: Final = "in_app"
_NOBODY: Final[frozenset[bytes]] = frozenset()


class Never(NamedTuple):
    """Who is never told: keyed hashes of numbers, and colleagues."""

    numbers: frozenset[bytes]
    members: frozenset[UUID]


class PlannedStep(NamedTuple):
    """A step as a plan in use has it. ``wait_seconds`` None: the grade's own."""

    rule: StepRule
    wait_seconds: int | None = None
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody a rule leads to now. ``target`` says whether two are the same; ``addresses``: channel → where to."""

    role: str
    target: bytes
    member_id: UUID | None = None
    partner_id: UUID | None = None
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)


def steps_for(kind: IncidentKind, grade: Grade) -> Mapping[LegKind, list[PlannedStep]]:
    """The steps of the plan in use; where a school has none, or none for a leg, those of the rules."""
    return plan_for(kind, grade)[0]


def plan_for(kind: IncidentKind, grade: Grade) -> tuple[Mapping[LegKind, list[PlannedStep]], frozenset[str]]:
    """The same, and the legs of which the plan holds a step that only newer code can read: it is left out, the others stand.

    A process from before an update goes on beside the newer one, and stays where an update was taken back.
    """
    steps: dict[LegKind, list[PlannedStep]] = defaultdict(list)
    unread: set[str] = set()
    in_use = PlanStep.objects.filter(plan__kind=kind, plan__grade=grade, plan__state=PlanState.IN_USE.value)
    for row in in_use.order_by("leg", "position"):  # of one plan: the database has no second one in use
        wait = row.wait_minutes * 60 if row.wait_minutes is not None else None
        try:
            leg, rule = LegKind(row.leg), row.rule
        except ValueError:
            unread.add(row.leg)
            logger.error("a step of plan %s was left out: this version cannot read it", row.plan_id)
            continue
        steps[leg].append(PlannedStep(rule, wait, tuple(row.channels)))
    for leg, rules in default_steps(kind, grade).items():
        if leg not in steps:
            steps[leg] = [PlannedStep(rule) for rule in rules]
    return steps, frozenset(unread)


def must_be_live(is_drill: bool) -> None:
    """Refused ``chain_off`` while the school's chain does not take this: drills in rehearsal, all when it is live."""
    state = Chain.objects.values_list("state", flat=True).first() or ChainState.OFF.value
    if state == ChainState.LIVE.value or (is_drill and state == ChainState.REHEARSAL.value):
        return
    raise Refused("chain_off")


def left_out_of(incident: Incident) -> Never:
    """Who hears nothing of ``incident``: the person and who is never told, under every account and by every number of theirs.
    Two queries; while a page is made, once.
    """
    return _left_out_of(incident.pk, incident.person_id)


@OnceAPage
def _left_out_of(incident: UUID, person: UUID | None) -> Never:
    never = NeverContact.objects.filter(person_id=person)
    left_out = LeftOut.objects.filter(incident_id=incident)
    meant = Q(pk=person) | Q(pk__in=never.values("member")) | Q(pk__in=left_out.values("member"))
    who = with_accounts(Membership.objects.filter(meant)).order_by()
    together(never, left_out, who)
    people, school = People.of(who).everywhere(), current_tenant_id()
    numbers = {bytes(row.number_hash) for rows in (never, left_out) for row in rows if row.number_hash}
    return Never(number_hashes(school, people.phones) | numbers, people.members)


def seats_of(member_id: UUID, moment: datetime) -> frozenset[SeatKind]:
    """The seats that a colleague holds or stands in for on the school's day."""
    return frozenset(SeatKind(kind) for kind in seat_kinds(member_id, _day(moment)))


def seat_kinds(member_id: UUID | None, day: date) -> "QuerySet[Seat, str]":
    """The same, not asked yet."""
    return _seats(day).filter(Q(holder_id=member_id) | Q(deputy_id=member_id)).values_list("kind", flat=True)


def shift_ends(member_id: UUID | None, moment: datetime) -> datetime | None:
    """When the shift ends in which a colleague is on duty; None for whoever is not."""
    if member_id is None:
        return None
    rows = DutyShift.objects.filter(holder_id=member_id, starts_at__lte=moment, ends_at__gt=moment)
    return rows.order_by("-ends_at").values_list("ends_at", flat=True).first()


def _seats(day: date):  # type: ignore[no-untyped-def]
    return Seat.objects.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)


def _day(moment: datetime) -> date:
    return local_day(moment, Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone)


def of_number(role: str, number: str, *, partner_id: UUID | None = None) -> Reached | None:
    """Somebody outside, by their number. None for what no machine dials, and for numbers abroad: a person calls those."""
    if not number or is_service_number(number) or is_abroad(number):
        return None
    channels = ("voice",) if is_landline(number) or number.startswith("400") else SILENT
    return Reached(role, number_hash(current_tenant_id(), number), None, partner_id, dict.fromkeys(channels, number))


class Resolver:
    """Whom the rules of some legs reach, by the ``facts`` of their school; ``people``: incident → person concerned."""

    def __init__(self, facts: LegFacts, people: Mapping[UUID, UUID | None]) -> None:
        self.facts, self.people = facts, people
        self._ways: dict[UUID, tuple[bytes, Mapping[str, str]] | None] = {}
        self._out: dict[UUID, Never] = {}

    def reach(self, leg: Leg, rule: StepRule) -> list[Reached]:
        """Whom ``rule`` reaches now, each once; nobody when all are left out."""
        out = self._no_more_on(leg)
        found: dict[bytes, Reached] = {}
        for reached in self._in_drill(leg, rule, out) if leg.is_drill else self._by_target(leg, rule, out):
            if not _is_out(reached, out) or self._has_it(leg, rule, reached):
                found.setdefault(reached.target, reached)
        return list(found.values())

    def reach_member(self, role: str, member_id: UUID) -> Reached | None:
        """A colleague with all the ways to them; None for who has left or has no account."""
        if member_id not in self._ways:
            # Whom no post, seat or exclusion names is asked for by itself: somebody a colleague has chosen.
            member = self.facts.members.get(member_id) or Membership.objects.filter(pk=member_id).first()
            stands = member is not None and not member.waits and member.is_current(self.facts.today)
            self._ways[member_id] = _ways_to(member, self.facts.has_wecom) if member is not None and stands else None
        ways = self._ways[member_id]
        return Reached(role, ways[0], member_id, None, ways[1]) if ways else None

    def reach_colleague(self, leg: Leg, role: str, member_id: UUID) -> Reached | None:
        """A colleague who was named by another; None also for whoever must never know of this incident."""
        if leg.is_drill and member_id not in self._players(leg, Part.SELF):
            return None
        reached = self.reach_member(role, member_id)
        out = self._left_out(leg.incident_id)
        return None if reached is None or _is_out(reached, out) else reached

    def still_reaches(self, leg: Leg, rule: StepRule, page: Recipient) -> bool:
        """Whether somebody who was called by ``rule`` may be called once more. Who it is was settled by their page; what bites at
        once bites here too (chain §2): left out, said no, has left, a contact who agreed no longer or to another grade.
        """
        target, out = bytes(page.target_hash), self._no_more_on(leg)
        if target in out.numbers:
            return False
        if page.member_id is not None:
            member = self.reach_member(page.role, page.member_id)
            return member is not None and not _is_out(member, out)
        if rule.target is not Target.CONTACT:
            return True
        both = (self._contact(leg, contact(rank)) for rank in (1, 2))  # the other one may have moved up
        return any(one is not None and one.target == target for one in both)

    def _no_more_on(self, leg: Leg) -> Never:
        """Who is called no more on ``leg``: left out, and whoever said no; of the team also who has answered."""
        out = self._left_out(leg.incident_id)
        gone = self.facts.gone.get(leg.incident_id, _NOBODY)
        if leg.kind == LegKind.TEAM:
            gone |= self.facts.gone.get(leg.pk, _NOBODY)
        return Never(out.numbers | gone, out.members)

    def fault(self, leg: Leg, step: AnyStep) -> Fault | None:
        """What goes wrong on purpose with a step of a drill; None for whatever is real."""
        told = self.facts.faults.get(leg.incident_id, {}).get((leg.kind, step.position)) if leg.is_drill else None
        return Fault(told) if told else None

    def _players(self, leg: Leg, part: Part) -> frozenset[UUID]:
        return self.facts.players.get(leg.incident_id, {}).get(part, frozenset())

    def _in_drill(self, leg: Leg, rule: StepRule, out: Never) -> list[Reached]:
        """Colleagues who play: themselves in their own post, else whoever is not of the house. In the house alone, and nobody
        else: whoever is in no drill hears of none.
        """
        part = part_of(leg.kind, rule.target, rule.number)
        found = [None] if part is not None else self._by_target(leg, rule, out)
        own = self._players(leg, Part.SELF)
        rows = []
        for reached in found:
            if reached is not None and reached.member_id is not None:
                rows += [reached] if reached.member_id in own else []
                continue
            played = part or Part.LINE  # a post that a line outside holds
            for member in self._players(leg, played):
                # By a target of the part's own: who plays two parties may say no for one of them.
                target = blind_index(current_tenant_id(), "emergency.played", f"{leg.incident_id}:{played}")
                player = self.reach_member(reached.role if reached else rule.role, member)
                rows += [replace(player, target=target)] if player else []
        return [replace(row, addresses={IN_HOUSE: row.addresses[IN_HOUSE]}) for row in rows]

    def _by_target(self, leg: Leg, rule: StepRule, out: Never) -> list[Reached]:
        person = self.people[leg.incident_id]
        match rule.target:
            case Target.ON_DUTY:
                found = [self._on_duty(rule.number or 1, rule.role)]
            case Target.SEAT:
                found = [self._seat(rule.seat, rule.role, out)]
            case Target.DEPUTY:
                found = [self._deputy(rule.seat, rule.role)]
            case Target.TEAM:
                found = [self._seat(kind, f"{rule.target}:{kind.value}", out) for kind in TEAM]
                if rule.number == WITH_DEPUTIES:
                    found += [self._deputy(kind, f"{Target.DEPUTY}:{kind.value}") for kind in TEAM]
            case Target.CONTACT:
                found = [self._contact(leg, rule)]
            case Target.PARTNER:
                found = [self._partner(UUID(rule.ref), rule.role)]
            case Target.HOME_COMMUNITY:
                found = [self._partner(self.facts.homes.get(person), rule.role)] if person else []
            case Target.LINE:
                found = [self._line(UUID(rule.ref), rule.role)]
            case Target.OPERATOR:
                found = [self._line(self.facts.operator, rule.role)]
            case Target.OWNER | Target.BY_HAND:
                owner = leg.owner_id or self.facts.owners.get(leg.incident_id)
                has_it = self.reach_member(rule.role, owner) if owner else None
                is_there = has_it is not None and self._has_it(leg, rule, has_it)
                found = [has_it if is_there else self._on_duty(1, rule.role)]
        return [reached for reached in found if reached is not None]

    def _has_it(self, leg: Leg, rule: StepRule, reached: Reached) -> bool:
        """Whether they are asked because they have the leg, or the school's: then also who said no to something else."""
        owner = leg.owner_id or self.facts.owners.get(leg.incident_id)
        asks = rule.target in (Target.OWNER, Target.BY_HAND) and owner is not None and reached.member_id == owner
        return asks and not _is_out(reached, self._left_out(leg.incident_id))

    def _on_duty(self, layer: int, role: str) -> Reached | None:
        shift = self.facts.shifts.get(layer)
        if shift is None:
            return None
        return self.reach_member(role, shift.holder) if shift.holder else self._line(shift.line, role)

    def _seat(self, kind: SeatKind | None, role: str, out: Never) -> Reached | None:
        """The holder; the deputy where the holder must not know, has left, or cannot be reached."""
        row = self.facts.seats.get(kind or "")
        if row is None:
            return None
        holder = self.reach_member(role, row.holder) if row.holder else self._line(row.line, role)
        return self._deputy(kind, role) if holder is None or _is_out(holder, out) else holder

    def _deputy(self, kind: SeatKind | None, role: str) -> Reached | None:
        row = self.facts.seats.get(kind or "")
        if row is None:
            return None
        return self.reach_member(role, row.deputy) if row.deputy else self._line(row.deputy_line, role)

    def _line(self, pk: UUID | None, role: str) -> Reached | None:
        number = self.facts.lines.get(pk) if pk else None
        return of_number(role, number) if number else None

    def _contact(self, leg: Leg, rule: StepRule) -> Reached | None:
        """A contact who agreed, may be called at this grade, and whose number is not known to be wrong."""
        person = self.people[leg.incident_id]
        row = self.facts.contacts.get((person, rule.number or 1)) if person else None
        if row is None or leg.grade not in row.grades or row.fault:
            return None
        return of_number(rule.role, row.relative.phone)

    def _partner(self, pk: UUID | None, role: str) -> Reached | None:
        """An institution's duty line, while an agreement with this school stands on this day."""
        # Read as the check of a plan reads it (``plan_facts``): what stands there as reached is called.
        number = line_number(self.facts.partners.get(pk, "")) if pk else ""
        return of_number(role, number, partner_id=pk) if number else None

    def _left_out(self, incident: UUID) -> Never:
        """Whoever must not know of the incident or about its person, and the person: under every account that a rule could lead
        to, and by every number of theirs today; also of one who has left, or never took the place."""
        if incident not in self._out:
            person = self.people[incident]
            lists = [self.facts.left_out.get(incident), self.facts.never.get(person) if person else None]
            members = {member for one in lists if one for member in one.members} | ({person} if person else set())
            given = [self.facts.members[pk] for pk in members if pk in self.facts.members]
            people = People.of(given).joined(self.facts.members.values())
            numbers = number_hashes(current_tenant_id(), people.phones)
            numbers |= {number for one in lists if one for number in one.numbers}
            self._out[incident] = Never(numbers, people.members | members)
        return self._out[incident]


def _ways_to(member: Membership, has_wecom: bool) -> tuple[bytes, Mapping[str, str]]:
    """By what a colleague is told from another, and channel → where to."""
    addresses = {IN_HOUSE: str(member.pk)}
    number = member.phone
    if number and not is_service_number(number) and not is_abroad(number):
        addresses |= dict.fromkeys(("voice",) if is_landline(number) else SILENT, number)
        if not is_landline(number) and has_wecom:
            addresses[WECOM] = number  # the member is found by it when the page leaves
    if member.email:
        addresses["email"] = member.email
    if number:
        return number_hash(current_tenant_id(), number), addresses
    return blind_index(current_tenant_id(), "emergency.member", str(member.pk)), addresses


def _is_out(reached: Reached, out: Never) -> bool:
    return reached.target in out.numbers or (reached.member_id is not None and reached.member_id in out.members)


def rule_of(step: AnyStep) -> StepRule:
    """The rule that a leg's step holds."""
    return StepRule.from_json(step.rule)


def readable[S: (LegStep, Step)](steps: Iterable[S]) -> list[S]:
    """The steps whose rule this code can read: pages and acts go on by these while an update runs. The engine leaves a leg with
    any other to one that knows it (``engine.known``).
    """
    return [step for step in steps if known_rule(step.rule) is not None]


def still_called[S: (LegStep, Step)](leg: Leg, steps: Iterable[S]) -> list[S]:
    """The steps of ``leg`` that are taken: without those in whose place somebody else was chosen, but what a person dials
    by hand stays.
    """
    return [step for step in steps if step.position >= leg.first_position or rule_of(step).target is Target.BY_HAND]
