"""Every legal move of a referral and of what hangs on it, one table each (rules §2); of agreements in `partners.states`. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, overload

from kernel.moves import move
from referrals.money_states import CORRECTION_MOVES as CORRECTION_MOVES
from referrals.money_states import POLICY_MOVES as POLICY_MOVES
from referrals.money_states import POOL_ORDER_MOVES as POOL_ORDER_MOVES
from referrals.money_states import UNIT_MOVES as UNIT_MOVES
from referrals.money_states import CorrectionEvent as CorrectionEvent
from referrals.money_states import CorrectionState as CorrectionState
from referrals.money_states import HardshipEvent as HardshipEvent
from referrals.money_states import HardshipState as HardshipState
from referrals.money_states import PausedEvent as PausedEvent
from referrals.money_states import PausedState as PausedState
from referrals.money_states import PolicyEvent as PolicyEvent
from referrals.money_states import PolicyState as PolicyState
from referrals.money_states import PoolOrderEvent as PoolOrderEvent
from referrals.money_states import PoolOrderState as PoolOrderState
from referrals.money_states import ReliefWordEvent as ReliefWordEvent
from referrals.money_states import ReliefWordState as ReliefWordState
from referrals.money_states import UnitEvent as UnitEvent
from referrals.money_states import UnitState as UnitState
from referrals.money_states import money_step
from referrals.redemption_states import REDEMPTION_MOVES as REDEMPTION_MOVES
from referrals.redemption_states import RedemptionEvent as RedemptionEvent
from referrals.redemption_states import RedemptionKind as RedemptionKind
from referrals.redemption_states import RedemptionState as RedemptionState


class ReferralState(StrEnum):
    """draft → submitted → approved → offered → confirmed → in_service → completed → closed; exits at the end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    IN_SERVICE = "in_service"
    COMPLETED = "completed"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


NO_TAKER = "no_taker"
"""Shown of an expired request that no agency took: the person may ask another one."""
CHOOSE = "choose"
"""Shown of an offered request while the agency's other times wait for the person."""


class ReviewReason(StrEnum):
    """Why an office looks at a request before an agency is asked; kept with the request, so that it can be explained."""

    ALWAYS = "always"  # the school asks about every one of this kind
    BEYOND_FIRST = "beyond_first"  # more sessions than a person may have without anybody's word
    AGAIN = "again"  # the person asked a human to look again
    RELIEF = "relief"  # crisis relief


class ConsentWay(StrEnum):
    """How a colleague said yes to somebody who applies in their place."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    IN_WRITING = "in_writing"


class ReferralEvent(StrEnum):
    """What can happen to a referral."""

    SUBMIT = "submit"
    APPROVE = "approve"
    DECLINE = "decline"
    LOOK_AGAIN = "look_again"  # the person asks a human to look again
    OFFER = "offer"
    NO_TAKER = "no_taker"  # every partner asked has declined, or let its time pass
    CONFIRM = "confirm"
    PARTNER_CANCEL = "partner_cancel"  # all is released; another partner may be asked
    START = "start"  # the first unit is redeemed
    UNDO_START = "undo_start"  # the only redeemed unit was given back
    COMPLETE = "complete"  # nothing more will come: last unit used, course ended early, or no show
    REOPEN = "reopen"  # a unit was given back after the last one
    CLOSE = "close"  # the person has said whether it is solved, or the time to say so is over
    CANCEL = "cancel"
    EXPIRE = "expire"


class OfferState(StrEnum):
    """One partner asked for one referral."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class OfferEvent(StrEnum):
    """What can happen to an offer."""

    PROPOSE = "propose"  # other times; the offer stays open until the person answers
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class BookingState(StrEnum):
    """One appointment. A pending one blocks its slot; an unresolved one was not scanned, and both are asked (books §3)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled_late"
    UNRESOLVED = "unresolved"
    NO_SHOW = "no_show"
    DISPUTED = "disputed"
    LAPSED = "lapsed"


STANDING: Final = (BookingState.PENDING, BookingState.CONFIRMED)
"""States of an appointment that is still to take place."""
UNDER_WAY: Final = (ReferralState.CONFIRMED, ReferralState.IN_SERVICE)
"""States of a request that holds an appointment or a voucher."""
ASKED_ABOUT: Final = (BookingState.UNRESOLVED, BookingState.NO_SHOW, BookingState.DISPUTED)
"""States in which it is, or may be, open what becomes of an appointment's unit; of a no-show while it has a ``due_at``."""


class BookingEvent(StrEnum):
    """What can happen to a booking."""

    CONFIRM = "confirm"
    RESCHEDULE = "reschedule"
    FINISH = "finish"
    REOPEN = "reopen"  # its redemption was reversed, and its day is not over
    CANCEL = "cancel"
    CANCEL_LATE = "cancel_late"
    PASS = "pass"  # noqa: S105 - its day is over and nobody scanned
    NO_SHOW = "no_show"  # the agency says so
    DISPUTE = "dispute"  # the two contradict each other
    LAPSE = "lapse"  # nobody says that it took place


