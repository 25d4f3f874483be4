"""Times and clocks that depend on the agency: its hours decide which times can be, its open days when its answer is due.

Every writer that takes a time asks here; a test sees that none checks by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from partners.calendars.opening import first_day_with_room
from partners.calendars.selectors import opening_of, openings_of
from partners.models import Service
from referrals.access import as_uuid
from referrals.rules import MAX_WINDOWS, SessionRule, Window, check_windows
from tenancy.models import Tenant
from workdays.clock import add_workdays
from workdays.selectors import calendar

CRISIS_ANSWER: Final = timedelta(hours=2)
OFFICE_ANSWER_DAYS: Final = 1
"""Working days in which a school's office decides (rules §2)."""


def wished_times(
    tenant: Tenant, service_id: UUID | str, windows: Sequence[tuple[datetime, datetime]], moment: datetime
) -> tuple[Window, ...]:
    """Times that suit a person, in UTC, in the order given: in each the agency can find a session within its hours.

    Invalid ``windows_invalid`` as ``rules.check_windows`` says. A service that is not there is refused where it is priced.
    """
    service = Service.objects.filter(pk=as_uuid(service_id)).first() or Service(minutes=1)
    session = SessionRule(opening_of(service.institution_id), service.visit_minutes, is_exact=False, most=MAX_WINDOWS)
    return check_windows(windows, moment, tenant.time_zone, session)


def kept_times(
    service: Service, times: Iterable[tuple[datetime, datetime]], moment: datetime
) -> list[tuple[datetime, datetime]]:
    """Those of ``times`` still to come in which another agency's ``service`` finds room: what it can be asked with."""
    opening = opening_of(service.institution_id)
    return [
        (start, end)
        for start, end in times
        if start > moment and opening.fault(start, end, service.visit_minutes, is_exact=False) is None
    ]


def checked_times(
    tenant: Tenant, service: Service, windows: Sequence[tuple[datetime, datetime]], moment: datetime
) -> tuple[Window, ...]:
    """Appointments that the agency makes or proposes, in UTC, in the order given; each lies within its hours as a whole.

    Invalid ``windows_invalid`` as ``rules.check_windows`` says.
    """
    session = SessionRule(opening_of(service.institution_id), service.visit_minutes)
    return check_windows(windows, moment, tenant.time_zone, session)


def agency_answers_by(tenant: Tenant, institution_id: UUID, moment: datetime, *, in_crisis: bool = False) -> datetime:
    """The same clock time on the agency's next open day; so many open days on as the school gives it (rules §2).

    In a crisis two hours of real time, whether or not the agency is open.
    """
    if in_crisis:
        return moment + CRISIS_ANSWER
    return add_workdays(moment, tenant.settings.partner_answer_days, opening_of(institution_id), tenant.time_zone)


def next_times(
    tenant: Tenant, service: Service, sent: datetime, wished: Callable[[datetime], Iterable[tuple[datetime, datetime]]]
) -> tuple[datetime, list[tuple[datetime, datetime]]]:
    """When the agency is to answer what reaches it at ``sent``, and which of the times ``wished`` from then on it can be asked
    with. Its hours are read once.
    """
    opening = opening_of(service.institution_id)
    answer_by = add_workdays(sent, tenant.settings.partner_answer_days, opening, tenant.time_zone)
    found = [(s, e) for s, e in wished(answer_by) if opening.fault(s, e, service.visit_minutes, is_exact=False) is None]
    return answer_by, found


def earliest_days(tenant: Tenant, asked: Mapping[Service, bool], moment: datetime) -> dict[UUID, date]:
    """When a visit may be hoped for by who asks at ``moment``: the first day with room in the agency's hours once its answer
    is due, by the service's id; not for an agency that has said no hours. ``asked``: whether the office decides first,
    which takes its own day. Whether there is a place is not known. Inside the school's scope; three queries.
    """
    openings = openings_of({service.institution_id for service in asked})
    decided = office_answers_by(tenant, moment) if any(asked.values()) else moment
    days = {}
    for service, is_asked in asked.items():
        opening, sent = openings[service.institution_id], decided if is_asked else moment
        answered = add_workdays(sent, tenant.settings.partner_answer_days, opening, tenant.time_zone)
        if day := first_day_with_room(opening, service.visit_minutes, answered):
            days[service.pk] = day
    return days


def office_answers_by(tenant: Tenant, moment: datetime) -> datetime:
    """The same clock time on the school's next workday. Inside the school's scope."""
    return add_workdays(moment, OFFICE_ANSWER_DAYS, calendar(), tenant.time_zone)
