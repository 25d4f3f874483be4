"""An outside party's card is read out to them by telephone, and that is written down (chain §4): who, to whom, when."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from audit import record
from kernel.errors import Conflict, Forbidden
from referrals.emergency.models import Card, Leg
from referrals.emergency.rules.leg_states import Who
from referrals.emergency.workflow import cards
from referrals.emergency.workflow.moving import note
from referrals.emergency.workflow.standing import opened, who_is

CODE = "card.read_out"
_READERS = frozenset({Who.CENTRE, Who.CENTRE_HEAD, Who.DUTY})


def card_out(leg: Leg, moment: datetime) -> Card | None:
    """The card of the outside recipient who has taken ``leg``; None when there is none to read, or no longer."""
    return cards.card_of(leg.taken_by, moment) if leg.taken_by is not None else None


@transaction.atomic
def read_out(*, actor: Actor, incident_id: UUID | str, kind: str) -> Card:
    """Somebody of the centre or on duty has read the card of a leg out to whoever has it. Moves no leg.

    Forbidden for anybody else; Conflict ``no_card_out`` while nobody outside has a card, ``incident_ended``; NotFound for
    whoever must not know of the incident.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    if not who_is(actor, locked, leg) & _READERS:
        raise Forbidden(permission="incident.read_out")
    card = card_out(leg, locked.moment)
    if card is None:
        raise Conflict("no_card_out")
    facts = {"to": card.recipient.role}
    note(locked.incident, CODE, leg=leg, by=actor, facts=facts)
    record(actor=actor, action="incident.read_out", obj=locked.incident, facts={"leg": kind, **facts})
    return card
