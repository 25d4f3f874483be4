"""How it goes on, for a party outside that still helps: its own link shows it again for a while (chain §3, §6).

Written by the centre with the person's yes, onto the one card that the party has; nothing is sent, they are telephoned.
"""

import json
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid
from kernel.fold import fold_prose
from referrals.emergency.models import Card, Incident, Leg, Outcome, Recipient
from referrals.emergency.rules.keeping import ADDRESSES_KEPT
from referrals.emergency.rules.leg_states import ENDED, LegState
from referrals.emergency.rules.outside import Purpose
from referrals.emergency.workflow.moving import lock, note
from referrals.emergency.workflow.standing import must_know

LASTS: Final = timedelta(days=14)
"""So long it is read, and never past the day on which the links are taken away."""
MOST_PROGRESS: Final = 300


def helps(incident: Incident) -> list[Leg]:
    """Legs whose outside party had them at the end and can still be shown something, in the order of their kinds."""
    if (
        incident.closed_at is None
        or incident.is_drill
        or incident.outcome in (Outcome.DIED, Outcome.MERGED, Outcome.UNFOUNDED)
    ):
        return []
    if incident.addresses_gone_at is not None or incident.key is None:
        return []
    legs = Leg.objects.filter(incident=incident, taken_by__token_hash__isnull=False).order_by("kind")
    return [leg for leg in legs.select_related("taken_by") if LegState(leg.state) in ENDED]


@transaction.atomic
def write_progress(*, actor: Actor, incident_id: UUID | str, kind: str, words: str, agreed_how: str) -> Card:
    """Put ``words`` on the card of the party that had the leg ``kind``; ``agreed_how``: how and when the person agreed, sealed.

    Needs ``incident.follow``; NotFound. Invalid ``words_missing``, ``words_too_long``, ``progress_agreement``; Conflict
    ``progress_nobody`` where no outside party had it, or its link has been taken away. A second time it is written anew.
    """
    require(actor, "incident.follow")
    said, told = fold_prose(words).strip(), fold_prose(agreed_how).strip()
    if not said or len(said) > MOST_PROGRESS:
        raise _invalid("words", "words_too_long" if said else "words_missing")
    if not told:
        raise _invalid("agreed_how", "progress_agreement")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    leg = next((one for one in helps(incident) if one.kind == kind), None)
    if leg is None:
        raise Conflict("progress_nobody")
    assert leg.taken_by is not None  # that of a party that helps
    assert incident.closed_at is not None
    recipient: Recipient = leg.taken_by
    card = Card.objects.select_for_update().filter(recipient=recipient).first() or Card(recipient=recipient)
    card.partner_id, card.purpose, card.revoked_at = recipient.partner_id, Purpose.PROGRESS.value, None
    card.until = min(locked.moment + LASTS, incident.closed_at + ADDRESSES_KEPT)
    card.body = json.dumps({"words": said}, ensure_ascii=False)
    card.save()
    note(incident, "card.progress", leg=locked.leg(kind), by=actor, words=told)
    record(actor=actor, action="incident.progress", obj=incident)
    return card


def end_progress(incident: Incident, moment: datetime) -> None:
    """It goes on otherwise than was said: nobody reads it any more. The caller holds the incident."""
    rows = Card.objects.filter(recipient__leg__incident=incident, purpose=Purpose.PROGRESS, revoked_at=None)
    rows.update(revoked_at=moment)


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
