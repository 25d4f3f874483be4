"""Who somebody is to a leg (chain §9, second column), and who may not know of the incident at all (chain §2)."""

from uuid import UUID

from accounts.actor import Actor
from accounts.roles import Role
from kernel.errors import NotFound
from referrals.emergency import resolving
from referrals.emergency.models import Incident, Leg
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import Who
from referrals.emergency.rules.step_rules import TEAM, SeatKind
from referrals.emergency.workflow.moving import Locked, own_recipient


def must_know(actor: Actor, incident: Incident) -> Actor:
    """``actor``; NotFound for the subject and whoever is excluded about them: to those there is no such incident."""
    if actor.membership_id is None or is_left_out(incident, actor.membership_id):
        raise NotFound
    return actor


def is_left_out(incident: Incident, member_id: UUID) -> bool:
    """Whether the chain hides this incident from a colleague: its subject, and whom the subject never wants told."""
    if incident.person_id is None:
        return False
    return member_id == incident.person_id or member_id in resolving.never_told(incident.person_id).members


def who_is(actor: Actor, locked: Locked, leg: Leg) -> frozenset[Who]:
    """All that ``actor`` is to ``leg`` now."""
    member = actor.membership_id
    if member is None:
        return frozenset()
    found: set[Who] = set()
    if Role.CENTRE in actor.roles:
        found.add(Who.CENTRE)
    if Role.DUTY in actor.roles:
        found.add(Who.DUTY)
    seats = resolving.seats_of(member, locked.moment)
    if SeatKind.CENTRE_HEAD in seats:
        found.add(Who.CENTRE_HEAD)
    if seats & set(TEAM):
        found.add(Who.TEAM)
    if owner_of(locked, leg) == member:
        found.add(Who.OWNER)
    if own_recipient(leg, member) is not None:
        found.add(Who.RECIPIENT)
    return frozenset(found)


def owner_of(locked: Locked, leg: Leg) -> UUID | None:
    """Whose leg it is: its owner's; for a leg that an outside party has, and one that waits, the school's owner's."""
    if leg.owner_id is not None:
        return leg.owner_id
    return locked.school.owner_id if leg.kind != LegKind.TEAM else None
