"""Closed lists as the schema shows them: taken from their owners, written down nowhere else (contract §API)."""

from collections.abc import Iterable
from typing import Final

from partners.pauses import PauseCause
from referrals.after import Answer, Mark
from referrals.claim_states import ClaimState
from referrals.kinds import FILE_SCHEMES as SCHEMES_OF_FILES
from referrals.kinds import KINDS
from referrals.models import CorrectionCause, CorrectionSide, OrderKind, PostKind
from referrals.policy import Scheme
from referrals.policy.decision import CutReason
from referrals.policy.terms import QUOTA_UNITS
from referrals.states import (
    BookingState,
    ConsentWay,
    HardshipState,
    OfferState,
    PausedState,
    PolicyState,
    PoolOrderState,
    RedemptionState,
    ReferralState,
    ReliefWordState,
    RescheduleSide,
    VoucherState,
)
from referrals.waiting_states import WaitingState
from referrals.wishes import Access, Gender, Place
from referrals.workflow.answering import OFFER_DECLINE_REASONS
from referrals.workflow.objecting import DISPUTE_REASONS, FINDINGS
from referrals.workflow.paused import CHOICES as PAUSED_ROADS
from referrals.workflow.redeeming import REVERSE_REASONS
from referrals.workflow.rerouting import AGENCY_CANCEL_REASONS as REASONS_TO_CANCEL
from referrals.workflow.submitting import DECLINE_REASONS
from referrals.workflow.unscanned import DECISIONS

Values = tuple[str, ...]


def _values(members: Iterable[str]) -> Values:
    return tuple(str(member) for member in members)


REFERRAL_STATES: Final = _values(ReferralState)
OFFER_STATES: Final = _values(OfferState)
"""A wish to move has the same ones: whatever waits for another's answer."""
BOOKING_STATES: Final = _values(BookingState)
RESCHEDULE_SIDES: Final = _values(RescheduleSide)
VOUCHER_STATES: Final = _values(VoucherState)
REDEMPTION_STATES: Final = _values(RedemptionState)
POLICY_STATES: Final = _values(PolicyState)
POOL_ORDER_KINDS: Final = _values(OrderKind)
POOL_ORDER_STATES: Final = _values(PoolOrderState)
"""A correction has the same ones: whatever one person of finance asks and another decides."""
CORRECTION_CAUSES: Final = _values(CorrectionCause)
CORRECTION_SIDES: Final = _values(CorrectionSide)
SCHEMES: Final = _values(Scheme)
CUTS: Final = _values(CutReason)
CONSENT_WAYS: Final = _values(ConsentWay)
QUOTA: Final = _values(QUOTA_UNITS)
DECLINE: Final = _values(sorted(DECLINE_REASONS))
OFFER_DECLINE: Final = _values(sorted(OFFER_DECLINE_REASONS))
WISHED_GENDER: Final = _values(Gender)
WISHED_PLACE: Final = _values(Place)
WISHED_ACCESS: Final = _values(Access)
REVERSE: Final = _values(sorted(REVERSE_REASONS))
AGENCY_CANCEL_REASONS: Final = _values(sorted(REASONS_TO_CANCEL))
DISPUTE: Final = _values(sorted(DISPUTE_REASONS))
FINDING: Final = _values(sorted(FINDINGS))
UNSCANNED_DECISIONS: Final = _values(DECISIONS)
WAITING_STATES: Final = _values(WaitingState)
WEEK_ENTRIES: Final = _values(("visit", "wish", "held", "free", "away"))
"""What stands in a cell of an agency's week (``week.Entry``)."""
TOOK_PLACE: Final = _values(("yes", "no"))
SOLVED: Final = _values(Answer)
MARKS: Final = _values(Mark)
FILE_SCHEMES: Final = _values(sorted(SCHEMES_OF_FILES))
FILE_STATES: Final = _values(HardshipState)
OFFICES: Final = _values(sorted({row.decider for row in KINDS.values()}))
WORD_STATES: Final = _values(ReliefWordState)
CLAIM_STATES: Final = _values(ClaimState)
UNION_POSTS: Final = _values(PostKind)
PAUSED_CHOICES: Final = _values(PAUSED_ROADS)
PAUSED_STATES: Final = _values(PausedState)
PAUSE_CAUSES: Final = _values((PauseCause.AGENCY, PauseCause.AGREEMENT, PauseCause.LICENCE))
