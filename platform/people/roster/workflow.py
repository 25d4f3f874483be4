"""The writers of a staff list: ``preview_roster`` keeps it and shows the difference, ``apply_roster`` writes it."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import BinaryIO, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import ONE_BEING_READ, Membership, RosterImport, RosterState
from audit import record, refuse
from jobs.workflow import start
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_text
from people.invitations import invite_newcomers, mark_invited
from people.roster.headings import own_headings
from people.roster.kept import dump_rows, hides_people, issues_json, kept_rows, needs_confirmation, stored_issues
from people.roster.parse import ParsedRoster, RosterRow, RowIssue, is_long, parse_roster
from people.roster.people import departments, hashed, known, newcomers, update
from people.roster.plan import Entry, Known, Plan, plan_roster, read_entries
from people.roster.waiting import blocks_of, forget_file, forget_orphans, keep_file, kept_file
from vault.cipher import Unreadable

BATCH: Final = 200  # rows written in one transaction; also the most ids one audit row may list

Progress = Callable[[int, int], None]


@transaction.atomic
def upload_roster(*, actor: Actor, file: BinaryIO, file_name: str, marks_leavers: bool = False) -> RosterImport:
    """Take a list in. A short one is previewed at once; a long one is kept sealed as it came, and a job
    has it read (``read_roster``): the web must not be held for seconds by one file. Errors as ``preview_roster``; what
    only reading shows is told on the list's own page. Conflict ``roster_one_at_a_time`` while another long one is read.
    """
    require(actor, "roster.import")
    if not is_long(file, own_headings()):
        file.seek(0)
        return preview_roster(actor=actor, content=file.read(), file_name=file_name, marks_leavers=marks_leavers)
    roster = _new(actor, blocks_of(file), file_name, marks_leavers)
    roster.state = RosterState.READING
    _insert_the_only_one(roster)
    forget_orphans()
    keep_file(roster, file)
    start(actor=actor, kind="roster_read", params={"import": roster.pk})
    return roster


def _insert_the_only_one(roster: RosterImport) -> None:
    """The index decides between two that come at the same moment: the second waits for the first's row, then is refused."""
    try:
        with transaction.atomic():
            roster.save(force_insert=True)
    except IntegrityError as error:
        if ONE_BEING_READ not in str(error):
            raise
        raise Conflict("roster_one_at_a_time") from None


@transaction.atomic
def preview_roster(*, actor: Actor, content: bytes, file_name: str, marks_leavers: bool = False) -> RosterImport:
    """Read a list, keep its rows sealed, and say what it would change. No member is touched.

    Needs ``roster.import``. Raises Invalid when the file as a whole cannot be read (``people.roster.parse``).
    """
    roster = _new(actor, [content], file_name, marks_leavers)
    _preview(roster, parse_roster(content, headings=own_headings()), actor)
    roster.save(force_insert=True)
    _record_preview(roster, actor)
    return roster


def read_roster(*, actor: Actor, import_id: UUID, on_progress: Progress | None = None) -> RosterImport:
    """Read what ``upload_roster`` kept; ``on_progress(done, total)`` as ``book.rows_of`` tells it. May be called again.

    A file that cannot be read puts the list away with the reason and one row of the record, and raises Invalid.
    """
    require(actor, "roster.import")
    roster = access_roster(actor, import_id)
    if roster.state != RosterState.READING:
        return roster
    try:
        parsed = parse_roster(_kept(roster), _Reading(roster, on_progress), own_headings())
    except Invalid as fault:
        _put_away(actor, roster, fault)
        raise
    with transaction.atomic():
        roster = _locked(import_id)
        if roster.state != RosterState.READING:
            return roster  # put away while it was read
        _preview(roster, parsed, actor)
        roster.save()
        forget_file(roster)
        _record_preview(roster, actor)
    return roster


def _kept(roster: RosterImport) -> bytes:
    try:
        return kept_file(roster)
    except (FileNotFoundError, Unreadable) as error:
        raise Invalid("roster_lost") from error


