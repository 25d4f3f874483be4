"""Whom a step's rule reaches now (chain §2): posts, contacts and lines as they stand at this moment, never a cache.

A ``Resolver`` reads what the rules of one batch of legs can need in a handful of queries. Left out of everything, by person
**and** by number: the person concerned, whoever is never to be told about them, who has left, who said no in this incident.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Membership
from families.models import Consent
from families.purposes import Purpose
from families.states import ConsentState
from kernel.clock import local_day
from kernel.errors import Invalid, Refused
from partners.models import BOUND_STATES, Agreement, Institution
from referrals.emergency.models import (
    Answer,
    Chain,
    Contact,
    DutyLine,
    DutyShift,
    HomeCommunity,
    Incident,
    Leg,
    LegStep,
    Plan,
    PlanStep,
    Recipient,
    Seat,
)
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.numbers import SERVICE_NUMBERS, is_abroad, is_landline, is_service_number
from referrals.emergency.rules.plan_states import ChainState, PlanState
from referrals.emergency.rules.step_rules import TEAM, SeatKind, StepRule, Target, default_steps
from referrals.emergency.selectors import excluded, excluded_of
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.blind import blind_index
from vault.phones import normalise_phone

__all__ = [
    "SERVICE_NUMBERS",
    "PlannedStep",
    "Reached",
    "Resolver",
    "must_be_live",
    "never_told",
    "seats_of",
    "steps_for",
]

SILENT: Final = ("sms", "voice")


class Never(NamedTuple):
    """Who is never told about a person: keyed hashes of numbers, and colleagues."""

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
    steps: dict[LegKind, list[PlannedStep]] = defaultdict(list)
    plan = Plan.objects.filter(kind=kind, grade=grade, state=PlanState.IN_USE.value).first()
    if plan is not None:
        for row in PlanStep.objects.filter(plan=plan).order_by("leg", "position"):
            wait = row.wait_minutes * 60 if row.wait_minutes is not None else None
            steps[LegKind(row.leg)].append(PlannedStep(row.rule, wait, tuple(row.channels)))
    for leg, rules in default_steps(kind, grade).items():
        if leg not in steps:
            steps[leg] = [PlannedStep(rule) for rule in rules]
    return steps


def must_be_live(is_drill: bool) -> None:
    """Refused ``chain_off`` while the school's chain does not take this: drills in rehearsal, all when it is live."""
    state = Chain.objects.values_list("state", flat=True).first() or ChainState.OFF.value
    if state == ChainState.LIVE.value or (is_drill and state == ChainState.REHEARSAL.value):
        return
    raise Refused("chain_off")


