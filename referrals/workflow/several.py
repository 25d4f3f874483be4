"""One of several agencies wins: the request becomes the one that was priced for it (books §2 Query mode)."""

from collections.abc import Sequence
from typing import Final

from partners.kinds import ServiceMode
from referrals.models import Candidate, Offer, Referral
from referrals.policy import Decision

PRICED_BY: Final = (
    "service", "partner", "policy", "decision", "decision_hash", "fee_fen", "subsidy_fen", "self_fen",
)  # fmt: skip
"""What of a request follows the agency that takes it."""


def take_winner(referral: Referral, offer: Offer) -> Sequence[tuple[int, int, int]] | None:
    """Write the winner's agency, service and decision into the request; the caller saves, with the books locked.

    Gives the splits of its units where they are others than those that were reserved; None where nothing is to move: one
    agency was asked alone, or the one with the largest subsidy won.
    """
    if offer.mode != ServiceMode.QUERY or referral.service_id == offer.service_id:
        return None
    won = Candidate.objects.get(referral=referral, service_id=offer.service_id)
    decision = Decision.from_json(won.decision)
    referral.service_id, referral.partner_id = offer.service_id, offer.partner_id
    referral.policy_id = decision.inputs.terms.policy_id
    referral.decision, referral.decision_hash = won.decision, won.decision_hash
    referral.fee_fen, referral.subsidy_fen, referral.self_fen = won.fee_fen, won.subsidy_fen, won.self_fen
    return [(fee, subsidy, own) for fee, subsidy, own in won.decision["units"]]
