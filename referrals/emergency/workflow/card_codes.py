"""A fresh code by voice: opens one card in one browser for half an hour, where nobody knows the number's last digits (chain §4).

It is read out to the number that was called and to no other. It answers nothing and takes nothing; one code opens once.
"""

import hmac
from uuid import UUID

from django.db import transaction

from audit import record
from kernel.errors import Conflict
from kernel.identifiers import uuid7
from notifications.models import Channel
from referrals.emergency import secrets
from referrals.emergency.models import Delivery, Recipient
from referrals.emergency.plan_facts import can_ring_outside
from referrals.emergency.rules.leg_states import ENDED
from referrals.emergency.rules.sending import (
    CARD_CODE,
    CARD_CODE_AGAIN,
    CARD_CODE_LASTS,
    MOST_CARD_CODES,
    RANKS,
    Rank,
)
from referrals.emergency.workflow.moving import note
from referrals.emergency.workflow.outside import Party, with_card


def asked(recipient: Recipient) -> list[Delivery]:
    """The calls that were asked for, newest first: ``MOST_CARD_CODES`` at most."""
    return list(Delivery.objects.filter(recipient=recipient, text=CARD_CODE).order_by("-created_at", "-pk"))


@transaction.atomic
def ring(*, recipient_id: UUID) -> None:
    """Ring the number that was called and read out a code. Asked again within a minute it is the same call.

    Conflict ``card_codes_asked`` after three, ``card_no_voice`` where nothing rings, ``not_yours_now`` without a card, after the end of the leg, and once the
    number is no longer kept.
    """
    party = _open(recipient_id)
    recipient, moment = party.recipient, party.locked.moment
    before = asked(recipient)
    if before and moment - before[0].created_at < CARD_CODE_AGAIN:
        return
    if len(before) >= MOST_CARD_CODES:
        raise Conflict("card_codes_asked")
    if not can_ring_outside():
        raise Conflict("card_no_voice")
    pk = uuid7()
    Delivery.objects.create(
        pk=pk,
        recipient=recipient,
        leg=party.leg,
        key=f"{party.leg.pk}:{recipient.pk}:voice:card{len(before) + 1}",
        reference_hash=secrets.reference_hash(secrets.reference_of(pk)),
        channel=Channel.VOICE,
        text=CARD_CODE,
        epoch=party.leg.epoch,
        rank=RANKS[Rank.OTHER_CHANNEL],
        due_at=moment,
    )
    note(party.locked.incident, "card.code_asked", leg=party.leg, role=recipient.role)
    record(actor=party.voice, action="incident.card_code", obj=party.locked.incident, facts={"leg": party.leg.kind})


@transaction.atomic
def open_by_code(*, recipient_id: UUID, code: str) -> bool:
    """Whether ``code`` was read out to this very recipient within ten minutes, and has opened nothing yet. Spends it."""
    party = _open(recipient_id)
    moment = party.locked.moment
    for call in asked(party.recipient):
        is_fresh = call.used_at is None and moment - call.created_at < CARD_CODE_LASTS
        if is_fresh and hmac.compare_digest(secrets.card_code_of(call.pk).encode(), code.encode()):
            call.used_at = moment
            call.save(update_fields=["used_at"])
            incident, leg = party.locked.incident, party.leg
            note(incident, "card.code_used", leg=leg, role=party.recipient.role)
            record(actor=party.voice, action="incident.card_code_used", obj=incident, facts={"leg": leg.kind})
            return True
    return False


def _open(recipient_id: UUID) -> Party:
    party = with_card(recipient_id)
    if party.state in ENDED or not party.recipient.address:
        raise Conflict("not_yours_now")
    return party
