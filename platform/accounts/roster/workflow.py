"""The writers of a staff list: ``preview_roster`` keeps it and shows the difference, ``apply_roster`` writes it."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor, require
from accounts.invitations import invite
from accounts.models import Department, Membership, RosterImport, RosterState, User, phone_index
from accounts.roles import Role
from accounts.roster.parse import RosterRow, RowIssue, parse_roster
from accounts.roster.plan import Change, Entry, Known, Plan, plan_roster, read_entries, with_hash
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, NotFound

BATCH: Final = 200  # rows written in one transaction; also the most ids one audit row may list
MAX_KEPT_ISSUES: Final = 2_000

PARSE_FAULTS: Final = frozenset({"formula", "cell_error", "unreadable", "too_long"})
"""A row refused for one of these was dropped whole: its staff number is not known."""

Progress = Callable[[int, int], None]


@transaction.atomic
def preview_roster(*, actor: Actor, content: bytes, file_name: str, marks_leavers: bool = False) -> RosterImport:
    """Read a list, keep its rows sealed, and say what it would change. No member is touched.

    Needs ``roster.import``. Raises Invalid when the file as a whole cannot be read (``accounts.roster.parse``).
    """
    require(actor, "roster.import")
    if actor.membership_id is None:
        raise Forbidden
    parsed = parse_roster(content)
    roster = RosterImport(
        uploaded_by_id=actor.membership_id,
        file_name=file_name[-120:],
        file_hash=hashlib.sha256(content).digest(),
        marks_leavers=marks_leavers,
        total_rows=len(parsed.rows),
    )
    roster.rows_text = _dump(parsed.rows)
    plan = _plan(roster, parsed.rows, parsed.issues, actor)
    roster.counts = {
        "create": len(plan.create),
        "update": len(plan.update),
        "unchanged": len(plan.unchanged),
        "leave": len(plan.leave),
        "refused": plan.refused_rows,
        "rows": len(parsed.rows) + len(parsed.issues),
        "ignored": list(parsed.ignored),
        "leavers_withheld": marks_leavers and _hides_a_number(plan.issues),
    }
    roster.errors = _issues_json(plan.issues)
    roster.save(force_insert=True)
    record(
        actor=actor,
        action="roster.preview",
        obj=roster,
        facts={name: roster.counts[name] for name in ("create", "update", "leave", "refused")},
    )
    return roster


@transaction.atomic
def discard_roster(*, actor: Actor, import_id: UUID) -> RosterImport:
    """Put a list away unwritten and forget its rows. Conflict once writing has begun."""
    require(actor, "roster.import")
    roster = _locked(import_id)
    if roster.state == RosterState.DISCARDED:
        return roster
    if roster.state != RosterState.PREVIEWED:
        raise Conflict("roster_begun")
    roster.state = RosterState.DISCARDED
    roster.rows_text = ""
    roster.save(update_fields=["state", "sealed_rows"])
    record(actor=actor, action="roster.discard", obj=roster)
    return roster


@transaction.atomic
def choose_invitations(*, actor: Actor, import_id: UUID, wanted: bool) -> RosterImport:
    """Whether those who are new will be invited when the list is written. Conflict once writing has begun."""
    require(actor, "roster.import")
    roster = _locked(import_id)
    if roster.state != RosterState.PREVIEWED:
        raise Conflict("roster_begun")
    roster.counts = {**roster.counts, "invites": wanted}
    roster.save(update_fields=["counts"])
    return roster


def apply_roster(*, actor: Actor, import_id: UUID, on_progress: Progress | None = None) -> RosterImport:
    """Write a previewed list in batches of ``BATCH`` rows, each a transaction of its own; ``on_progress(done, total)``.

    May be called again after a crash, twice at once, or when all is done: every batch looks anew at what stands.
    Passwords are never made here: a new person is invited to choose one (``choose_invitations``). Needs ``roster.import``.
    Raises NotFound, or Conflict for a discarded list.
    """
    require(actor, "roster.import")
    run = _Run(actor)
    while True:
        roster = run.batch(import_id)
        if on_progress is not None:
            on_progress(roster.done_rows, roster.total_rows)
        if roster.state == RosterState.DONE:
            return roster


class _Run:
    """One pass over a list: the rows are opened and checked once, the members anew for every batch."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.rows: list[RosterRow] = []
        self.entries: list[Entry] = []

    @transaction.atomic
    def batch(self, import_id: UUID) -> RosterImport:
        """Write the next rows and note how far it is, in one transaction."""
        roster = _locked(import_id)
        if roster.state == RosterState.DONE:
            return roster
        if roster.state == RosterState.DISCARDED:
            raise Conflict("roster_discarded")
        if not self.rows:
            self.rows = _load(roster.rows_text)
            self.entries = _hashed(read_entries(self.rows)[0])
        if roster.done_rows == 0:
            roster.counts = {**roster.counts, "created": 0, "updated": 0, "left": 0}
        wanted = {row.number for row in self.rows[roster.done_rows : roster.done_rows + BATCH]}
        entries = [entry for entry in self.entries if entry.row in wanted]
        plan = plan_roster(entries, _known(self.actor, entries), today=_today(), mark_leavers=False)
        departments = _departments(plan)
        created = _create(plan.create, departments)
        invited = self._invite(roster, created)
        updated = _update(plan.update, departments)
        roster.done_rows += len(wanted)
        roster.state = RosterState.RUNNING
        roster.counts["created"] += len(created)
        roster.counts["updated"] += len(updated)
        leave = self._finish(roster) if roster.done_rows >= roster.total_rows else ()
        roster.save(update_fields=["done_rows", "state", "counts", "applied_at", "sealed_rows"])
        self._record(roster, created, updated, leave, invited)
        return roster

    def _invite(self, roster: RosterImport, created: Sequence[UUID]) -> list[UUID]:
        """A link for those who are new, stay and have no password; counted."""
        if not roster.counts.get("invites"):
            return []
        fresh = Membership.objects.select_related("user").filter(pk__in=created, left_on=None).order_by("pk")
        invited = invite(fresh)
        roster.counts["invited"] = roster.counts.get("invited", 0) + len(invited)
        return invited

    def _finish(self, roster: RosterImport) -> Sequence[UUID]:
        """The last batch also marks the leavers, forgets the rows, and closes the import."""
        plan = _plan(roster, self.rows, _stored_issues(roster), self.actor) if roster.marks_leavers else Plan()
        leave = plan.leave
        Membership.objects.filter(pk__in=leave).update(left_on=_today())
        roster.counts["left"] = len(leave)
        roster.state = RosterState.DONE
        roster.applied_at = now()
        roster.rows_text = ""
        return leave

    def _record(
        self,
        roster: RosterImport,
        created: list[UUID],
        updated: list[UUID],
        leave: Sequence[UUID],
        invited: Sequence[UUID],
    ) -> None:
        """Last of all, as the record's head is locked by it (docs/architecture.md §How a write happens)."""
        for action, ids in (
            ("roster.create", created),
            ("roster.update", updated),
            ("roster.leave", leave),
            ("invitation.send", invited),
        ):
            for start in range(0, len(ids), BATCH):
                members = list(ids[start : start + BATCH])
                record(actor=self.actor, action=action, obj=roster, facts={"members": members})
        if roster.state == RosterState.DONE:
            facts = {name: roster.counts[name] for name in ("created", "updated", "left")}
            record(actor=self.actor, action="roster.apply", obj=roster, facts=facts)


