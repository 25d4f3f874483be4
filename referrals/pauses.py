"""Requests whose agency may not serve them on a day of theirs, asked of the database's one function (``models.statements.PAUSED``)."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db.models import BooleanField, DateField, DateTimeField, F, Func, TextField, Value
from django.db.models.functions import Cast

from partners.pauses import Pause, PauseCause
from tenancy.messages import Part, send


class _Ended(Func):
    """Whether the request is one of those."""

    output_field = BooleanField()
    arg_joiner = " IN (SELECT found.request FROM paused_requests(NULL, "
    template = f"%(expressions)s) found WHERE found.cause = '{PauseCause.ENDED}')"


def is_ended(moment: datetime) -> Func:
    """Condition on requests: one whose agency, or this school's agreement with it, is no more."""
    return _Ended(F("pk"), Value(moment, DateTimeField()))


class _Untold(Func):
    """Whether a reason stands of which the request has no row yet."""

    output_field = BooleanField()
    arg_joiner = " IN (SELECT found.request FROM paused_requests(NULL, "
    template = (
        f"%(expressions)s) found WHERE found.cause <> '{PauseCause.ENDED}' AND NOT EXISTS ("
        "SELECT FROM referrals_pausedrequest told WHERE told.referral_id = found.request"
        " AND told.cause = found.cause AND told.since = found.since))"
    )


def is_untold(moment: datetime) -> Func:
    """Condition on requests: one of whose pause, or of one reason for it, nobody was told yet."""
    return _Untold(F("pk"), Value(moment, DateTimeField()))


class _StillSo(Func):
    """Whether the reason of a row still stands."""

    output_field = BooleanField()
    template = (
        "EXISTS (SELECT FROM (VALUES (%(expressions)s)) row (request, moment, cause, since)"
        " CROSS JOIN LATERAL paused_requests(row.request, row.moment) found"
        " WHERE found.cause = row.cause AND found.since = row.since)"
    )


def still_stands(moment: datetime) -> Func:
    """Condition on rows of ``PausedRequest``: their reason is still one."""
    return _StillSo(F("referral_id"), Value(moment, DateTimeField()), F("cause"), F("since"))


class _OfEnded(Func):
    """Whether the agency that was asked, or this school's agreement with it, is no more."""

    output_field = BooleanField()
    template = f"EXISTS (SELECT FROM pauses_on(%(expressions)s) found WHERE found.cause = '{PauseCause.ENDED}')"


def is_of_ended(day: date) -> Func:
    """Condition on offers: nobody is left who could answer it."""
    return _OfEnded(F("tenant_id"), F("partner_id"), Value("", TextField()), Value(day, DateField()))


class _Open(Func):
    """Whether the agency may serve the row's school on that day."""

    output_field = BooleanField()
    template = "NOT EXISTS (SELECT FROM pauses_on(%(expressions)s))"


def seat_is_open() -> Func:
    """Condition on entries of a waiting list: their agency may serve their own school on the day they wait for."""
    day = Cast(
        Func(F("tenant__time_zone"), F("starts_at"), function="timezone", output_field=DateTimeField()), DateField()
    )
    return _Open(F("tenant_id"), F("service__institution_id"), F("service__kind"), day)


def pauses_of(request_id: UUID, moment: datetime) -> list[Pause]:
    """Every reason why the request's agency may not serve it, the earliest first; none where nothing is under way. One query."""
    [rows] = send(Part("SELECT cause, since FROM paused_requests(%s, %s) ORDER BY since, cause", (request_id, moment)))
    return [Pause(PauseCause(cause), since) for cause, since in rows]


def pauses_by_request(moment: datetime) -> dict[UUID, list[Pause]]:
    """The same of every paused request in scope. One query."""
    [rows] = send(Part("SELECT request, cause, since FROM paused_requests(NULL, %s) ORDER BY since, cause", (moment,)))
    found: dict[UUID, list[Pause]] = defaultdict(list)
    for request_id, cause, since in rows:
        found[request_id].append(Pause(PauseCause(cause), since))
    return found
