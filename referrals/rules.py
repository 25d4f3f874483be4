"""Pure decisions about referrals and vouchers (rules §1–2): values and the time in, a verdict out; nothing is fetched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from kernel.clock import SCHOOL_ZONE, end_of_day, local_day, start_of_day
from kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from referrals.kinds import KINDS
from referrals.states import BookingState, OfferState, RescheduleState, ReviewReason, VoucherState

MAX_WINDOWS = 42
"""Times that suit a person: every part of the day (morning, afternoon, evening) of two weeks."""
MAX_PROPOSALS = 5
MAX_WINDOW_LENGTH = timedelta(hours=12)
MAX_DAYS_AHEAD = 90
ONE_A_VISIT = frozenset({"session", "day", "month"})
"""Units of which an appointment spends one, whatever is left (books §3)."""
_LENGTHS: Mapping[str, timedelta] = MappingProxyType({"hour": timedelta(hours=1), "half_day": timedelta(hours=4)})
_NOTHING: Mapping[str, str | int] = MappingProxyType({})


class RefusalReason(StrEnum):
    """Why a voucher is not taken, in the order in which it is looked at.

    Whether it is this partner's comes first: another partner learns nothing more. Then what is wrong with the voucher
    for good, then what is wrong today, last what is wrong with this request.
    """

    UNKNOWN = "unknown"
    WRONG_PARTNER = "wrong_partner"
    WRONG_SERVICE = "wrong_service"
    VOID = "void"
    ALREADY_REDEEMED = "already_redeemed"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"
    OVER_QUOTA = "over_quota"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason and what its sentence needs: ``by`` and ``when`` of the last redemption, a day, the units left."""

    reason: RefusalReason
    params: Mapping[str, str | int] = field(default=_NOTHING)

    def error(self) -> DomainError:
        """The refusal as an error to raise: 404 unknown, 409 already_redeemed, 422 the others (contract)."""
        kinds: dict[RefusalReason, type[DomainError]] = {
            RefusalReason.UNKNOWN: NotFound,
            RefusalReason.ALREADY_REDEEMED: Conflict,
        }
        return kinds.get(self.reason, Refused)(self.reason.value, **self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """What must be known of a voucher, read after its row is locked.

    ``valid_from`` and ``valid_until`` are days in ``zone``, both included; a booked voucher has its booking's day in
    both. ``suspended``: agreement or institution takes nothing today. ``last_redeemed_by`` names a counter.
    ``awaits_appointment``: none of its appointments is on this day; ``next_day`` is that of the next one, if one was
    entered. ``visit_units``: how many units the visit of today
    may still spend, None for no bound but what is left.
    """

    state: VoucherState
    partner_id: str
    service_id: str
    units_left: int
    valid_from: date
    valid_until: date
    suspended: bool = False
    last_redeemed_by: str = ""
    last_redeemed_at: datetime | None = None
    zone: str = SCHOOL_ZONE
    awaits_appointment: bool = False
    next_day: date | None = None
    visit_units: int | None = None


def may_redeem(
    voucher: VoucherFacts | None,
    *,
    partner_id: str,
    service_id: str | None = None,
    on: date,
    now: datetime,
    units: int = 1,
) -> Refusal | None:
    """None when ``units`` may be redeemed at ``partner_id``, else the first reason why not.

    ``on`` is the day of the service in the school's zone, ``now`` the moment of the request: both must lie within the
    voucher's days, so nothing is dated back. ``service_id`` None: the counter did not say. ValueError for units < 1.
    """
    if units < 1:
        raise ValueError("at least one unit is redeemed")
    if voucher is None:
        return Refusal(RefusalReason.UNKNOWN)
    if str(voucher.partner_id) != str(partner_id):
        return Refusal(RefusalReason.WRONG_PARTNER)
    if service_id is not None and str(voucher.service_id) != str(service_id):
        return Refusal(RefusalReason.WRONG_SERVICE)
    if voucher.state == VoucherState.VOID:
        return Refusal(RefusalReason.VOID)
    if voucher.state == VoucherState.USED_UP or (voucher.units_left < 1 and voucher.state != VoucherState.EXPIRED):
        return _already(voucher)
    last, first = voucher.valid_until, voucher.valid_from
    if voucher.state == VoucherState.EXPIRED or is_over(last, on) or now >= end_of_day(last, voucher.zone):
        return Refusal(RefusalReason.EXPIRED, {"valid_until": last.isoformat()})
    spent = voucher.last_redeemed_at
    is_spent_today = spent is not None and local_day(spent, voucher.zone) == on
    if on < first or now < start_of_day(first, voucher.zone):
        # The one of today is spent, the next one is to come: whoever scans again is told by whom.
        return (
            _already(voucher) if is_spent_today else Refusal(RefusalReason.NOT_YET, {"valid_from": first.isoformat()})
        )
    if voucher.suspended:
        return Refusal(RefusalReason.SUSPENDED)
    if voucher.awaits_appointment and not is_spent_today:
        following = voucher.next_day
        return Refusal(RefusalReason.NOT_YET, {"valid_from": following.isoformat()} if following else _NOTHING)
    if voucher.awaits_appointment or voucher.visit_units == 0:
        return _already(voucher)  # the appointment of today has spent what it may
    most = voucher.units_left if voucher.visit_units is None else min(voucher.units_left, voucher.visit_units)
    if units > most:
        return Refusal(RefusalReason.OVER_QUOTA, {"units_left": most})
    return None


def _already(voucher: VoucherFacts) -> Refusal:
    when = voucher.last_redeemed_at
    return Refusal(
        RefusalReason.ALREADY_REDEEMED, {"by": voucher.last_redeemed_by, "when": when.isoformat() if when else ""}
    )


def next_units[Split](splits: Sequence[Split], used: Collection[int]) -> list[tuple[int, Split]]:
    """``(index, split)`` of every unit that no standing redemption uses, in the order in which they are spent.

    The one answer to "which comes next": a unit that was given back goes first again, whatever came after it.
    """
    return [(index, split) for index, split in enumerate(splits) if index not in used]


def is_over(valid_until: date, day: date) -> bool:
    """Whether ``day`` comes after the last day, which is itself included. Both are days of the school's zone."""
    return day > valid_until


def last_day_of_leaver(left_on: date, days: int) -> date:
    """The last day on which what somebody booked before leaving may be used (rules §1); ``days`` is the school's ``leaver_days``."""
    return left_on + timedelta(days=days)


class Answerable(Protocol):
    """What must be known of an offer."""

    state: str
    deadline: datetime


def may_answer(offer: Answerable, now: datetime) -> bool:
    """Whether the offer may still be answered, or a proposed time be taken: open, and before its deadline."""
    return offer.state == OfferState.OPEN and now < offer.deadline


class Movable(Protocol):
    """What must be known of a wish to move."""

    state: str
    until: datetime


class Standing(Protocol):
    """What must be known of the appointment that would move."""

    state: str
    starts_at: datetime


def may_answer_move(asked: Movable, booking: Standing, now: datetime) -> bool:
    """Whether a wish to move may still be answered: open, in time, and the appointment itself stands and has not begun."""
    in_time = now < asked.until and now < booking.starts_at
    return asked.state == RescheduleState.OPEN and booking.state == BookingState.CONFIRMED and in_time


def is_by_appointment(kind: str, unit: str) -> bool:
    """Whether units are spent at appointments, one after the other; else on any visit within the voucher's days."""
    return not KINDS[kind].is_open or unit in ONE_A_VISIT


def units_a_visit(unit: str, length: timedelta) -> int:
    """Most units that one visit of ``length`` may spend: one session, day or month, else its hours as begun (books §3)."""
    if unit in ONE_A_VISIT:
        return 1
    return max(1, -(-length // _LENGTHS[unit]))


class Days(NamedTuple):
    """First and last day of a voucher, both included, in the school's zone."""

    first: date
    last: date


def days_of(kind: str, day: date, open_days: int) -> Days:
    """The days of a voucher whose appointment is on ``day``: that day, or of an open kind ``open_days`` more."""
    return Days(day, day + timedelta(days=open_days) if KINDS[kind].is_open else day)


def days_of_waiting(day: date, open_days: int) -> Days:
    """The days of a voucher that waits, from ``day`` on, for its next appointment to be entered."""
    return Days(day, day + timedelta(days=open_days))


def with_waiting(days: Days, open_days: int) -> Days:
    """The days of a course of which a unit has no appointment yet: it waits on, after the last one that was made."""
    return Days(days.first, days_of_waiting(days.last, open_days).last)


def days_of_course(kind: str, appointments: Sequence[date], today: date, open_days: int) -> Days | None:
    """From the first to the last day of the appointments still to come; None when none is: the voucher waits."""
    coming = [days for days in (days_of(kind, day, open_days) for day in appointments) if not is_over(days.last, today)]
    return Days(min(days.first for days in coming), max(days.last for days in coming)) if coming else None


class Timed(Protocol):
    """What must be known of an appointment."""

    starts_at: datetime


def units_of_bookings[Unit, Booking: Timed](
    unserved: Sequence[Unit], standing: Sequence[Booking]
) -> list[tuple[Unit, Booking]]:
    """Which unit pays which appointment: the *k*-th unserved one the *k*-th in order of time (books §2). It is never stored.

    ``unserved`` are in the order in which they are served. What has no partner waits: a unit for an appointment.
    """
    return list(zip(unserved, sorted(standing, key=lambda booking: booking.starts_at), strict=False))


class Window(NamedTuple):
    """A half-open time the person could come, ``[starts_at, ends_at)``."""

    starts_at: datetime
    ends_at: datetime


class OpenHours(Protocol):
    """When a session can take place: ``partners.calendars.opening.Opening``. Its codes stand there."""

    def fault(self, starts_at: datetime, ends_at: datetime, minutes: int, *, is_exact: bool) -> str | None: ...


@dataclass(frozen=True, slots=True)
class SessionRule:
    """What a time must fit: the agency's ``opening`` and the session's ``minutes``.

    ``is_exact``: the whole time is the appointment; else it is a wish in which one session must find room. ``most``: how
    many times may be given at once.
    """

    opening: OpenHours
    minutes: int
    is_exact: bool = True
    most: int = MAX_PROPOSALS


def check_windows(
    windows: Sequence[tuple[datetime, datetime]], now: datetime, zone: str, session: SessionRule
) -> tuple[Window, ...]:
    """The windows in UTC, in the order given. Raises Invalid ``windows_invalid`` with one row per fault, all at once.

    Each with an offset, not begun yet, ending after it starts, at most 12 h long, beginning at most 90 days ahead (days in
    ``zone``), never shorter than the session, never outside the agency's hours or in a closure of it.
    """
    if not windows:
        raise Invalid("windows_invalid", fields=(("windows", "windows_missing", ""),))
    if len(windows) > session.most:
        raise Invalid("windows_invalid", fields=(("windows", "too_many_windows", str(session.most)),))
    faults = [
        (f"windows[{position}].{name}", code, detail)
        for position, (starts_at, ends_at) in enumerate(windows)
        for name, code, detail in _faults(starts_at, ends_at, now, zone, session)
    ]
    if faults:
        raise Invalid("windows_invalid", fields=tuple(faults))
    return tuple(Window(starts_at.astimezone(UTC), ends_at.astimezone(UTC)) for starts_at, ends_at in windows)


def _window_faults(starts_at: datetime, ends_at: datetime, now: datetime, zone: str) -> list[tuple[str, str, str]]:
    faults = [
        (name, "offset_missing", "")
        for name, moment in (("starts_at", starts_at), ("ends_at", ends_at))
        if moment.utcoffset() is None
    ]
    if faults:
        return faults  # moments without offset cannot be compared
    if starts_at < now:
        faults.append(("starts_at", "in_the_past", ""))
    elif _is_too_far(starts_at, now, zone):
        faults.append(("starts_at", "too_far_ahead", str(MAX_DAYS_AHEAD)))
    if ends_at <= starts_at:
        faults.append(("ends_at", "end_before_start", ""))
    elif ends_at - starts_at > MAX_WINDOW_LENGTH:
        faults.append(("ends_at", "window_too_long", str(MAX_WINDOW_LENGTH // timedelta(hours=1))))
    return faults


def _faults(
    starts_at: datetime, ends_at: datetime, now: datetime, zone: str, session: SessionRule
) -> list[tuple[str, str, str]]:
    """What is wrong with the time itself; else what is wrong with it for this session."""
    if faults := _window_faults(starts_at, ends_at, now, zone):
        return faults
    fault = session.opening.fault(starts_at, ends_at, session.minutes, is_exact=session.is_exact)
    if fault is None:
        return []
    is_short = fault == "shorter_than_session"
    return [("ends_at" if is_short else "starts_at", fault, str(session.minutes) if is_short else "")]


def _is_too_far(starts_at: datetime, now: datetime, zone: str) -> bool:
    # The plain difference goes first: the last moments of year 9999 have no day in a zone east of their own.
    ahead = timedelta(days=MAX_DAYS_AHEAD)
    return starts_at - now > ahead + timedelta(days=1) or local_day(starts_at, zone) > local_day(now, zone) + ahead


def needs_a_person(
    kind: str,
    completed_or_open_count: int,
    threshold: int,
    *,
    requested: int = 1,
) -> bool:
    """Whether someone must approve ``requested`` more sessions after those completed or open.

    The first ``threshold`` sessions are the person's own choice; more needs the centre's decision. What the union decides
    has no such count: there the quota and the pool are the limit. KeyError for an unknown kind.
    """
    return KINDS[kind].decider == "centre" and completed_or_open_count + requested > threshold


def review_reason(
    kind: str, *, always_asks: bool, sessions_so_far: int, free_sessions: int, requested: int
) -> ReviewReason | None:
    """Why a request of ``requested`` units waits for the office that decides its kind; None when it waits for nobody (rules §2).

    The one answer for what a page says before and for what is done when the request is sent.
    """
    if always_asks:
        return ReviewReason.ALWAYS
    if needs_a_person(kind, sessions_so_far, free_sessions, requested=requested):
        return ReviewReason.BEYOND_FIRST
    return None


class Cancellation(StrEnum):
    """What a cancellation at this moment means."""

    FREE = "free"  # everything is released
    LATE = "late"  # the agreement's terms count, shown before the click
    STARTED = "started"  # too late to cancel: attended, or a no-show


def cancellation(starts_at: datetime, now: datetime, free_before: timedelta, *, crisis: bool = False) -> Cancellation:
    """What it means to cancel at ``now``. What is linked to a crisis is never penalised, so it is free until it starts."""
    if now >= starts_at:
        return Cancellation.STARTED
    return Cancellation.FREE if crisis or starts_at - now >= free_before else Cancellation.LATE


class Dated(Protocol):
    """What ``shown_state`` reads of a voucher: its stored state, its first and its last day."""

    state: str
    valid_from: date
    valid_until: date


def shown_state(voucher: Dated, day: date) -> str:
    """The state as it is on ``day``: the dates decide, whether or not a sweep has come by (rules §2)."""
    if voucher.state not in (VoucherState.ISSUED, VoucherState.ACTIVE):
        return voucher.state
    if is_over(voucher.valid_until, day):
        return VoucherState.EXPIRED
    return VoucherState.ACTIVE if voucher.valid_from <= day else VoucherState.ISSUED
