"""States of what stands in the books: a unit, a version of a policy, an order for a pool. One table of moves each. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from kernel.moves import move


class UnitState(StrEnum):
    """One unit of a request, by what of it stands in the books."""

    HELD = "held"
    SPENT = "spent"
    RELEASED = "released"


class UnitEvent(StrEnum):
    """What can happen to a unit."""

    SPEND = "spend"  # redeemed, or a fee uses it
    RELEASE = "release"  # cancelled, expired, stopped, declined, no taker
    REKEY = "rekey"  # its day falls into another year: held in other lines
    HOLD_AGAIN = "hold_again"  # a human looks again; or reversed, and its voucher lives
    GIVE_UP = "give_up"  # reversed, and its voucher is over
    CORRECT = "correct"  # its split was wrong: the difference is booked


class PolicyState(StrEnum):
    """A version of a subsidy policy; drafted by one person, approved by another."""

    DRAFT = "draft"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class PolicyEvent(StrEnum):
    """What can happen to a policy version."""

    EDIT = "edit"  # by whoever drafted it; what was returned waits for a second person again
    RETURN = "return"  # with a reason, by a second person
    WITHDRAW = "withdraw"
    APPROVE = "approve"


class HardshipState(StrEnum):
    """The union's word that a file pays for services, and finance's."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class HardshipEvent(StrEnum):
    """What can happen to it; its last day ends it by itself."""

    GRANT = "grant"  # by finance, another person
    DECLINE = "decline"  # by finance
    WITHDRAW = "withdraw"  # by the union, before the answer
    END = "end"  # by the union, before its last day; what was priced stays priced


class ReliefWordState(StrEnum):
    """One person's yes to more crisis relief than one person may grant."""

    WAITING = "waiting"
    SECONDED = "seconded"
    LAPSED = "lapsed"
    ENDED = "ended"


class ReliefWordEvent(StrEnum):
    """What can happen to it."""

    SECOND = "second"  # by another person of the union, within 72 hours
    LAPSE = "lapse"  # nobody did: the request waits for the union as before
    END = "end"  # the request was declined or cancelled meanwhile


class PausedState(StrEnum):
    """What becomes of a request whose agency was suspended."""

    OPEN = "open"
    KEPT = "kept"
    MOVED = "moved"
    CANCELLED = "cancelled"


class PausedEvent(StrEnum):
    """What the deciding office says; of what nobody decided in time, the clock says that it moves."""

    KEEP = "keep"
    MOVE = "move"  # the rest is free, and the person asks another agency with the same times
    CANCEL = "cancel"  # the rest is free, and the request is over


class PoolOrderState(StrEnum):
    """What one person asks for a pool and another decides."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class PoolOrderEvent(StrEnum):
    """What can happen to it."""

    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class CorrectionState(StrEnum):
    """What one person of finance asks for a unit that was spent with a wrong split, and another decides."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CorrectionEvent(StrEnum):
    """What can happen to it."""

    APPROVE = "approve"  # new split − old split goes into the books in the same act
    DECLINE = "decline"
    WITHDRAW = "withdraw"


_U, _UE = UnitState, UnitEvent
UNIT_MOVES: Mapping[tuple[UnitState, UnitEvent], UnitState] = MappingProxyType(
    {
        (_U.HELD, _UE.SPEND): _U.SPENT,
        (_U.HELD, _UE.RELEASE): _U.RELEASED,
        (_U.HELD, _UE.REKEY): _U.HELD,
        (_U.SPENT, _UE.CORRECT): _U.SPENT,
        (_U.SPENT, _UE.HOLD_AGAIN): _U.HELD,
        (_U.SPENT, _UE.GIVE_UP): _U.RELEASED,
        (_U.RELEASED, _UE.HOLD_AGAIN): _U.HELD,
    }
)

_P, _PE = PolicyState, PolicyEvent
POLICY_MOVES: Mapping[tuple[PolicyState, PolicyEvent], PolicyState] = MappingProxyType(
    {
        (_P.DRAFT, _PE.EDIT): _P.DRAFT,
        (_P.DRAFT, _PE.RETURN): _P.RETURNED,
        (_P.DRAFT, _PE.WITHDRAW): _P.WITHDRAWN,
        (_P.DRAFT, _PE.APPROVE): _P.APPROVED,
        (_P.RETURNED, _PE.EDIT): _P.DRAFT,
        (_P.RETURNED, _PE.WITHDRAW): _P.WITHDRAWN,
    }
)

_PO, _POE = PoolOrderState, PoolOrderEvent
POOL_ORDER_MOVES: Mapping[tuple[PoolOrderState, PoolOrderEvent], PoolOrderState] = MappingProxyType(
    {
        (_PO.ASKED, _POE.APPROVE): _PO.APPROVED,
        (_PO.ASKED, _POE.DECLINE): _PO.DECLINED,
        (_PO.ASKED, _POE.WITHDRAW): _PO.WITHDRAWN,
    }
)

_C, _CE = CorrectionState, CorrectionEvent
CORRECTION_MOVES: Mapping[tuple[CorrectionState, CorrectionEvent], CorrectionState] = MappingProxyType(
    {
        (_C.ASKED, _CE.APPROVE): _C.APPROVED,
        (_C.ASKED, _CE.DECLINE): _C.DECLINED,
        (_C.ASKED, _CE.WITHDRAW): _C.WITHDRAWN,
    }
)

_RW, _RWE = ReliefWordState, ReliefWordEvent
RELIEF_WORD_MOVES: Mapping[tuple[ReliefWordState, ReliefWordEvent], ReliefWordState] = MappingProxyType(
    {
        (_RW.WAITING, _RWE.SECOND): _RW.SECONDED,
        (_RW.WAITING, _RWE.LAPSE): _RW.LAPSED,
        (_RW.WAITING, _RWE.END): _RW.ENDED,
    }
)

_PR, _PRE = PausedState, PausedEvent
PAUSED_MOVES: Mapping[tuple[PausedState, PausedEvent], PausedState] = MappingProxyType(
    {
        (_PR.OPEN, _PRE.KEEP): _PR.KEPT,
        (_PR.OPEN, _PRE.MOVE): _PR.MOVED,
        (_PR.OPEN, _PRE.CANCEL): _PR.CANCELLED,
    }
)

_H, _HE = HardshipState, HardshipEvent
HARDSHIP_MOVES: Mapping[tuple[HardshipState, HardshipEvent], HardshipState] = MappingProxyType(
    {
        (_H.ASKED, _HE.GRANT): _H.GRANTED,
        (_H.ASKED, _HE.DECLINE): _H.DECLINED,
        (_H.ASKED, _HE.WITHDRAW): _H.WITHDRAWN,
        (_H.GRANTED, _HE.END): _H.ENDED,
    }
)


def money_step(state: str, event: StrEnum) -> StrEnum:
    """``states.step`` for the tables of this page. TypeError for an event of no table."""
    match event:
        case UnitEvent():
            return move(UNIT_MOVES, UnitState(state), event)
        case PolicyEvent():
            return move(POLICY_MOVES, PolicyState(state), event)
        case PoolOrderEvent():
            return move(POOL_ORDER_MOVES, PoolOrderState(state), event)
        case CorrectionEvent():
            return move(CORRECTION_MOVES, CorrectionState(state), event)
        case HardshipEvent():
            return move(HARDSHIP_MOVES, HardshipState(state), event)
        case PausedEvent():
            return move(PAUSED_MOVES, PausedState(state), event)
        case ReliefWordEvent():
            return move(RELIEF_WORD_MOVES, ReliefWordState(state), event)
    raise TypeError("an event of one of the tables is needed")
