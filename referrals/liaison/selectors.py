"""What pages and programs read alike of what is handed on."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.actor import Actor
from audit import record_read
from kernel.clock import now
from referrals.access import sought_by_name
from referrals.liaison.card_states import CardState
from referrals.liaison.models import HandOn, HandOnCard, Mediation

MEDIATIONS: Final = "liaison.mediations"
CARDS: Final = "liaison.cards"


def record_list(actor: Actor, action: str, of: str, rows: Sequence[HandOn] | Sequence[Mediation]) -> None:
    """A page of names is a look at each; an empty one is none."""
    if rows:
        _record(actor, action, of, [row.pk for row in rows])


def record_file(actor: Actor, action: str, of: str, rows: QuerySet[Any], q: str) -> None:
    """A file has no names; looked for by a name, it is a look at each of that name."""
    for keys in sought_by_name(rows, q):
        _record(actor, action, of, keys)


def _record(actor: Actor, action: str, of: str, keys: list[UUID]) -> None:
    facts = {"rows": len(keys), "requests": keys}
    record_read(actor=actor, action=action, object_type=of, object_id="centre", facts=facts)


def state_there(card: HandOnCard) -> CardState:
    """How a card stands for its institution, by the dates."""
    if card.reported_at:
        return CardState.ANSWERED
    if card.ended_at or now() >= card.until:
        return CardState.LAPSED
    return CardState.READ if card.read_at else CardState.SENT
