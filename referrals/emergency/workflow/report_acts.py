"""What the school's people do with a report: say that it was read, answer it, let it be an incident of its own."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, NotFound
from referrals.emergency.models import Incident, Report
from referrals.emergency.rules.reporting import UNREAD
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.receiving import add_letter, letter_words, open_for
from referrals.emergency.workflow.standing import must_know, opened
from referrals.emergency.workflow.unread import left_out_of_reports


@transaction.atomic
def read_reports(*, actor: Actor, incident_id: UUID | str, report_ids: Collection[UUID]) -> int:
    """The actor has read these; nobody is called about them any more. Returns how many nobody had read before.

    Those that were shown, by key: what came while the page was read stays unread. Duty and centre; NotFound for whoever may
    not know of the incident. Also after its end: what was written in its last minute is read then.
    """
    require(actor, "incident.read")
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    count = _mark(locked, actor, Report.objects.filter(pk__in=report_ids, incident=locked.incident))
    if count:
        record(actor=actor, action="report.read", obj=locked.incident, facts={"count": count})
    return count


@transaction.atomic
def answer_report(*, actor: Actor, incident_id: UUID | str, report_id: UUID | str, words: str) -> None:
    """Write to whoever sent it; that says that it was read. Duty and centre.

    NotFound for what is no report of an incident that the actor may know of; Conflict ``incident_ended``; Invalid
    ``letter_empty``, ``letter_too_long``; TooMany ``letters_full``.
    """
    require(actor, "incident.read")
    words = letter_words(words)
    locked = opened(actor, incident_id)
    report = _held(locked.incident, report_id)
    add_letter(report, words, by=actor.membership_id)
    _mark(locked, actor, Report.objects.filter(pk=report.pk))
    record(actor=actor, action="report.answer", obj=locked.incident)


@transaction.atomic
def split_report(*, actor: Actor, incident_id: UUID | str, report_id: UUID | str) -> Incident:
    """It is about something else: it becomes an incident of its own, without person, and the school is called about that.

    It leaves out whom it left out before. Duty and centre. NotFound as ``answer_report``; Conflict ``report_is_alone`` for
    the one report of an incident that was opened for it.
    """
    require(actor, "incident.read")
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    report = _held(locked.incident, report_id)
    if report.opened and not Report.objects.filter(incident=locked.incident).exclude(pk=report.pk).exists():
        raise Conflict("report_is_alone")
    left_out = left_out_of_reports(locked.incident, [report], locked.moment)
    own = open_for(left_out, at_once=True, danger_now=report.danger_now)
    report.incident, report.opened = own, True
    report.read_at, report.read_by, report.next_at = None, None, locked.moment + UNREAD
    report.save(update_fields=["incident", "opened", "read_at", "read_by", "next_at"])
    note(locked.incident, "report.split", by=actor, facts={"number": own.number})
    record(actor=actor, action="report.split", obj=own)
    return own


def _held(incident: Incident, report_id: UUID | str) -> Report:
    report = Report.objects.select_for_update(no_key=True).filter(pk=report_id, incident=incident).first()
    if report is None:
        raise NotFound
    return report


def _mark(locked: Locked, actor: Actor, rows: QuerySet[Report]) -> int:
    return rows.filter(read_at=None).update(
        read_at=locked.moment, read_by_id=actor.membership_id, next_at=None, was_read=True
    )
