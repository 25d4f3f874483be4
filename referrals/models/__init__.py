"""Tables of the referral journey, one file a noun."""

from referrals.models.after import AgencyRating, Outcome, PassedOn, Rater, RatingBox
from referrals.models.asking import Candidate, Proxy
from referrals.models.booking import Booking, Offer, Proposal
from referrals.models.child_place import ChildPlace
from referrals.models.claim import AmountClaim
from referrals.models.correction import Correction, CorrectionCause, CorrectionSide
from referrals.models.draft import ReferralDraft
from referrals.models.hardship import HardshipFile
from referrals.models.hold import TimeHold
from referrals.models.leaver import LeaverLink
from referrals.models.paused import PausedRequest
from referrals.models.policy import SubsidyPolicy
from referrals.models.pools import OrderKind, Payer, PayerKind, PoolOrder
from referrals.models.referral import Referral, ReferralWindow
from referrals.models.relief import ReliefWord
from referrals.models.reschedule import Reschedule
from referrals.models.union_post import PostKind, UnionPost
from referrals.models.unit import Unit
from referrals.models.voucher import Redemption, ScanLog, Voucher
from referrals.models.waiting import WaitingEntry

__all__ = [
    "AgencyRating",
    "AmountClaim",
    "Booking",
    "Candidate",
    "ChildPlace",
    "Correction",
    "CorrectionCause",
    "CorrectionSide",
    "HardshipFile",
    "LeaverLink",
    "Offer",
    "OrderKind",
    "Outcome",
    "PassedOn",
    "PausedRequest",
    "Payer",
    "PayerKind",
    "PoolOrder",
    "PostKind",
    "Proposal",
    "Proxy",
    "Rater",
    "RatingBox",
    "Redemption",
    "Referral",
    "ReferralDraft",
    "ReferralWindow",
    "ReliefWord",
    "Reschedule",
    "ScanLog",
    "SubsidyPolicy",
    "TimeHold",
    "UnionPost",
    "Unit",
    "Voucher",
    "WaitingEntry",
]
