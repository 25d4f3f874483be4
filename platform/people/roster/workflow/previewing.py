"""Writers of a staff list until it is applied: taken in, read, previewed, confirmed, discarded."""

import hashlib
import time
from collections.abc import Callable, Iterable
from typing import BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from accounts.models import ONE_BEING_READ, RosterImport, RosterState
from audit import record, refuse
from jobs.workflow import start
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid
from kernel.fold import fold_text
from people.roster.access import access_roster, locked_roster
from people.roster.difference import planned
from people.roster.headings import own_headings
from people.roster.kept import dump_rows, hides_people, issues_json
from people.roster.parse import ParsedRoster, is_long, parse_roster
from people.roster.people import hashed, known
from people.roster.plan import Known, read_entries
from people.roster.waiting import blocks_of, forget_file, forget_orphans, keep_file, kept_file
from vault.cipher import Unreadable

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
        roster = locked_roster(import_id)
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
        kept = locked_roster(roster.pk)
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
    plan = planned(roster, parsed.rows, hashed(entries), [*parsed.issues, *faults], actor, members)
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
    roster = locked_roster(import_id)
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
    roster = locked_roster(import_id)
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
    roster = locked_roster(import_id)
    if roster.state != RosterState.PREVIEWED:
        raise Conflict("roster_being_read" if roster.state == RosterState.READING else "roster_begun")
    leave = roster.counts["leave"]
    if fold_text(typed) != str(leave):
        raise Invalid("roster_leavers_differ", fields=(("leavers", "roster_leavers_differ", ""),))
    roster.counts = {**roster.counts, "leavers_confirmed": leave}
    roster.save(update_fields=["counts"])
    return roster


def _is_current(member: Known) -> bool:
    today = local_day(now())
    started = member.active_from is None or member.active_from <= today
    return started and (member.left_on is None or member.left_on >= today)
