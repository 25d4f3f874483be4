"""Nothing more will come of a request: it is completed, and waits for the person's word whether it is solved (rules §2)."""

from datetime import datetime

from kernel.clock import now
from referrals.after import closes_at
from referrals.models import Redemption, Referral
from referrals.states import RedemptionState, ReferralEvent, step


def complete(referral: Referral, zone: str) -> None:
    """The move and its clock; the caller holds the request and saves it. IllegalMove unless it is under way."""
    referral.state, referral.deadline = step(referral.state, ReferralEvent.COMPLETE), closes_at(now(), zone)


def is_objected_to(referral: Referral) -> bool:
    """Whether an objection to one of its uses waits: as long nobody is asked, and nothing closes."""
    return Redemption.objects.filter(voucher__referral=referral, state=RedemptionState.DISPUTED).exists()


def is_past(referral: Referral, moment: datetime) -> bool:
    """Whether a completed request is closed by time, swept or not."""
    return referral.deadline is not None and referral.deadline <= moment and not is_objected_to(referral)
