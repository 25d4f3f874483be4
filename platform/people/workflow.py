"""The writers of memberships and departments, but for the staff list (``people.roster``)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts.actor import Actor, require
from accounts.known_by import numbers_changed
from accounts.managers import clean_email
from accounts.models import Department, Membership
from accounts.roles import Role
from accounts.search import contains
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Invalid, NotFound, Refused
from kernel.fold import fold_email, fold_name, fold_text, has_mail_domain
from people.invitations import invite
from people.once import once_in_school
from tenancy.models import Tenant, TenantKind
from tenancy.scope import current_tenant_id

DECIDERS = frozenset({Role.CENTRE, Role.DUTY, Role.UNION, Role.FINANCE})
"""Not together with admin: whoever hands out roles decides no referral and reads none (rules §2, §5)."""


@dataclass(frozen=True, slots=True)
class MemberFields:
    """What a school says about a member. ``department_id`` must be of the same school; ``email`` or ``phone`` None: as before."""

    name: str
    roles: frozenset[str]
    title: str = ""
    staff_no: str = ""
    gender: str = ""
    department_id: UUID | None = None
    active_from: date | None = None
    left_on: date | None = None
    email: str | None = None
    phone: str | None = None


def access_member(actor: Actor, membership_id: UUID) -> Membership:
    """The member of the actor's school with this id, for an actor who may read members. NotFound otherwise."""
    if not actor.may("member.read"):
        raise NotFound
    member: Membership | None = Membership.objects.select_related("department").filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    return member


def search_members(actor: Actor, *, text: str = "", role: str = "", left: bool = False) -> "QuerySet[Any]":
    """Members by name, staff number or e-mail, of one role, present or gone. Needs ``member.read``."""
    require(actor, "member.read")
    gone = Q(left_on__lt=local_day(now()))
    members: QuerySet[Any] = Membership.objects.prefetch_related("department").filter(gone if left else ~gone)
    if text := fold_text(text):
        by_address = Q(email__istartswith=fold_email(text))
        members = members.filter(contains(text, "name") | Q(staff_no__istartswith=text) | by_address)
    if role in Role.values:
        members = members.filter(roles__contains=[role])
    found: QuerySet[Any] = members.order_by("sort_key", "pk")
    return found


def list_departments(actor: Actor, department_id: UUID | None = None) -> "QuerySet[Any]":
    """The school's departments with ``size``, the number of people in each. One of them by id, or NotFound."""
    require(actor, "department.manage")
    rows = Department.objects.annotate(size=Count("members")).order_by("sort_key", "pk")
    if department_id is not None:
        rows = rows.filter(pk=department_id)
        if not rows.exists():
            raise NotFound
    return rows


@transaction.atomic
def add_member(*, actor: Actor, email: str, phone: str, fields: MemberFields) -> Membership:
    """A new member, who is invited by e-mail and holds no right until the place is accepted. Needs ``member.manage``.

    No account is looked for: an address or a number that a school types joins nobody (ADR 0010). Invalid ``no_contact``
    without either; Conflict ``email_held`` or ``phone_held`` when another member of the school has it.
    """
    require(actor, "member.manage")
    return enrol(actor=actor, email=email, phone=phone, fields=fields)


def enrol(*, actor: Actor, email: str, phone: str, fields: MemberFields) -> Membership:
    """What ``add_member`` writes, inside the transaction of a caller that has asked for the actor's permission."""
    fields = replace(fields, email=email, phone=phone)
    _check(fields)
    if not clean_email(email) and not phone.strip():
        raise Invalid("no_contact", fields=(("email", "no_contact", ""),))
    member = Membership()
    _write(member, fields)
    invite([member])
    record(actor=actor, action="member.add", obj=member, facts={"roles": sorted(fields.roles)})
    return member


@transaction.atomic
def update_member(*, actor: Actor, membership_id: UUID, fields: MemberFields) -> Membership:
    """Change what the school says of a member: name, department, roles, days.

    Needs ``member.manage``. An account is never touched: address and number are where the school writes to. Conflict
    ``email_held``, ``phone_held``; Invalid ``staff_no_taken``. Refused for one's own roles or last day (``own_roles``),
    the last administrator who has accepted (``last_admin``), and one who would also decide (``role_conflict``).
    """
    require(actor, "member.manage")
    # Administrators are locked together, in key order: two cannot dismiss each other at the same moment.
    locked = Membership.objects.select_for_update(no_key=True).order_by("pk")
    rows = {row.pk: row for row in locked.filter(Q(pk=membership_id) | Q(roles__contains=[Role.ADMIN]))}
    member: Membership | None = rows.get(membership_id)
    if member is None:
        raise NotFound
    _check(fields)
    before, contact = (frozenset(member.roles), member.left_on), (member.email, member.phone_hash)
    if member.pk == actor.membership_id and before != (fields.roles, fields.left_on):
        raise Refused("own_roles")
    today = local_day(now())
    stays_admin = Role.ADMIN in fields.roles and (fields.left_on is None or fields.left_on >= today)
    others = [row for row in rows.values() if row.pk != member.pk and _administers(row, today)]
    if Role.ADMIN in before[0] and not stays_admin and not others:
        raise Refused("last_admin")
    _write(member, fields)
    gained, lost = sorted(fields.roles - before[0]), sorted(before[0] - fields.roles)
    moved = (member.email, member.phone_hash) != contact
    facts = {"roles_gained": gained, "roles_lost": lost, "left_on": fields.left_on, "contact_changed": moved}
    record(actor=actor, action="member.update", obj=member, facts=facts)
    return member


