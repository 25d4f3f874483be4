"""A school's administrators, as the operator lists, adds and invites them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.actor import Actor, require
from accounts.managers import clean_email
from accounts.models import Membership, MembershipQuerySet
from accounts.roles import Role
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid, Refused, TooMany
from kernel.fold import fold_name
from manual.selectors import trained_on
from people.invitations import AGAIN_AFTER, invite, may_invite
from people.workflow import MemberFields, check_roles, enrol, is_email

NAME_MAX, EMAIL_MAX = 80, 254


@dataclass(frozen=True, slots=True)
class Administrator:
    """What the operator is told of one: nothing but the name and how far they have come."""

    name: str
    waits: bool
    """Whether they have not taken their place yet: the same for who has an account elsewhere and who has none."""
    invited_at: datetime | None
    is_due: bool
    """Whether another invitation may go out now."""
    trained_on: date | None = None
    """The day on which their quiz was last passed (``manual``)."""


@dataclass(frozen=True, slots=True)
class SchoolPeople:
    """How many there are today, and who administers."""

    members: int
    administrators: tuple[Administrator, ...]


def school_people(actor: Actor) -> SchoolPeople:
    """The open school's people in numbers, its administrators by name. Needs ``school.read``. Three queries."""
    require(actor, "school.read")
    members = _current()
    rows = list(members.filter(roles__contains=[Role.ADMIN]).order_by("created_at", "pk"))
    trained = trained_on(row.pk for row in rows)
    told = [
        Administrator(row.name, row.waits, row.invited_at, may_invite(row) and _is_due(row), trained.get(row.pk))
        for row in rows
    ]
    return SchoolPeople(members.count(), tuple(told))


def _current() -> MembershipQuerySet:
    found: MembershipQuerySet = Membership.objects.current(local_day(now()))
    return found


def _is_due(row: Membership) -> bool:
    return row.invited_at is None or now() - row.invited_at >= AGAIN_AFTER


def administrator_faults(name: str, email: str) -> list[tuple[str, str, str]]:
    """What is wrong with them, as rows of an ``Invalid`` for the fields ``name`` and ``email``."""
    faults = []
    if not fold_name(name) or len(name) > NAME_MAX:
        faults.append(("name", "required", ""))
    if not is_email(email):
        faults.append(("email", "email_invalid", ""))
    return faults


@transaction.atomic
def appoint_administrator(*, actor: Actor, name: str, email: str) -> Membership:
    """Give the open school an administrator: a new member who is invited by mail, or one of its people with the role added.

    Needs ``school.manage``. A member, found by the address the school wrote, keeps the name the school wrote. Invalid
    for name or address; Conflict ``member_exists`` for who administers already or has left; Refused ``role_conflict``.
    """
    require(actor, "school.manage")
    if faults := administrator_faults(name, email):
        raise Invalid("invalid", fields=tuple(faults))
    rows = Membership.objects.select_for_update(no_key=True)
    member: Membership | None = rows.filter(email=clean_email(email)).first()
    if member is None:
        fields = MemberFields(name=fold_name(name), roles=frozenset({Role.ADMIN}))
        return enrol(actor=actor, email=email, phone="", fields=fields)
    if Role.ADMIN in member.roles or not member.is_current(local_day(now())):
        raise Conflict("member_exists")
    roles = {*member.roles, Role.ADMIN.value}
    check_roles(roles)
    member.roles = sorted(roles)
    member.save(update_fields=["roles"])
    invite([member])
    record(actor=actor, action="member.update", obj=member, facts={"roles_gained": [Role.ADMIN], "roles_lost": []})
    return member


@transaction.atomic
def invite_administrators(*, actor: Actor) -> int:
    """Send another invitation to the open school's administrators who have not accepted; how many got one.

    Needs ``school.manage``. Refused ``invitation_needless`` when none waits; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, "school.manage")
    rows = _current().select_for_update(no_key=True).order_by("pk")
    waiting = [row for row in rows.filter(roles__contains=[Role.ADMIN]) if may_invite(row)]
    if not waiting:
        raise Refused("invitation_needless")
    due = [row for row in waiting if _is_due(row)]
    if not due:
        raise TooMany("invitation_too_soon")
    invite(due)
    for row in due:
        record(actor=actor, action="invitation.send", obj=row)
    return len(due)
