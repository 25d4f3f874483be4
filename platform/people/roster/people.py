"""Between a staff list and the school's rows: reads the members there are, makes departments and memberships."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.actor import Actor
from accounts.models import Department, Membership, place_phone_index
from accounts.roles import Role
from kernel.clock import local_day, now
from kernel.fold import name_key
from people.roster.plan import Change, Entry, Known, Plan, with_hash
from people.workflow import keep_email
from tenancy.scope import current_tenant_id


def known(actor: Actor, entries: Sequence[Entry] | None = None) -> list[Known]:
    """Members as stored: all of the school, or those that ``entries`` could mean (locked, in key order)."""
    members = Membership.objects.select_related("department").order_by("pk")
    if entries is not None:
        numbered = Q(number__in=[entry.staff_no.lower() for entry in entries]) & ~Q(staff_no="")  # as the index has it
        meant = (
            numbered
            | Q(email__in=[entry.email for entry in entries if entry.email])
            | Q(phone_hash__in=[entry.phone_hash for entry in entries if entry.phone_hash])
        )
        members = members.alias(number=Lower("staff_no")).filter(meant).select_for_update(no_key=True, of=("self",))
    return [
        Known(
            membership_id=member.pk,
            staff_no=member.staff_no,
            name=member.name,
            email=member.email,
            phone_hash=bytes(member.phone_hash) if member.phone_hash else None,
            title=member.title,
            department=member.department.name if member.department else "",
            gender=member.gender,
            active_from=member.active_from,
            left_on=member.left_on,
            protected=Role.ADMIN in member.roles or member.pk == actor.membership_id,
        )
        for member in members
    ]


def hashed(entries: Iterable[Entry]) -> list[Entry]:
    """With the blind index that the open school's members are found by, for each telephone number."""
    school = current_tenant_id()
    return [with_hash(entry, place_phone_index(school, entry.phone)) if entry.phone else entry for entry in entries]


def departments(plan: Plan) -> dict[str, Department]:
    """By the name as the list spells it, the missing ones made. Found by their key, which stands once in a school: one that
    somebody else makes at the same moment is the one that is taken.
    """
    names = {entry.department for entry in plan.create} | {
        change.entry.department for change in plan.update if "department" in change.fields
    }
    names.discard("")
    if not names:
        return {}
    wanted = {name_key(name): name for name in sorted(names)}
    found = _by_key(wanted)
    if missing := [name for key, name in wanted.items() if key not in found]:
        Department.objects.bulk_create([Department(name=name) for name in missing], ignore_conflicts=True)
        found = _by_key(wanted)
    return {name: found[name_key(name)] for name in names}


def _by_key(keys: Iterable[str]) -> dict[str, Department]:
    return {department.key: department for department in Department.objects.filter(key__in=list(keys))}


def newcomers(entries: Sequence[Entry], departments: dict[str, Department]) -> list[Membership]:
    """Places, not yet written, for the people of the rows. No account is looked for (ADR 0010)."""
    return [_newcomer(entry, departments) for entry in entries]


def _newcomer(entry: Entry, departments: dict[str, Department]) -> Membership:
    member = Membership(
        roles=[Role.STAFF],
        name=entry.name,
        email=entry.email,
        staff_no=entry.staff_no,
        title=entry.title,
        gender=entry.gender,
        department=departments.get(entry.department),
        active_from=entry.active_from,
        left_on=entry.left_on,
    )
    member.keep_phone(entry.phone)
    return member


def update(changes: Sequence[Change], departments: dict[str, Department]) -> list[UUID]:
    """Write what the rows change; the members' ids. Whoever has accepted keeps their account, whatever a list says."""
    if not changes:
        return []
    by_id = Membership.objects.in_bulk([change.membership_id for change in changes])
    for change in changes:
        member, entry = by_id[change.membership_id], change.entry
        days = {name: getattr(entry if name in change.fields else member, name) for name in ("active_from", "left_on")}
        member.keep_days(**days, today=local_day(now()))
        for name in change.fields - {"department", "email", "phone", *days}:
            setattr(member, name, getattr(entry, name))
        if "department" in change.fields:
            member.department = departments.get(entry.department)
        if "email" in change.fields:
            keep_email(member, entry.email)
        if "phone" in change.fields:
            member.keep_phone(entry.phone)
    columns = [
        "name", "email", "invited_at", "phone_hash", "phone_sealed", "staff_no", "title", "gender", "department",
        "active_from", "left_on", "reopened_at",
    ]  # fmt: skip
    Membership.objects.bulk_update(by_id.values(), columns)
    return list(by_id)