@transaction.atomic
def save_department(*, actor: Actor, name: str, department_id: UUID | None = None) -> Department:
    """Make or rename a department. Needs ``department.manage``. Invalid for an empty or taken name."""
    require(actor, "department.manage")
    name = fold_name(name)
    if not name or len(name) > 60:
        raise Invalid("department_name", fields=(("name", "required", "60"),))
    department = Department(name=name) if department_id is None else _locked_department(department_id)
    department.name = name
    with once_in_school():
        department.save()
    record(actor=actor, action="department.save", obj=department)
    return department


@transaction.atomic
def remove_department(*, actor: Actor, department_id: UUID) -> None:
    """Remove an empty department. Refused (``department_in_use``) while anybody, also a leaver, belongs to it."""
    require(actor, "department.manage")
    department = _locked_department(department_id)
    if Membership.objects.filter(department=department).exists():
        raise Refused("department_in_use")
    record(actor=actor, action="department.remove", obj=department)
    department.delete()


def _locked_department(department_id: UUID) -> Department:
    department: Department | None = Department.objects.select_for_update(no_key=True).filter(pk=department_id).first()
    if department is None:
        raise NotFound
    return department


def _administers(row: Membership, day: date) -> bool:
    """Whether the member can administer the school on ``day``: somebody who has not accepted yet cannot."""
    return not row.waits and row.is_current(day) and Role.ADMIN in row.roles


def _check(fields: MemberFields) -> None:
    if not fold_name(fields.name) or len(fields.name) > 80:
        raise Invalid("member_name", fields=(("name", "required", "80"),))
    check_roles(fields.roles)
    if fields.email and not is_email(fields.email):
        raise Invalid("email_invalid", fields=(("email", "email_invalid", ""),))
    if fields.active_from and fields.left_on and fields.left_on < fields.active_from:
        raise Invalid("before_start", fields=(("left_on", "before_start", ""),))


def is_email(text: str) -> bool:
    """Whether a message can be addressed to it."""
    try:
        validate_email(address := clean_email(text) or "")
    except ValidationError:
        return False
    return has_mail_domain(address)


def is_bureau() -> bool:
    """Whether the open tenant is an education bureau."""
    return Tenant.objects.filter(pk=current_tenant_id(), kind=TenantKind.DISTRICT).exists()


def check_roles(roles: Collection[str]) -> None:
    """Invalid for none or an unknown one; Refused ``role_conflict`` for an administrator who would also decide, and
    ``bureau_only`` for a school that would make somebody its education bureau.
    """
    if not roles or not set(roles) <= set(Role.values):
        raise Invalid("member_roles", fields=(("roles", "unknown", ""),))
    if Role.DISTRICT in roles and not is_bureau():
        raise Refused("bureau_only")
    if Role.ADMIN in roles and DECIDERS & set(roles):
        raise Refused("role_conflict")


def _write(member: Membership, fields: MemberFields) -> None:
    if fields.department_id is not None and not Department.objects.filter(pk=fields.department_id).exists():
        raise NotFound
    staff_no, known_by = fold_text(fields.staff_no), (member.staff_no, member.phone_hash)
    member.name = fold_name(fields.name)
    member.roles = sorted(fields.roles)
    member.title, member.staff_no, member.gender = fold_name(fields.title), staff_no, fields.gender
    member.department_id = fields.department_id
    member.keep_days(active_from=fields.active_from, left_on=fields.left_on, today=local_day(now()))
    if fields.email is not None:
        keep_email(member, clean_email(fields.email) or "")
    if fields.phone is not None:
        member.keep_phone(fields.phone.strip())
    with once_in_school():
        member.save()
    if (member.staff_no, member.phone_hash) != known_by:
        numbers_changed(current_tenant_id())


def keep_email(member: Membership, address: str) -> None:
    """Set the address that the school writes to. Another one ends the invitation that went to the one before."""
    if member.email != address:
        member.email, member.invited_at = address, None
