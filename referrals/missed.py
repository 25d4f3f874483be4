"""What a missed appointment costs, and what became of one that nobody scanned (books §3). Pure.

Missed means cancelled late or not come. Cancelling late never costs more than not coming: else nobody would say so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.clock import end_of_day, local_day
from kernel.money import share_of
from partners.terms import CancellationTerms

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
    # One that ends at midnight belongs to the day it began in.
    return end_of_day(local_day(ends_at - timedelta(microseconds=1), zone), zone)


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