def access_roster(actor: Actor, import_id: UUID) -> RosterImport:
    """The list with this id, for an actor who may import lists. NotFound otherwise."""
    roster: RosterImport | None = RosterImport.objects.filter(pk=import_id).first()
    if roster is None or not actor.may("roster.import"):
        raise NotFound
    return roster


def plan_of(roster: RosterImport, actor: Actor) -> tuple[Plan, dict[UUID, Known]]:
    """What a previewed list would change as things stand now, and the members it speaks of. Locks and writes nothing."""
    plan = _plan(roster, kept_rows(roster), _stored_issues(roster), actor)
    return plan, {member.membership_id: member for member in _known(actor)}


def kept_rows(roster: RosterImport) -> list[RosterRow]:
    """The rows as uploaded; none once the list is written or discarded."""
    return _load(roster.rows_text)


def _locked(import_id: UUID) -> RosterImport:
    roster: RosterImport | None = RosterImport.objects.select_for_update(no_key=True).filter(pk=import_id).first()
    if roster is None:
        raise NotFound
    return roster


def _plan(roster: RosterImport, rows: Sequence[RosterRow], refused: Sequence[RowIssue], actor: Actor) -> Plan:
    """The whole list against the whole school. A row whose number cannot be read makes it unsafe to say who left."""
    entries, faults = read_entries(rows)
    issues = [*refused, *faults]
    unreadable = _hides_a_number(issues)
    listed = {row.values.get("staff_no", "") for row in rows}
    plan = plan_roster(
        _hashed(entries),
        _known(actor),
        today=_today(),
        listed=listed,
        mark_leavers=roster.marks_leavers and not unreadable,
    )
    everything = sorted([*issues, *plan.issues], key=lambda issue: issue.row)
    return Plan(plan.create, plan.update, plan.unchanged, plan.leave, tuple(everything))