class RescheduleSide(StrEnum):
    """Who asks for another time; the other side answers."""

    PERSON = "person"
    AGENCY = "agency"


class RescheduleState(StrEnum):
    """One side asks for another time; the old one stands until the other side says yes."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RescheduleEvent(StrEnum):
    """What can happen to a wish to move."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"  # by whoever asked, or because the appointment itself ended
    EXPIRE = "expire"


class VoucherState(StrEnum):
    """``issued`` waits for its first day, ``active`` may be spent; the dates decide, a late job does no harm."""

    ISSUED = "issued"
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    VOID = "void"


class VoucherEvent(StrEnum):
    """What can happen to a voucher."""

    ACTIVATE = "activate"
    REDEEM = "redeem"  # units remain
    REDEEM_LAST = "redeem_last"
    REVERSE = "reverse"  # a unit comes back; after its end only its value does
    EXPIRE = "expire"
    VOID = "void"


_R, _RE = ReferralState, ReferralEvent
REFERRAL_MOVES: Mapping[tuple[ReferralState, ReferralEvent], ReferralState] = MappingProxyType(
    {
        (_R.DRAFT, _RE.SUBMIT): _R.SUBMITTED,
        (_R.DRAFT, _RE.CANCEL): _R.CANCELLED,
        (_R.DRAFT, _RE.EXPIRE): _R.EXPIRED,
        (_R.SUBMITTED, _RE.APPROVE): _R.APPROVED,
        (_R.SUBMITTED, _RE.DECLINE): _R.DECLINED,
        (_R.SUBMITTED, _RE.CANCEL): _R.CANCELLED,
        (_R.SUBMITTED, _RE.EXPIRE): _R.EXPIRED,
        (_R.DECLINED, _RE.LOOK_AGAIN): _R.SUBMITTED,
        (_R.APPROVED, _RE.OFFER): _R.OFFERED,
        (_R.APPROVED, _RE.CANCEL): _R.CANCELLED,
        (_R.APPROVED, _RE.EXPIRE): _R.EXPIRED,
        (_R.OFFERED, _RE.CONFIRM): _R.CONFIRMED,
        (_R.OFFERED, _RE.NO_TAKER): _R.APPROVED,
        (_R.OFFERED, _RE.CANCEL): _R.CANCELLED,
        (_R.OFFERED, _RE.EXPIRE): _R.EXPIRED,
        (_R.CONFIRMED, _RE.START): _R.IN_SERVICE,
        (_R.CONFIRMED, _RE.PARTNER_CANCEL): _R.APPROVED,
        (_R.CONFIRMED, _RE.COMPLETE): _R.COMPLETED,
        (_R.CONFIRMED, _RE.CANCEL): _R.CANCELLED,
        (_R.CONFIRMED, _RE.EXPIRE): _R.EXPIRED,
        (_R.IN_SERVICE, _RE.UNDO_START): _R.CONFIRMED,
        (_R.IN_SERVICE, _RE.COMPLETE): _R.COMPLETED,
        (_R.COMPLETED, _RE.REOPEN): _R.IN_SERVICE,
        (_R.COMPLETED, _RE.CLOSE): _R.CLOSED,
        (_R.CLOSED, _RE.REOPEN): _R.IN_SERVICE,
    }
)

_O, _OE = OfferState, OfferEvent
OFFER_MOVES: Mapping[tuple[OfferState, OfferEvent], OfferState] = MappingProxyType(
    {
        (_O.OPEN, _OE.PROPOSE): _O.OPEN,
        (_O.OPEN, _OE.ACCEPT): _O.ACCEPTED,
        (_O.OPEN, _OE.DECLINE): _O.DECLINED,
        (_O.OPEN, _OE.WITHDRAW): _O.WITHDRAWN,
        (_O.OPEN, _OE.EXPIRE): _O.EXPIRED,
    }
)

_B, _BE = BookingState, BookingEvent
BOOKING_MOVES: Mapping[tuple[BookingState, BookingEvent], BookingState] = MappingProxyType(
    {
        (_B.PENDING, _BE.CONFIRM): _B.CONFIRMED,
        (_B.PENDING, _BE.RESCHEDULE): _B.PENDING,
        (_B.PENDING, _BE.CANCEL): _B.CANCELLED,
        (_B.CONFIRMED, _BE.RESCHEDULE): _B.CONFIRMED,
        (_B.CONFIRMED, _BE.FINISH): _B.DONE,
        (_B.CONFIRMED, _BE.CANCEL): _B.CANCELLED,
        (_B.CONFIRMED, _BE.CANCEL_LATE): _B.CANCELLED_LATE,
        (_B.CONFIRMED, _BE.NO_SHOW): _B.NO_SHOW,
        (_B.CONFIRMED, _BE.PASS): _B.UNRESOLVED,
        (_B.DONE, _BE.REOPEN): _B.CONFIRMED,
        (_B.UNRESOLVED, _BE.FINISH): _B.DONE,
        (_B.UNRESOLVED, _BE.NO_SHOW): _B.NO_SHOW,
        (_B.UNRESOLVED, _BE.DISPUTE): _B.DISPUTED,
        (_B.UNRESOLVED, _BE.LAPSE): _B.LAPSED,
        (_B.NO_SHOW, _BE.DISPUTE): _B.DISPUTED,
        (_B.DISPUTED, _BE.FINISH): _B.DONE,
        (_B.DISPUTED, _BE.NO_SHOW): _B.NO_SHOW,
        (_B.DISPUTED, _BE.LAPSE): _B.LAPSED,
    }
)

