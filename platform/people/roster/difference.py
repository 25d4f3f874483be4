"""What a previewed staff list would change, as a plan and row by row. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from accounts.models import RosterImport
from kernel.clock import local_day, now
from people.roster.kept import hides_people, kept_rows, stored_issues
from people.roster.parse import RosterRow, RowIssue
from people.roster.people import hashed, known
from people.roster.plan import Change, Entry, Known, Plan, plan_roster, read_entries
from people.texts import FIELDS


@dataclass(frozen=True, slots=True)
class Difference:
    """One person. ``kind`` is create, update or leave; ``row`` the spreadsheet's, 0 for who is not in it.

    ``changes`` are ``(column, before, after)``; a telephone number is said to change and not shown.
    """

    kind: str
    row: int
    name: str
    staff_no: str
    department: str
    changes: tuple[tuple[str, str, str], ...] = ()


def differences(roster: RosterImport, actor: Actor) -> list[Difference]:
    """In the order of weight: who leaves, what changes, who comes."""
    plan, members = plan_of(roster, actor)
    leaving = [_of_member("leave", members[pk]) for pk in plan.leave if pk in members]
    changed = [_of_change(change, members[change.membership_id]) for change in plan.update]
    coming = [Difference("create", entry.row, entry.name, entry.staff_no, entry.department) for entry in plan.create]
    return [*leaving, *changed, *coming]


def plan_of(roster: RosterImport, actor: Actor) -> tuple[Plan, dict[UUID, Known]]:
    """What a previewed list would change as things stand now, and the members it speaks of. Locks and writes nothing."""
    rows = kept_rows(roster)
    entries, faults = read_entries(rows)
    members = known(actor)
    plan = planned(roster, rows, hashed(entries), [*stored_issues(roster), *faults], actor, members)
    return plan, {member.membership_id: member for member in members}


def planned(
    roster: RosterImport,
    rows: Sequence[RosterRow],
    entries: Sequence[Entry],
    issues: Sequence[RowIssue],
    actor: Actor,
    members: Sequence[Known] | None = None,
) -> Plan:
    """The whole list against the whole school. A row whose number cannot be read makes it unsafe to say who left."""
    plan = plan_roster(
        entries,
        known(actor) if members is None else members,
        today=local_day(now()),
        listed={row.values.get("staff_no", ""): row.values.get("name", "") for row in rows},
        mark_leavers=roster.marks_leavers and not hides_people(roster, issues),
    )
    everything = sorted([*issues, *plan.issues], key=lambda issue: issue.row)
    return replace(plan, issues=tuple(everything))


def _of_member(kind: str, member: Known) -> Difference:
    return Difference(kind, 0, member.name, member.staff_no, member.department)


def _of_change(change: Change, member: Known) -> Difference:
    entry = change.entry
    return Difference(
        "update",
        entry.row,
        member.name,
        member.staff_no or entry.staff_no,
        member.department,
        tuple(_told(change, member)),
    )


def _told(change: Change, member: Known) -> Iterator[tuple[str, str, str]]:
    for name in sorted(change.fields):
        column = str(FIELDS.get(name, name))
        if name == "phone":
            yield column, "…", "…"
        else:
            yield column, _text(getattr(member, name, "")), _text(_of(change.entry, name))


def _of(entry: Entry, name: str) -> Any:
    return getattr(entry, name, "")


def _text(value: Any) -> str:
    return str(value) if value else "–"
