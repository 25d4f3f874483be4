"""A previewed list row by row: who comes, what changes from what to what, who leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from accounts.models import RosterImport
from people.roster.plan import Change, Entry, Known
from people.roster.workflow import plan_of
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
    plan, known = plan_of(roster, actor)
    leaving = [_of_member("leave", known[pk]) for pk in plan.leave if pk in known]
    changed = [_of_change(change, known[change.membership_id]) for change in plan.update]
    coming = [Difference("create", entry.row, entry.name, entry.staff_no, entry.department) for entry in plan.create]
    return [*leaving, *changed, *coming]


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