_S, _SE = RescheduleState, RescheduleEvent
RESCHEDULE_MOVES: Mapping[tuple[RescheduleState, RescheduleEvent], RescheduleState] = MappingProxyType(
    {
        (_S.OPEN, _SE.ACCEPT): _S.ACCEPTED,
        (_S.OPEN, _SE.DECLINE): _S.DECLINED,
        (_S.OPEN, _SE.WITHDRAW): _S.WITHDRAWN,
        (_S.OPEN, _SE.EXPIRE): _S.EXPIRED,
    }
)

_V, _VE = VoucherState, VoucherEvent
VOUCHER_MOVES: Mapping[tuple[VoucherState, VoucherEvent], VoucherState] = MappingProxyType(
    {
        (_V.ISSUED, _VE.ACTIVATE): _V.ACTIVE,
        (_V.ISSUED, _VE.REDEEM): _V.ACTIVE,
        (_V.ISSUED, _VE.REDEEM_LAST): _V.USED_UP,
        (_V.ISSUED, _VE.EXPIRE): _V.EXPIRED,
        (_V.ISSUED, _VE.VOID): _V.VOID,
        (_V.ACTIVE, _VE.REDEEM): _V.ACTIVE,
        (_V.ACTIVE, _VE.REDEEM_LAST): _V.USED_UP,
        (_V.ACTIVE, _VE.REVERSE): _V.ACTIVE,
        (_V.ACTIVE, _VE.EXPIRE): _V.EXPIRED,
        (_V.ACTIVE, _VE.VOID): _V.VOID,
        (_V.USED_UP, _VE.REVERSE): _V.ACTIVE,
        (_V.USED_UP, _VE.EXPIRE): _V.EXPIRED,
        (_V.EXPIRED, _VE.REVERSE): _V.EXPIRED,
        (_V.VOID, _VE.REVERSE): _V.VOID,
    }
)


@overload
def step(state: str, event: ReferralEvent) -> ReferralState: ...
@overload
def step(state: str, event: OfferEvent) -> OfferState: ...
@overload
def step(state: str, event: BookingEvent) -> BookingState: ...
@overload
def step(state: str, event: RescheduleEvent) -> RescheduleState: ...
@overload
def step(state: str, event: VoucherEvent) -> VoucherState: ...
@overload
def step(state: str, event: UnitEvent) -> UnitState: ...
@overload
def step(state: str, event: RedemptionEvent) -> RedemptionState: ...
@overload
def step(state: str, event: PolicyEvent) -> PolicyState: ...
@overload
def step(state: str, event: PoolOrderEvent) -> PoolOrderState: ...
@overload
def step(state: str, event: CorrectionEvent) -> CorrectionState: ...
@overload
def step(state: str, event: HardshipEvent) -> HardshipState: ...
@overload
def step(state: str, event: PausedEvent) -> PausedState: ...
@overload
def step(state: str, event: ReliefWordEvent) -> ReliefWordState: ...
def step(state: str, event: StrEnum) -> StrEnum:
    """The state after ``event``; the kind of event says which table counts, ``state`` may be a column's plain text.

    Raises IllegalMove when there is no such move, ValueError for a value that is no state of that table.
    """
    match event:
        case ReferralEvent():
            return move(REFERRAL_MOVES, ReferralState(state), event)
        case OfferEvent():
            return move(OFFER_MOVES, OfferState(state), event)
        case BookingEvent():
            return move(BOOKING_MOVES, BookingState(state), event)
        case RescheduleEvent():
            return move(RESCHEDULE_MOVES, RescheduleState(state), event)
        case VoucherEvent():
            return move(VOUCHER_MOVES, VoucherState(state), event)
        case RedemptionEvent():
            return move(REDEMPTION_MOVES, RedemptionState(state), event)
    return money_step(state, event)


class NextStep(NamedTuple):
    """Whose turn it is and what they are to do; both are codes, the texts stand in the catalogue.

    ``owner``: ``person``, ``decider`` (``kinds.KindFacts.decider``), ``school`` (the product, watched by the decider), ``partner``.
    """

    owner: str
    action: str


OPEN_REFERRALS: Mapping[ReferralState, NextStep] = MappingProxyType(
    {
        ReferralState.DRAFT: NextStep("person", "finish_and_submit"),
        ReferralState.SUBMITTED: NextStep("decider", "decide"),
        ReferralState.APPROVED: NextStep("school", "ask_partner"),
        ReferralState.OFFERED: NextStep("partner", "answer_offer"),
        ReferralState.CONFIRMED: NextStep("person", "attend"),
        ReferralState.IN_SERVICE: NextStep("person", "use_remaining"),
        ReferralState.COMPLETED: NextStep("person", "say_if_solved"),
    }
)
