"""The writer that applies a previewed staff list to the school's members, in batches."""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.known_by import numbers_changed
from accounts.models import Membership, RosterImport, RosterState
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Refused
from people.invitations import invite_newcomers, mark_invited
from people.roster.access import locked_roster
from people.roster.difference import planned
from people.roster.kept import kept_rows, needs_confirmation, stored_issues
from people.roster.parse import RosterRow, RowIssue
from people.roster.people import departments, hashed, known, newcomers, update
from people.roster.plan import Entry, plan_roster, read_entries
from tenancy.scope import current_tenant_id

BATCH: Final = 200  # rows written in one transaction; also the most ids one audit row may list

Progress = Callable[[int, int], None]


def apply_roster(*, actor: Actor, import_id: UUID, on_progress: Progress | None = None) -> RosterImport:
    """Write a previewed list in batches of ``BATCH`` rows, each a transaction of its own; ``on_progress(done, total)``.

    May be called again after a crash, twice at once, or when all is done: every batch looks anew at what stands.
    Passwords are never made here: a new person is invited to choose one (``choose_invitations``). Needs ``roster.import``.
    Raises NotFound, Conflict for a discarded list, or Refused (``roster_leavers_unconfirmed``) while ``needs_confirmation``.
    """
    require(actor, "roster.import")
    run = _Run(actor)
    while True:
        try:
            roster = run.batch(import_id)
        except IntegrityError:  # somebody was enrolled by hand at the same moment: a second look finds them
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
        self.faults: list[RowIssue] = []

    @transaction.atomic
    def batch(self, import_id: UUID) -> RosterImport:
        """Write the next rows and note how far it is, in one transaction. The sealed rows are fetched once a run."""
        roster = locked_roster(import_id, *() if not self.rows else ("sealed_rows", "errors"))
        if roster.state == RosterState.DONE:
            return roster
        if roster.state == RosterState.DISCARDED:
            raise Conflict("roster_discarded")
        if roster.state == RosterState.READING:
            raise Conflict("roster_being_read")
        if roster.state == RosterState.PREVIEWED and needs_confirmation(roster):
            raise Refused("roster_leavers_unconfirmed", leave=roster.counts["leave"])
        if not self.rows:
            self.rows = kept_rows(roster)
            entries, self.faults = read_entries(self.rows)
            self.entries = hashed(entries)
        if roster.done_rows == 0:
            roster.counts = {**roster.counts, "created": 0, "updated": 0, "left": 0}
        wanted = {row.number for row in self.rows[roster.done_rows : roster.done_rows + BATCH]}
        entries = [entry for entry in self.entries if entry.row in wanted]
        plan = plan_roster(entries, known(self.actor, entries), today=local_day(now()), mark_leavers=False)
        places = departments(plan)
        fresh = newcomers(plan.create, places)
        chosen = mark_invited(fresh) if roster.counts.get("invites") else []
        Membership.objects.bulk_create(fresh)
        invite_newcomers(chosen)
        updated = update(plan.update, places)
        if fresh or any(change.fields & {"phone", "staff_no"} for change in plan.update):
            numbers_changed(current_tenant_id())
        roster.done_rows += len(wanted)
        roster.state = RosterState.RUNNING
        roster.counts["created"] += len(fresh)
        roster.counts["updated"] += len(updated)
        if roster.counts.get("invites"):
            roster.counts["invited"] = roster.counts.get("invited", 0) + len(chosen)
        leave = self._finish(roster) if roster.done_rows >= roster.total_rows else ()
        ended = ["applied_at", "sealed_rows"] if roster.state == RosterState.DONE else []
        roster.save(update_fields=["done_rows", "state", "counts", *ended])
        self._record(roster, [member.pk for member in fresh], updated, leave, [member.pk for member in chosen])
        return roster

    def _finish(self, roster: RosterImport) -> Sequence[UUID]:
        """The last batch also marks the leavers, forgets the rows, and closes the import.

        Who was written by this very list is still new to it; and never more leave than a person was shown.
        """
        leave: Sequence[UUID] = ()
        if roster.marks_leavers:
            issues = [*stored_issues(roster), *self.faults]
            since = Membership.objects.filter(created_at__gte=roster.created_at)
            new = set(since.values_list("pk", flat=True))
            before = [member for member in known(self.actor) if member.membership_id not in new]
            leave = planned(roster, self.rows, self.entries, issues, self.actor, before).leave
            if len(leave) > roster.counts["leave"]:
                leave = ()
                roster.counts["leavers_withheld"] = True
        Membership.objects.filter(pk__in=leave).update(left_on=local_day(now()))
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
            for first in range(0, len(ids), BATCH):
                members = list(ids[first : first + BATCH])
                record(actor=self.actor, action=action, obj=roster, facts={"members": members})
        if roster.state == RosterState.DONE:
            facts = {name: roster.counts[name] for name in ("created", "updated", "left")}
            record(actor=self.actor, action="roster.apply", obj=roster, facts=facts)