def never_told(person_id: UUID) -> Never:
    """Who is never told about ``person_id``: a colleague with the number that the school has of them."""
    found = excluded(person_id)
    return Never(frozenset(found.numbers), frozenset(found.members))


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
    """What the rules of these legs can need, read once; ``reach`` answers for one leg and step."""

    def __init__(self, legs: Collection[Leg], incidents: Mapping[UUID, Incident], moment: datetime) -> None:
        self.moment, self.incidents, self._legs = moment, incidents, legs
        self._people = {incident.person_id for incident in incidents.values() if incident.person_id}
        self._members: dict[UUID, Membership | None] = {}
        self._partners: dict[UUID, Institution | None] = {}

    @cached_property
    def day(self) -> date:
        """The school's day."""
        return _day(self.moment)

    @cached_property
    def _never(self) -> dict[UUID, Never]:
        return self._read_never(self._people)

    @cached_property
    def _own_numbers(self) -> dict[UUID, frozenset[bytes]]:
        """Of the people concerned, whoever they are in the school's list today: also of one who has left, or never took the
        place."""
        return {
            row.pk: frozenset({number_hash(current_tenant_id(), row.phone)} if row.phone else ())
            for row in Membership.objects.filter(pk__in=self._people)
        }

    @cached_property
    def _contacts(self) -> dict[tuple[UUID | None, int], Contact]:
        return self._read_contacts(self._people)

    @cached_property
    def _homes(self) -> dict[UUID, UUID]:
        rows = HomeCommunity.objects.filter(person_id__in=self._people)
        return dict(rows.values_list("person_id", "community_id"))

    @cached_property
    def _shifts(self) -> dict[int, DutyShift]:
        rows = DutyShift.objects.filter(starts_at__lte=self.moment, ends_at__gt=self.moment)
        found = {row.layer: row for row in rows}
        self._load_members(row.holder_id for row in found.values())
        return found

    @cached_property
    def _seats(self) -> dict[str, Seat]:
        found = {row.kind: row for row in _seats(self.day)}
        self._load_members(member for row in found.values() for member in (row.holder_id, row.deputy_id))
        return found

    @cached_property
    def _lines(self) -> dict[UUID, DutyLine]:
        return {row.pk: row for row in DutyLine.objects.filter(is_active=True)}

    @cached_property
    def _operator(self) -> UUID | None:
        return Chain.objects.values_list("operator_line_id", flat=True).first()

    @cached_property
    def _school_owner(self) -> dict[UUID, UUID | None]:
        rows = Leg.objects.filter(incident_id__in=self.incidents, kind=LegKind.SCHOOL.value)
        found = dict(rows.values_list("incident_id", "owner_id"))
        self._load_members(found.values())
        return found

    @cached_property
    def _gone(self) -> dict[UUID, frozenset[bytes]]:
        return self._read_gone(self._legs)

    def reach(self, leg: Leg, rule: StepRule) -> list[Reached]:
        """Whom ``rule`` reaches now, each once; nobody when all are left out."""
        incident = self.incidents[leg.incident_id]
        out = self._left_out(incident)
        gone = self._gone[leg.incident_id]
        if leg.kind == LegKind.TEAM:
            gone |= self._gone[leg.pk]
        out = Never(out.numbers | gone, out.members)
        found: dict[bytes, Reached] = {}
        for reached in self._by_target(leg, rule, out):
            if leg.is_drill and reached.member_id is None:
                continue  # family and outside parties are played in a drill, never called
            if not _is_out(reached, out):
                found.setdefault(reached.target, reached)
        return list(found.values())

    def reach_member(self, role: str, member_id: UUID) -> Reached | None:
        """A colleague with all the ways to them; None for who has left or has no account."""
        member = self._member(member_id)
        if member is None:
            return None
        addresses = {"in_app": str(member.pk)}
        number = member.phone
        if number and not is_service_number(number) and not is_abroad(number):
            addresses |= dict.fromkeys(("voice",) if is_landline(number) else SILENT, number)
        if member.email:
            addresses["email"] = member.email
        target = (
            number_hash(current_tenant_id(), number)
            if number
            else blind_index(current_tenant_id(), "emergency.member", str(member.pk))
        )
        return Reached(role, target, member.pk, None, addresses)

    def reach_colleague(self, leg: Leg, role: str, member_id: UUID) -> Reached | None:
        """A colleague who was named by another; None also for whoever must never know of this incident."""
        reached = self.reach_member(role, member_id)
        out = self._left_out(self.incidents[leg.incident_id])
        return None if reached is None or _is_out(reached, out) else reached

    def _by_target(self, leg: Leg, rule: StepRule, out: Never) -> list[Reached]:
        match rule.target:
            case Target.ON_DUTY:
                found = [self._on_duty(rule.number or 1, rule.role)]
            case Target.SEAT:
                found = [self._seat(rule.seat, rule.role, out)]
            case Target.DEPUTY:
                found = [self._deputy(rule.seat, rule.role)]
            case Target.TEAM:
                found = [self._seat(kind, f"{rule.role}:{kind.value}", out) for kind in TEAM]
            case Target.CONTACT:
                found = [self._contact(leg, rule)]
            case Target.PARTNER:
                found = [self._partner(UUID(rule.ref), rule.role)]
            case Target.HOME_COMMUNITY:
                person = self.incidents[leg.incident_id].person_id
                found = [self._partner(self._homes.get(person), rule.role)] if person else []
            case Target.LINE:
                found = [self._line(UUID(rule.ref), rule.role)]
            case Target.OPERATOR:
                found = [self._line(self._operator, rule.role)]
            case Target.OWNER | Target.BY_HAND:
                owner = leg.owner_id or self._school_owner.get(leg.incident_id)
                found = [self.reach_member(rule.role, owner) if owner else self._on_duty(1, rule.role)]
        return [reached for reached in found if reached is not None]

    def _on_duty(self, layer: int, role: str) -> Reached | None:
        shift = self._shifts.get(layer)
        if shift is None:
            return None
        return self.reach_member(role, shift.holder_id) if shift.holder_id else self._line(shift.line_id, role)

    def _seat(self, kind: SeatKind | None, role: str, out: Never) -> Reached | None:
        """The holder; the deputy where the holder must not know, has left, or cannot be reached."""
        row = self._seats.get(kind or "")
        if row is None:
            return None
        holder = self.reach_member(role, row.holder_id) if row.holder_id else self._line(row.holder_line_id, role)
        return self._deputy(kind, role) if holder is None or _is_out(holder, out) else holder

    def _deputy(self, kind: SeatKind | None, role: str) -> Reached | None:
        row = self._seats.get(kind or "")
        if row is None:
            return None
        return self.reach_member(role, row.deputy_id) if row.deputy_id else self._line(row.deputy_line_id, role)

    def _line(self, pk: UUID | None, role: str) -> Reached | None:
        line = self._lines.get(pk) if pk else None
        return of_number(role, line.number) if line else None

    def _contact(self, leg: Leg, rule: StepRule) -> Reached | None:
        """A contact who agreed, may be called at this grade, and whose number is not known to be wrong."""
        incident = self.incidents[leg.incident_id]
        row = self._contacts.get((incident.person_id, rule.number or 1))
        if row is None or leg.grade not in row.grades or row.fault:
            return None
        return of_number(rule.role, row.relative.phone)

    def _partner(self, pk: UUID | None, role: str) -> Reached | None:
        """An institution's duty line, while an agreement with this school stands on this day."""
        if pk is None:
            return None
        if pk not in self._partners:
            stands = Agreement.objects.filter(
                partner_id=pk, state__in=BOUND_STATES, valid_from__lte=self.day, valid_until__gt=self.day
            ).exists()
            self._partners[pk] = Institution.objects.filter(pk=pk).first() if stands else None
        partner = self._partners[pk]
        if partner is None:
            return None
        try:
            return of_number(role, normalise_phone(partner.contact_phone), partner_id=pk)
        except Invalid:  # no number that can be called: the step is empty, and the leg goes on
            return None

    def _left_out(self, incident: Incident) -> Never:
        if incident.person_id is None:
            return Never(frozenset(), frozenset())
        never = self._never[incident.person_id]
        return Never(never.numbers | self._own_numbers[incident.person_id], never.members | {incident.person_id})

    def _member(self, pk: UUID) -> Membership | None:
        if pk not in self._members:
            self._load_members([pk])
        return self._members[pk]

    def _load_members(self, people: Iterable[UUID | None]) -> None:
        wanted = {pk for pk in people if pk is not None}
        missing = {pk for pk in wanted if pk not in self._members}
        if not missing:
            return
        found = {row.pk: row for row in Membership.objects.current(self.day).accepted().filter(pk__in=missing)}
        self._members |= {pk: found.get(pk) for pk in missing}

    def _read_never(self, people: Collection[UUID]) -> dict[UUID, Never]:
        return {
            person: Never(frozenset(found.numbers), frozenset(found.members))
            for person, found in excluded_of(people).items()
        }

    def _read_contacts(self, people: Collection[UUID]) -> dict[tuple[UUID | None, int], Contact]:
        """Contacts with a consent that stands now, by person and rank."""
        rows = Contact.objects.filter(person_id__in=people).select_related("relative")
        agreed = set(
            Consent.objects.filter(
                relative_id__in=[row.relative_id for row in rows],
                purpose=Purpose.EMERGENCY,
                state=ConsentState.GIVEN.value,
            ).values_list("relative_id", flat=True)
        )
        return {(row.person_id, row.rank): row for row in rows if row.relative_id in agreed}

    def _read_gone(self, legs: Collection[Leg]) -> dict[UUID, frozenset[bytes]]:
        """By incident: who said no or whose number was wrong. By leg: who of it has answered already."""
        gone: dict[UUID, set[bytes]] = defaultdict(set)
        rows = Recipient.objects.filter(leg__incident_id__in=self.incidents).exclude(answer="")
        for incident, leg, target, answer in rows.values_list("leg__incident_id", "leg_id", "target_hash", "answer"):
            if answer in (Answer.DECLINED, Answer.WRONG_NUMBER):
                gone[incident].add(bytes(target))
            else:
                gone[leg].add(bytes(target))
        return defaultdict(frozenset, {key: frozenset(found) for key, found in gone.items()})


def _is_out(reached: Reached, out: Never) -> bool:
    return reached.target in out.numbers or (reached.member_id is not None and reached.member_id in out.members)


def rule_of(step: LegStep) -> StepRule:
    """The rule that a leg's step holds."""
    return StepRule.from_json(step.rule)


def still_called(leg: Leg, steps: Iterable[LegStep]) -> list[LegStep]:
    """The steps of ``leg`` that are taken: without those in whose place somebody else was chosen, but what a person dials
    by hand stays.
    """
    return [step for step in steps if step.position >= leg.first_position or rule_of(step).target is Target.BY_HAND]
