"""What counts against an agency: appointments that it called off itself, uses that an office took back from it (books §3, §9)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.same_person import first_places
from audit.models import AuditEntry
from kernel.clock import school_year
from referrals.models import Booking, Redemption
from referrals.states import BookingState, RedemptionState
from referrals.workflow.objecting import UPHELD
from tenancy.models import Tenant

CALLED_OFF = "booking.cancel_by_agency"
"""The act in the record; an appointment's row does not say who called it off."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often, or None where it was fewer than the school's ``fewest_people``: a figure of few would name somebody."""

    times: int | None


@dataclass(frozen=True, slots=True)
class AgencyCounts:
    """One agency in the school year that begins in September of ``year``."""

    partner_id: UUID
    name: str
    year: int
    called_off: Count
    taken_back: Count


def month_begins(tenant: Tenant, moment: datetime) -> datetime:
    """The first moment of the running month in school time: what is counted ends there, so that no look shows one act."""
    return datetime.combine(tenant.day_of(moment).replace(day=1), time(), tzinfo=ZoneInfo(tenant.time_zone))


def counts_of(tenant: Tenant, moment: datetime) -> list[AgencyCounts]:
    """By school year, the latest first, then by name: agencies against which anything counts, up to the last whole month.

    An appointment counts in the year of its day, and so does a use. ``fewest_people`` are people, not acts: five of one person
    are a figure of one, under two accounts too. Six queries, whatever the number of agencies.
    """
    until = month_begins(tenant, moment)
    called = _called_off(tenant, until)
    taken = _taken_back(until)
    names = dict[UUID, str]()
    people: dict[tuple[int, UUID], tuple[list[UUID], list[UUID]]] = defaultdict(lambda: ([], []))
    for place, found_rows in enumerate((called, taken)):
        for partner_id, name, person_id, day in found_rows:
            names[partner_id] = name
            people[school_year(day), partner_id][place].append(person_id)
    fewest = tenant.settings.fewest_people
    persons = first_places({one for each in people.values() for rows in each if len(rows) >= fewest for one in rows})
    found = [
        AgencyCounts(partner_id, names[partner_id], year, _shown(off, persons, fewest), _shown(back, persons, fewest))
        for (year, partner_id), (off, back) in people.items()
    ]
    return sorted(found, key=lambda row: (-row.year, row.name, row.partner_id))


def _shown(people: list[UUID], persons: Mapping[UUID, UUID], fewest: int) -> Count:
    is_told = not people or len({persons.get(one, one) for one in people}) >= fewest
    return Count(len(people) if is_told else None)


type _Rows = Iterable[tuple[UUID, str, UUID, date]]
"""Agency, its name, whose it was, the day."""


def _called_off(tenant: Tenant, until: datetime) -> _Rows:
    ended = Booking.objects.filter(state=BookingState.CANCELLED).values_list(
        "pk", "partner_id", "partner__name", "referral__person_id", "starts_at"
    )
    rows = {str(row[0]): row[1:] for row in ended}
    acts = AuditEntry.objects.filter(
        object_type=Booking._meta.label_lower, object_id__in=list(rows), action=CALLED_OFF, at__lt=until
    )
    for key in acts.values_list("object_id", flat=True):
        partner_id, name, person_id, starts_at = rows[key]
        yield partner_id, name, person_id, tenant.day_of(starts_at)


def _taken_back(until: datetime) -> _Rows:
    lines = Redemption.objects.filter(state=RedemptionState.REVERSED, reverse_reason=UPHELD, reversed_at__lt=until)
    return lines.values_list("partner_id", "partner__name", "voucher__person_id", "service_date")