class _Reading:
    """Shows on the list's own row, at most twice a second, how far the reading is; then tells the job."""

    def __init__(self, roster: RosterImport, then: Progress | None) -> None:
        self.roster, self.then, self.shown_at = roster, then, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.shown_at >= 0.5:
            self.shown_at = time.monotonic()
            reading = RosterImport.objects.filter(pk=self.roster.pk, state=RosterState.READING)
            reading.update(done_rows=min(100, 100 * done // max(total, 1)), total_rows=100)
        if self.then is not None:
            self.then(done, total)


def _put_away(actor: Actor, roster: RosterImport, fault: Invalid) -> None:
    with transaction.atomic():
        kept = _locked(roster.pk)
        if kept.state != RosterState.READING:
            return
        kept.state = RosterState.DISCARDED
        forget_file(kept)
        kept.counts = {"fault": fault.reason, "params": dict(fault.params)}
        kept.done_rows = kept.total_rows = 0
        kept.save(update_fields=["state", "counts", "done_rows", "total_rows"])
    refuse(actor=actor, action="roster.preview", code=fault.reason, obj=roster)


def _new(actor: Actor, blocks: Iterable[bytes], file_name: str, marks_leavers: bool) -> RosterImport:
    require(actor, "roster.import")
    if actor.membership_id is None:
        raise Forbidden
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return RosterImport(
        uploaded_by_id=actor.membership_id,
        file_name=file_name[-120:],
        file_hash=digest.digest(),
        marks_leavers=marks_leavers,
    )


def _preview(roster: RosterImport, parsed: ParsedRoster, actor: Actor) -> None:
    """Put the rows and what they would change into the row, unsaved."""
    roster.state, roster.done_rows, roster.total_rows = RosterState.PREVIEWED, 0, len(parsed.rows)
    roster.rows_text = dump_rows(parsed)
    entries, faults = read_entries(parsed.rows)
    members = known(actor)
    unseen = parsed.unseen
    roster.counts = {
        "rows": len(parsed.rows) + len(parsed.issues),
        "ignored": list(parsed.ignored),
        "unseen": {"sheets": unseen.sheets, "rows": unseen.rows, "columns": len(unseen.columns)},
        "guessed": parsed.is_guessed,
        "staff": sum(_is_current(member) for member in members),
    }
    plan = _plan(roster, parsed.rows, hashed(entries), [*parsed.issues, *faults], actor, members)
    roster.counts |= {
        "create": len(plan.create),
        "update": len(plan.update),
        "unchanged": len(plan.unchanged),
        "leave": len(plan.leave),
        "refused": plan.refused_rows,
        "leavers_withheld": roster.marks_leavers and hides_people(roster, plan.issues),
        "namesakes": len(plan.namesakes),
    }
    roster.errors = issues_json(plan.issues)


def _record_preview(roster: RosterImport, actor: Actor) -> None:
    record(
        actor=actor,
        action="roster.preview",
        obj=roster,
        facts={name: roster.counts[name] for name in ("create", "update", "leave", "refused")},
    )


@transaction.atomic
def discard_roster(*, actor: Actor, import_id: UUID) -> RosterImport:
    """Put a list away unwritten and forget its rows. Conflict once writing has begun."""
    require(actor, "roster.import")
    roster = _locked(import_id)
    if roster.state == RosterState.DISCARDED:
        return roster
    if roster.state not in (RosterState.READING, RosterState.PREVIEWED):
        raise Conflict("roster_begun")
    if roster.state == RosterState.READING:
        forget_file(roster)
    roster.state, roster.done_rows = RosterState.DISCARDED, 0
    roster.rows_text = ""
    roster.save(update_fields=["state", "done_rows", "sealed_rows"])
    record(actor=actor, action="roster.discard", obj=roster)
    return roster


@transaction.atomic
def choose_invitations(*, actor: Actor, import_id: UUID, wanted: bool) -> RosterImport:
    """Whether those who are new will be invited when the list is written. Conflict once writing has begun."""
    require(actor, "roster.import")
    roster = _locked(import_id)
    if roster.state != RosterState.PREVIEWED:
        raise Conflict("roster_being_read" if roster.state == RosterState.READING else "roster_begun")
    roster.counts = {**roster.counts, "invites": wanted}
    roster.save(update_fields=["counts"])
    return roster


@transaction.atomic
def confirm_leavers(*, actor: Actor, import_id: UUID, typed: str) -> RosterImport:
    """Note that a person typed how many members will be marked as left. Invalid ``roster_leavers_differ`` for another number.

    Needed above one in ``ASKS_ABOVE`` of the staff (``needs_confirmation``). Conflict once writing has begun.
    """
    require(actor, "roster.import")
    roster = _locked(import_id)
    if roster.state != RosterState.PREVIEWED:
        raise Conflict("roster_being_read" if roster.state == RosterState.READING else "roster_begun")
    leave = roster.counts["leave"]
    if fold_text(typed) != str(leave):
        raise Invalid("roster_leavers_differ", fields=(("leavers", "roster_leavers_differ", ""),))
    roster.counts = {**roster.counts, "leavers_confirmed": leave}
    roster.save(update_fields=["counts"])
    return roster


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
        roster = _locked(import_id, *() if not self.rows else ("sealed_rows", "errors"))
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
        plan = plan_roster(entries, known(self.actor, entries), today=_today(), mark_leavers=False)
        places = departments(plan)
        fresh = newcomers(plan.create, places)
        chosen = mark_invited(fresh) if roster.counts.get("invites") else []
        Membership.objects.bulk_create(fresh)
        invite_newcomers(chosen)
        updated = update(plan.update, places)
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
            leave = _plan(roster, self.rows, self.entries, issues, self.actor, before).leave
            if len(leave) > roster.counts["leave"]:
                leave = ()
                roster.counts["leavers_withheld"] = True
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
            for first in range(0, len(ids), BATCH):
                members = list(ids[first : first + BATCH])
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
    rows = kept_rows(roster)
    entries, faults = read_entries(rows)
    members = known(actor)
    plan = _plan(roster, rows, hashed(entries), [*stored_issues(roster), *faults], actor, members)
    return plan, {member.membership_id: member for member in members}


def _locked(import_id: UUID, *left_out: str) -> RosterImport:
    rows = RosterImport.objects.select_for_update(no_key=True).defer(*left_out)
    roster: RosterImport | None = rows.filter(pk=import_id).first()
    if roster is None:
        raise NotFound
    return roster


def _plan(
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
        today=_today(),
        listed={row.values.get("staff_no", ""): row.values.get("name", "") for row in rows},
        mark_leavers=roster.marks_leavers and not hides_people(roster, issues),
    )
    everything = sorted([*issues, *plan.issues], key=lambda issue: issue.row)
    return replace(plan, issues=tuple(everything))


def _is_current(member: Known) -> bool:
    today = _today()
    started = member.active_from is None or member.active_from <= today
    return started and (member.left_on is None or member.left_on >= today)


def _today() -> date:
    return local_day(now())
