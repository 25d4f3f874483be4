"""Whom a held leg can call in place of those who stood on it: posts, contacts and lines by rule, as a step has them (chain §9).

Never a number typed at the moment: no machine may call somebody of the family who has not agreed; a person can by hand.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from partners.kinds import InstitutionKind
from partners.models import BOUND_STATES, Agreement
from referrals.emergency.leg_facts import facts_of
from referrals.emergency.models import DutyLine, Incident, Leg, LegStep, LineKind, Recipient, chain_moment
from referrals.emergency.resolving import Resolver, readable, rule_of, still_called
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_POSTS: Final = (
    StepRule(Target.ON_DUTY, number=1),
    StepRule(Target.ON_DUTY, number=2),
    StepRule(Target.SEAT, seat=SeatKind.CENTRE_HEAD),
    StepRule(Target.SEAT, seat=SeatKind.DOCTOR),
    StepRule(Target.SEAT, seat=SeatKind.PRINCIPAL),
)
_KINDS: Final = {
    LegKind.MEDICAL: (InstitutionKind.MENTAL_HEALTH_CENTRE, InstitutionKind.HOSPITAL),
    LegKind.COMMUNITY: (InstitutionKind.COMMUNITY,),
}
_CONTACTS: Final = (StepRule(Target.CONTACT, number=1), StepRule(Target.CONTACT, number=2))


def value_of(rule: StepRule) -> str:
    """The value of a choice in a form."""
    return f"{rule.role}={rule.ref}" if rule.ref else rule.role


def choices(incident: Incident, leg: Leg) -> list[tuple[StepRule, str]]:
    """Whom ``leg`` can call now instead: each rule that reaches somebody else than those who stood on it; with the name of
    an institution or a line, ``""`` for posts and contacts.
    """
    moment = chain_moment()
    partners = _partners(_today(moment), LegKind(leg.kind))
    numbers = {pk: number for pk, (_name, number) in partners.items()}
    facts = facts_of([incident.pk], moment, legs=[leg.pk], partners=numbers)
    resolver = Resolver(facts, {incident.pk: incident.person_id})
    before = _stood(resolver, leg)
    found = []
    for rule, name in _rules(partners, LegKind(leg.kind)):
        targets = {reached.target for reached in resolver.reach(leg, rule)}
        if targets - before:
            found.append((rule, name))
    return found


def chosen(incident: Incident, leg: Leg, value: str) -> StepRule | None:
    """The rule of a choice that still holds; None for any other value."""
    return next((rule for rule, _name in choices(incident, leg) if value_of(rule) == value), None)


def _stood(resolver: Resolver, leg: Leg) -> set[bytes]:
    """Who was called on the leg by its steps; before the first call, whom it would have called first.

    To call the very same again is no replacement but the end of a hold, which takes two people.
    """
    rows = Recipient.objects.filter(leg=leg, step__purpose=LegStep.Purpose.STEP)
    paged = {bytes(target) for target in rows.values_list("target_hash", flat=True)}
    if paged:
        return paged
    steps = LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.STEP).order_by("position")
    for step in still_called(leg, readable(steps)):
        if targets := {reached.target for reached in resolver.reach(leg, rule_of(step))}:
            return targets
    return set()


def _rules(partners: Mapping[UUID, tuple[str, str]], kind: LegKind) -> Iterator[tuple[StepRule, str]]:
    match kind:
        case LegKind.FAMILY:
            yield from ((rule, "") for rule in _CONTACTS)
        case LegKind.SCHOOL | LegKind.TEAM:
            yield from ((rule, "") for rule in _POSTS)
        case LegKind.MEDICAL | LegKind.COMMUNITY:
            if kind is LegKind.COMMUNITY:
                yield StepRule(Target.HOME_COMMUNITY), ""
            yield from ((StepRule(Target.PARTNER, ref=str(pk)), name) for pk, (name, _number) in partners.items())
    if kind is not LegKind.FAMILY:  # what one party is told is no other's: a line of the house never calls the family
        lines = DutyLine.objects.filter(is_active=True).exclude(kind=LineKind.OPERATOR).order_by("name", "pk")
        yield from ((StepRule(Target.LINE, ref=str(line.pk)), line.name) for line in lines)


def _today(moment: datetime) -> date:
    return Tenant.objects.only("time_zone").get(pk=current_tenant_id()).day_of(moment)


def _partners(day: date, kind: LegKind) -> dict[UUID, tuple[str, str]]:
    """Institutions of the party with an agreement that binds on ``day``, by name: name and number."""
    rows = Agreement.objects.filter(state__in=BOUND_STATES, valid_from__lte=day, valid_until__gt=day)
    rows = rows.filter(partner__kind__in=_KINDS.get(kind, ()))
    told = rows.order_by("partner__name", "partner").values_list(
        "partner_id", "partner__name", "partner__contact_phone"
    )
    return {pk: (name, number) for pk, name, number in told.distinct()}