def _hides_a_number(issues: Iterable[RowIssue]) -> bool:
    return any((issue.field == "staff_no" and issue.code != "twice") or issue.code in PARSE_FAULTS for issue in issues)


def _known(actor: Actor, entries: Sequence[Entry] | None = None) -> list[Known]:
    """Members as stored: all of the school, or those that ``entries`` could mean (locked, in key order)."""
    members = Membership.objects.select_related("user", "department").order_by("pk")
    if entries is not None:
        # Accounts first, by their own indexes: one condition over both tables makes the planner walk all pairs.
        found = User.objects.filter(email__in=[entry.email for entry in entries if entry.email]).values_list("pk")
        by_phone = User.objects.filter(phone_hash__in=[entry.phone_hash for entry in entries if entry.phone_hash])
        users = {pk for (pk,) in [*found, *by_phone.values_list("pk")]}
        numbers = [entry.staff_no for entry in entries]
        members = members.filter(Q(staff_no__in=numbers) | Q(user_id__in=users)).select_for_update(
            no_key=True, of=("self",)
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


def _hashed(entries: Iterable[Entry]) -> list[Entry]:
    return [with_hash(entry, phone_index(entry.phone)) if entry.phone else entry for entry in entries]


def _departments(plan: Plan) -> dict[str, Department]:
    """By name, the missing ones made."""
    names = {entry.department for entry in plan.create} | {
        change.entry.department for change in plan.update if "department" in change.fields
    }
    names.discard("")
    Department.objects.bulk_create([Department(name=name) for name in sorted(names)], ignore_conflicts=True)
    return {department.name: department for department in Department.objects.filter(name__in=names)}


def _accounts(entries: Sequence[Entry]) -> dict[int, User]:
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


def _create(entries: Sequence[Entry], departments: dict[str, Department]) -> list[UUID]:
    accounts = _accounts(entries)
    members = [
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
    Membership.objects.bulk_create(members)
    return [member.pk for member in members]


def _update(changes: Sequence[Change], departments: dict[str, Department]) -> list[UUID]:
    accounts = _accounts([change.entry for change in changes if change.account])
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


def _today() -> date:
    return local_day(now())


def _dump(rows: Sequence[RosterRow]) -> str:
    return json.dumps([[row.number, dict(row.values)] for row in rows], ensure_ascii=False, separators=(",", ":"))


def _load(text: str) -> list[RosterRow]:
    return [RosterRow(number, values) for number, values in json.loads(text)] if text else []


def _issues_json(issues: Sequence[RowIssue]) -> list[list[object]]:
    return [[i.row, i.field, i.code, i.detail, i.blocking] for i in issues[:MAX_KEPT_ISSUES]]


def _stored_issues(roster: RosterImport) -> list[RowIssue]:
    """Rows that the parser had already refused are not among the kept rows: only the count says that there were some."""
    kept = roster.counts.get("rows", 0) - roster.total_rows
    return [RowIssue(0, "staff_no", "unreadable")] if kept else []
