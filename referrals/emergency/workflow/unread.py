"""What follows when a report has lain unread: it calls as an incident of its own (chain §1). Fired by the engine alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from referrals.emergency.left_out_names import Meant, about_whom
from referrals.emergency.models import Incident, LeftOut, NeverContact, Report
from referrals.emergency.resolving import left_out_of
from referrals.emergency.rules.leg_states import PAGED
from referrals.emergency.rules.reporting import UNREAD
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.receiving import place_for, tell_owner, told_in


def follow_unread(incident_id: UUID, reports: Sequence[UUID]) -> int:
    """Of one incident, in the caller's transaction. Returns how many reports were due.

    While the school is still being called they wait with it, and after somebody took it as long again. Then those that
    joined it call as an incident of their own, together and once; for those that are there already, whoever has it is
    called again. What its incident has ended under is read no more, unless it only joined it.
    """
    locked = lock(incident_id)
    rows = list(
        Report.objects.select_for_update(no_key=True)
        .filter(pk__in=reports, incident_id=incident_id, next_at__lte=locked.moment)
        .order_by("pk")
    )
    if not rows:
        return 0
    until = _patience(locked)
    if until > locked.moment:
        _wait(rows, until)
        return len(rows)
    joined, own = [row for row in rows if not row.opened], [row for row in rows if row.opened]
    if own and locked.incident.closed_at is not None:
        Report.objects.filter(pk__in=[row.pk for row in own]).update(read_at=locked.moment, next_at=None)
    elif own:
        tell_owner(locked, at_once=True)
        _wait(own, locked.moment + UNREAD)
    if joined:
        _call_by_itself(locked, joined)
    return len(rows)


def _patience(locked: Locked) -> datetime:
    """Until when they wait: while the leg calls, and ``UNREAD`` after somebody took it."""
    if locked.incident.closed_at is not None:
        return locked.moment
    if locked.school.state in PAGED:
        return locked.moment + UNREAD
    return locked.school.since + UNREAD


def _wait(rows: Sequence[Report], until: datetime) -> None:
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(next_at=until)


def _call_by_itself(locked: Locked, rows: Sequence[Report]) -> None:
    is_danger = any(row.danger_now for row in rows)
    left_out = left_out_of_reports(locked.incident, rows, locked.moment)
    # One that somebody has calls nobody any more: there they would lie unread once again, and end with it unread.
    place = place_for(left_out, at_once=True, danger_now=is_danger, but=locked.incident.pk, only_called=True)
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(
        incident=place.incident, opened=place.is_new, next_at=locked.moment + UNREAD
    )
    if place.incident.pk != locked.incident.pk:
        note(locked.incident, "report.by_itself", role="engine", facts={"number": place.incident.number})


def left_out_of_reports(incident: Incident, reports: Sequence[Report], moment: datetime) -> Meant:
    """Whom ``reports`` of an incident leave out: they do so wherever these go.

    What follows from a name goes when somebody writes who the incident is about. Another one of it is about nobody again: so
    who was written, and who is never told about them, must not read of it either, and whom its own words are about.
    """
    rows = list(LeftOut.objects.filter(incident=incident))
    asked = [row for row in rows if row.why == LeftOut.Why.ASKED]
    members = {row.member_id for row in asked if row.member_id}
    likely = {row.member_id for row in rows if row.member_id and row.why == LeftOut.Why.NAMESAKE}
    school = open_school()
    likely |= left_out_of(incident).members.union(
        *(about_whom(school, moment, told_in(report).about) for report in reports)
    )
    never = NeverContact.objects.filter(person_id=incident.person_id, number_hash__isnull=False)
    numbers = {bytes(row.number_hash) for row in (*asked, *never) if row.number_hash}
    return Meant(frozenset(members), frozenset(numbers), frozenset(likely - members))
