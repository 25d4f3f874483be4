"""A school's administrators as the operator sees and gives them: without one, nobody could open a new school's doors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actor import Actor, require
from accounts.invitations import AGAIN_AFTER, invite, is_open
from accounts.managers import clean_email
from accounts.members import MemberFields, check_roles, enrol
from accounts.models import Membership
from accounts.roles import Role
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid, Refused, TooMany
from kernel.fold import fold_name

NAME_MAX, EMAIL_MAX = 80, 254


@dataclass(frozen=True, slots=True)
class Administrator:
    """What the operator is told of one: nothing but the name and how far they have come."""

    name: str
    has_signed_in: bool
    waits_for_password: bool
    invited_at: datetime | None
    is_due: bool
    """Whether another invitation may go out now."""


@dataclass(frozen=True, slots=True)
class SchoolPeople:
    """How many there are today, and who administers."""

    members: int
    administrators: tuple[Administrator, ...]


def school_people(actor: Actor) -> SchoolPeople:
    """The open school's people in numbers, its administrators by name. Needs ``school.read``. Two queries."""
    require(actor, "school.read")
    members = _current()
    rows = members.filter(roles__contains=[Role.ADMIN]).select_related("user").order_by("created_at", "pk")
    return SchoolPeople(members.count(), tuple(_told(row) for row in rows))


def _current() -> QuerySet[Any]:
    today = local_day(now())
    started = Q(active_from__isnull=True) | Q(active_from__lte=today)
    found: QuerySet[Any] = Membership.objects.filter(started, Q(left_on__isnull=True) | Q(left_on__gte=today))
    return found


def _told(row: Membership) -> Administrator:
    # Somebody who works elsewhere too may have signed in there long before.
    signed_in = row.user.last_login is not None and row.user.last_login >= row.created_at
    return Administrator(row.name, signed_in, is_open(row.user), row.invited_at, is_open(row.user) and _is_due(row))


def _is_due(row: Membership) -> bool:
    return row.invited_at is None or now() - row.invited_at >= AGAIN_AFTER


def administrator_faults(name: str, email: str) -> list[tuple[str, str, str]]:
    """What is wrong with them, as rows of an ``Invalid`` for the fields ``name`` and ``email``."""
    faults = []
    if not fold_name(name) or len(name) > NAME_MAX:
        faults.append(("name", "required", ""))
    try:
        validate_email(clean_email(email) or "")
    except ValidationError:
        faults.append(("email", "email_invalid", ""))
    return faults


@transaction.atomic
def appoint_administrator(*, actor: Actor, name: str, email: str) -> Membership:
    """Give the open school an administrator: a new member who is invited by mail, or one of its people with the role added.

    Needs ``school.manage``. An account that exists is joined, and a member keeps the name the school wrote. Invalid for
    name or address; Conflict ``member_exists`` for who administers already or has left; Refused ``role_conflict``.
    """
    require(actor, "school.manage")
    if faults := administrator_faults(name, email):
        raise Invalid("invalid", fields=tuple(faults))
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    member: Membership | None = rows.filter(user__email=clean_email(email)).first()
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
    """Send another invitation to the open school's administrators without a password; how many got one.

    Needs ``school.manage``. Refused ``invitation_needless`` when none waits; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, "school.manage")
    rows = _current().select_for_update(no_key=True, of=("self",)).select_related("user").order_by("pk")
    waiting = [row for row in rows.filter(roles__contains=[Role.ADMIN]) if is_open(row.user)]
    if not waiting:
        raise Refused("invitation_needless")
    due = [row for row in waiting if _is_due(row)]
    if not due:
        raise TooMany("invitation_too_soon")
    invite(due)
    for row in due:
        record(actor=actor, action="invitation.send", obj=row)
    return len(due)
