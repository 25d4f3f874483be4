"""What a missed appointment costs, and what became of one that nobody scanned (books §3). Pure.

Missed means cancelled late or not come. Cancelling late never costs more than not coming: else nobody would say so.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from kernel.clock import end_of_day, local_day
from kernel.money import share_of
from partners.terms import CancellationTerms
from referrals.states import ASKED_ABOUT, STANDING, BookingState

UNRESOLVED_FOR = timedelta(hours=48)
"""How long both are asked after the day of an appointment that was not scanned; as long may a person object to 'did not come'."""


class Missed(StrEnum):
    """How it was missed."""

    LATE = "late"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class MissedFee:
    """Fen. ``fee_fen``: what the agreement lets the agency ask. ``pool_fen``: what of it the pool pays.

    ``person_fen`` is a matter between the person and the agency: shown, never collected or deducted by the school.
    """

    fee_fen: int
    pool_fen: int
    person_fen: int

    @property
    def uses_unit(self) -> bool:
        """Whether the unit counts as used: only when the pool pays for it."""
        return self.pool_fen > 0

    def __add__(self, other: "MissedFee") -> "MissedFee":
        """Of several units of one appointment."""
        return MissedFee(
            self.fee_fen + other.fee_fen, self.pool_fen + other.pool_fen, self.person_fen + other.person_fen
        )


NOTHING = MissedFee(0, 0, 0)


def missed_fee(
    terms: CancellationTerms, how: Missed, *, fee_fen: int, subsidy_fen: int, is_first: bool, is_crisis: bool
) -> MissedFee:
    """The fee for one unit that costs ``fee_fen`` and holds ``subsidy_fen`` of a pool.

    ``is_first``: no missed appointment of this person was paid by a pool in this school year: then the pool pays, up to what
    the unit holds. Linked to a crisis it pays each time, and the person never pays anything (rules §1).
    """
    fee = share_of(fee_fen, terms.no_show_fee_bp if how is Missed.NO_SHOW else terms.late_bp)
    if is_crisis:
        paid = min(fee, subsidy_fen)
        return MissedFee(paid, paid, 0)
    pool = min(fee, subsidy_fen) if is_first else 0
    return MissedFee(fee, pool, fee - pool)


class Said(StrEnum):
    """What one side says about an appointment that was not scanned. Only the agency can say ``no_show``."""

    NOTHING = ""
    YES = "yes"  # it took place
    NO = "no"  # it did not, and nobody is to blame
    NO_SHOW = "no_show"  # the person did not come


class Outcome(StrEnum):
    """What follows from what both said."""

    OPEN = "open"
    DONE = "done"  # redeemed, with the appointment's day
    NO_SHOW = "no_show"
    LAPSED = "lapsed"  # nothing was spent, nobody is penalised
    DISPUTED = "disputed"  # the office that decides the kind decides


def asked_until(ends_at: datetime, zone: str) -> datetime:
    """Until when both may say whether an appointment took place: 48 h after the end of its day in ``zone``. UTC."""
    return day_over_at(ends_at, zone) + UNRESOLVED_FOR


def day_over_at(ends_at: datetime, zone: str) -> datetime:
    """The end of the appointment's day in ``zone``: until then it can be scanned, from then on both are asked."""
    return end_of_day(last_day(ends_at, zone), zone)


def last_day(ends_at: datetime, zone: str) -> date:
    """The day in which it ends, in ``zone``; one that ends at midnight belongs to the day it began in."""
    return local_day(ends_at - timedelta(microseconds=1), zone)


def last_day_of_terms(last: date) -> date:
    """The last day on which anything that was booked for ``last`` or before may still be asked about or objected to.

    Both are asked for 48 h after its day; a "did not come" of the last second may be objected to for 48 h more.
    """
    return last + 2 * UNRESOLVED_FOR


class Asked(Protocol):
    """What must be known of an appointment. ``due_at``: when the clock next decides (``models.Booking``)."""

    state: str
    person_says: str
    agency_says: str
    due_at: datetime | None


def stands_as(booking: Asked, moment: datetime) -> tuple[BookingState, datetime | None]:
    """``(state, due_at)`` as the dates have it at ``moment``, whether or not a sweep has been.

    Past its day it is ``unresolved``; past the 48 h it is what the answers make of it; past the time to object a no-show is
    final, which is a ``due_at`` of None.
    """
    state, due = BookingState(booking.state), booking.due_at
    while due is not None and moment >= due:
        match state:
            case BookingState.CONFIRMED:
                state, due = BookingState.UNRESOLVED, due + UNRESOLVED_FOR
            case BookingState.UNRESOLVED:
                said = outcome(Said(booking.person_says), Said(booking.agency_says), is_over=True)
                state, due = _BECOMES[said], None
            case _:
                due = None
    return state, due


def is_asked_about(booking: Asked, moment: datetime) -> bool:
    """Whether it is open at ``moment`` what becomes of its unit: it waits for answers, an objection or an office."""
    state, due = stands_as(booking, moment)
    return state in (BookingState.UNRESOLVED, BookingState.DISPUTED) or (
        state is BookingState.NO_SHOW and due is not None
    )


def holds_unit(booking: Asked) -> bool:
    """Whether it still has a unit to itself: as its row says, of one that stands or is asked about."""
    if booking.state in ASKED_ABOUT:
        return booking.state != BookingState.NO_SHOW or booking.due_at is not None
    return booking.state in STANDING


def outcome(person: Said, agency: Said, *, is_over: bool) -> Outcome:
    """What became of the appointment. ``is_over``: the 48 h have passed, so whoever was silent stays silent.

    Money moves only when both say so, or an office does: an agency's word alone, with the person silent, is looked at; a
    person's word alone is nothing that the agency asks for.
    """
    match person, agency:
        case (Said.YES, Said.YES):
            return Outcome.DONE
        case (Said.YES, Said.NO | Said.NO_SHOW) | (Said.NO, Said.YES):
            return Outcome.DISPUTED
        case (_, Said.NO_SHOW):
            return Outcome.NO_SHOW
        case (Said.NO, Said.NO):
            return Outcome.LAPSED
    if not is_over:
        return Outcome.OPEN
    return Outcome.DISPUTED if agency is Said.YES else Outcome.LAPSED


_BECOMES = {
    Outcome.DONE: BookingState.DONE,
    Outcome.NO_SHOW: BookingState.NO_SHOW,
    Outcome.LAPSED: BookingState.LAPSED,
    Outcome.DISPUTED: BookingState.DISPUTED,
}
