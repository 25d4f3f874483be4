"""What a staff list means in the school's own rows: the members there are, and accounts, departments, memberships made."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.actor import Actor
from accounts.models import Department, Membership, User, phone_index
from accounts.roles import Role
from accounts.roster.plan import Change, Entry, Known, Plan, with_hash
from kernel.fold import name_key


def known(actor: Actor, entries: Sequence[Entry] | None = None) -> list[Known]:
    """Members as stored: all of the school, or those that ``entries`` could mean (locked, in key order)."""
    members = Membership.objects.select_related("user", "department").order_by("pk")
    if entries is not None:
        # Accounts first, by their own indexes: one condition over both tables makes the planner walk all pairs.
        found = User.objects.filter(email__in=[entry.email for entry in entries if entry.email]).values_list("pk")
        by_phone = User.objects.filter(phone_hash__in=[entry.phone_hash for entry in entries if entry.phone_hash])
        users = {pk for (pk,) in [*found, *by_phone.values_list("pk")]}
        numbers = [entry.staff_no.lower() for entry in entries]
        numbered = Q(number__in=numbers) & ~Q(staff_no="")  # as the index has it
        members = (
            members.alias(number=Lower("staff_no"))
            .filter(numbered | Q(user_id__in=users))
            .select_for_update(no_key=True, of=("self",))
        )
    return [
        Known(
            membership_id=member.pk,
            staff_no=member.staff_no,
            name=member.name,
            email=member.user.email or "",
            phone_hash=bytes(member.user.phone_hash) if member.user.phone_hash else None,
            title=member.title,
            department=member.department.name if member.department else "",
            gender=member.gender,
            active_from=member.active_from,
            left_on=member.left_on,
            signed_in=member.user.last_login is not None,
            protected=Role.ADMIN in member.roles or member.pk == actor.membership_id,
        )
        for member in members
    ]


def hashed(entries: Iterable[Entry]) -> list[Entry]:
    """With the blind index of each telephone number."""
    return [with_hash(entry, phone_index(entry.phone)) if entry.phone else entry for entry in entries]


def departments(plan: Plan) -> dict[str, Department]:
    """By the name as the list spells it, the missing ones made. A school has few: all are looked at, by their key."""
    names = {entry.department for entry in plan.create} | {
        change.entry.department for change in plan.update if "department" in change.fields
    }
    names.discard("")
    if not names:
        return {}
    found = _departments_by_key()
    if missing := {name_key(name): name for name in sorted(names) if name_key(name) not in found}:
        Department.objects.bulk_create([Department(name=name) for name in missing.values()], ignore_conflicts=True)
        found = _departments_by_key()
    return {name: found[name_key(name)] for name in names}


def _departments_by_key() -> dict[str, Department]:
    return {name_key(department.name): department for department in Department.objects.order_by("-pk")}


def accounts_of(entries: Sequence[Entry]) -> dict[int, User]:
    """Row → the account it means: found by address, else by number, else made without a password.

    An account that exists already, here or in another school, is joined and never changed: name, address and number
    are its owner's. Nothing on the page tells that it existed.
    """
    by_email = {user.email: user for user in User.objects.filter(email__in=[e.email for e in entries if e.email])}
    numbers = [entry.phone_hash for entry in entries if entry.phone_hash]
    by_phone = {bytes(user.phone_hash or b""): user for user in User.objects.filter(phone_hash__in=numbers)}
    accounts: dict[int, User] = {}
    fresh: list[User] = []
    for entry in entries:
        found = by_phone.get(entry.phone_hash or b"")
        vouched = found if found is not None and not found.phone_typed else None
        user = by_email.get(entry.email) if entry.email else vouched
        if user is None:
            user = User(email=entry.email or None, full_name=entry.name)
            user.set_unusable_password()
            if entry.phone and entry.phone_hash not in by_phone:
                user.keep_phone(entry.phone)
            fresh.append(user)
        accounts[entry.row] = user
    User.objects.bulk_create(fresh)
    return accounts


def newcomers(entries: Sequence[Entry], departments: dict[str, Department]) -> list[Membership]:
    """Memberships, not yet written, of the accounts the rows mean."""
    accounts = accounts_of(entries)
    return [
        Membership(
            user=accounts[entry.row],
            roles=[Role.STAFF],
            name=entry.name,
            staff_no=entry.staff_no,
            title=entry.title,
            gender=entry.gender,
            department=departments.get(entry.department),
            active_from=entry.active_from,
            left_on=entry.left_on,
        )
        for entry in entries
    ]


def update(changes: Sequence[Change], departments: dict[str, Department]) -> list[UUID]:
    """Write what the rows change; the members' ids."""
    if not changes:
        return []
    accounts = accounts_of([change.entry for change in changes if change.account])
    by_id = Membership.objects.in_bulk([change.membership_id for change in changes])
    for change in changes:
        member, entry = by_id[change.membership_id], change.entry
        for name in change.fields - {"department", "email"}:
            setattr(member, name, getattr(entry, name))
        if "department" in change.fields:
            member.department = departments.get(entry.department)
        if change.account:
            member.user = accounts[entry.row]
    columns = ["user", "name", "staff_no", "title", "gender", "department", "active_from", "left_on"]
    Membership.objects.bulk_update(by_id.values(), columns)
    return list(by_id)
