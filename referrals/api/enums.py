"""Closed lists as the schema shows them: taken from their owners, written down nowhere else (contract §API)."""

from collections.abc import Iterable
from typing import Final

from referrals.policy import Scheme
from referrals.policy.decision import CutReason
from referrals.policy.terms import QUOTA_UNITS
from referrals.states import BookingState, OfferState, PolicyState, RedemptionState, ReferralState, VoucherState
from referrals.workflow.answering import OFFER_DECLINE_REASONS
from referrals.workflow.redeeming import REVERSE_REASONS
from referrals.workflow.submitting import DECLINE_REASONS

Words = tuple[str, ...]


def _plain(words: Iterable[str]) -> Words:
    return tuple(str(word) for word in words)


REFERRAL_STATES: Final = _plain(ReferralState)
OFFER_STATES: Final = _plain(OfferState)
BOOKING_STATES: Final = _plain(BookingState)
VOUCHER_STATES: Final = _plain(VoucherState)
REDEMPTION_STATES: Final = _plain(RedemptionState)
POLICY_STATES: Final = _plain(PolicyState)
SCHEMES: Final = _plain(Scheme)
CUTS: Final = _plain(CutReason)
QUOTA: Final = _plain(QUOTA_UNITS)
DECLINE: Final = _plain(sorted(DECLINE_REASONS))
OFFER_DECLINE: Final = _plain(sorted(OFFER_DECLINE_REASONS))
REVERSE: Final = _plain(sorted(REVERSE_REASONS))
