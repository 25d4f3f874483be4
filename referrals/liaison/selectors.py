"""What pages and programs read alike of what is handed on."""

from collections.abc import Sequence
from typing import Final

from accounts.actor import Actor
from audit import record_read
from kernel.clock import now
from referrals.liaison.card_states import CardState
from referrals.liaison.models import HandOn, HandOnCard, Mediation

MEDIATIONS: Final = "liaison.mediations"
CARDS: Final = "liaison.cards"


def record_list(actor: Actor, action: str, of: str, rows: Sequence[HandOn] | Sequence[Mediation]) -> None:
    """A page of names is a look at each; an empty one is none."""
    if rows:
        facts = {"rows": len(rows), "requests": [row.pk for row in rows]}
        record_read(actor=actor, action=action, object_type=of, object_id="centre", facts=facts)


def state_there(card: HandOnCard) -> CardState:
    """How a card stands for its institution, by the dates."""
    if card.reported_at:
        return CardState.ANSWERED
    if card.ended_at or now() >= card.until:
        return CardState.LAPSED
    return CardState.READ if card.read_at else CardState.SENT
