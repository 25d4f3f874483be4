"""The writers of a staff list: ``preview_roster`` keeps it and shows the difference, ``apply_roster`` writes it."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.actor import Actor, require
from accounts.invitations import invite_newcomers, mark_invited
from accounts.models import Membership, RosterImport, RosterState
from accounts.roster.parse import ParsedRoster, RosterRow, RowIssue, is_long, parse_roster
from accounts.roster.people import departments, hashed, known, newcomers, update
from accounts.roster.plan import Entry, Known, Plan, plan_roster, read_entries
from audit import record, refuse
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound

BATCH: Final = 200  # rows written in one transaction; also the most ids one audit row may list
MAX_KEPT_ISSUES: Final = 2_000

PARSE_FAULTS: Final = frozenset({"formula", "cell_error", "unreadable", "too_long"})
"""A row refused for one of these was dropped whole: its staff number is not known."""

Progress = Callable[[int, int], None]


@transaction.atomic
def upload_roster(*, actor: Actor, content: bytes, file_name: str, marks_leavers: bool = False) -> RosterImport:
    """Take a list in. A short one is previewed at once; a long one is kept sealed as it came, and ``settings.ROSTER_READ``
    has it read (``read_roster``): the web must not be held for seconds by one file. Errors as ``preview_roster``; what
    only reading shows is told on the list's own page.
    """
    if not is_long(content):
        return preview_roster(actor=actor, content=content, file_name=file_name, marks_leavers=marks_leavers)
    roster = _new(actor, content, file_name, marks_leavers)
    roster.state = RosterState.READING
    roster.rows_text = base64.b85encode(content).decode()
    roster.save(force_insert=True)
    start: Callable[..., object] = import_string(settings.ROSTER_READ)
    start(actor=actor, import_id=roster.pk)
    return roster


@transaction.atomic
def preview_roster(*, actor: Actor, content: bytes, file_name: str, marks_leavers: bool = False) -> RosterImport:
    """Read a list, keep its rows sealed, and say what it would change. No member is touched.

    Needs ``roster.import``. Raises Invalid when the file as a whole cannot be read (``accounts.roster.parse``).
    """
    roster = _new(actor, content, file_name, marks_leavers)
    _preview(roster, parse_roster(content), actor)
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
        parsed = parse_roster(base64.b85decode(roster.rows_text), _Reading(roster, on_progress))
    except Invalid as fault:
        _put_away(actor, roster, fault)
        raise
    with transaction.atomic():
        roster = _locked(import_id)
        if roster.state != RosterState.READING:
            return roster  # put away while it was read
        _preview(roster, parsed, actor)
        roster.save()
        _record_preview(roster, actor)
    return roster


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
        kept.rows_text = ""
        kept.counts = {"fault": fault.reason, "params": dict(fault.params)}
        kept.done_rows = kept.total_rows = 0
        kept.save(update_fields=["state", "sealed_rows", "counts", "done_rows", "total_rows"])
    refuse(actor=actor, action="roster.preview", code=fault.reason, obj=roster)


def _new(actor: Actor, content: bytes, file_name: str, marks_leavers: bool) -> RosterImport:
    require(actor, "roster.import")
    if actor.membership_id is None:
        raise Forbidden
    return RosterImport(
        uploaded_by_id=actor.membership_id,
        file_name=file_name[-120:],
        file_hash=hashlib.sha256(content).digest(),
        marks_leavers=marks_leavers,
    )


def _preview(roster: RosterImport, parsed: ParsedRoster, actor: Actor) -> None:
    """Put the rows and what they would change into the row, unsaved."""
    roster.state, roster.done_rows, roster.total_rows = RosterState.PREVIEWED, 0, len(parsed.rows)
    roster.rows_text = _dump(parsed.rows)
    entries, faults = read_entries(parsed.rows)
    plan = _plan(roster, parsed.rows, hashed(entries), [*parsed.issues, *faults], actor)
    roster.counts = {
        "create": len(plan.create),
        "update": len(plan.update),
        "unchanged": len(plan.unchanged),
        "leave": len(plan.leave),
        "refused": plan.refused_rows,
        "rows": len(parsed.rows) + len(parsed.issues),
        "ignored": list(parsed.ignored),
        "leavers_withheld": roster.marks_leavers and _hides_a_number(plan.issues),
    }
    roster.errors = _issues_json(plan.issues)


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
        if not self.rows:
            self.rows = _load(roster.rows_text)
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
        """The last batch also marks the leavers, forgets the rows, and closes the import."""
        leave: Sequence[UUID] = ()
        if roster.marks_leavers:
            issues = [*_stored_issues(roster), *self.faults]
            leave = _plan(roster, self.rows, self.entries, issues, self.actor).leave
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
    rows = kept_rows(roster)
    entries, faults = read_entries(rows)
    members = known(actor)
    plan = _plan(roster, rows, hashed(entries), [*_stored_issues(roster), *faults], actor, members)
    return plan, {member.membership_id: member for member in members}


def kept_rows(roster: RosterImport) -> list[RosterRow]:
    """The rows as uploaded; none before the list is read, and none once it is written or discarded."""
    return [] if roster.state == RosterState.READING else _load(roster.rows_text)


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
        listed={row.values.get("staff_no", "") for row in rows},
        mark_leavers=roster.marks_leavers and not _hides_a_number(issues),
    )
    everything = sorted([*issues, *plan.issues], key=lambda issue: issue.row)
    return Plan(plan.create, plan.update, plan.unchanged, plan.leave, tuple(everything))


def _hides_a_number(issues: Iterable[RowIssue]) -> bool:
    return any((issue.field == "staff_no" and issue.code != "twice") or issue.code in PARSE_FAULTS for issue in issues)


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
