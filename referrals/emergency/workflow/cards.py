"""The only writer of cards: given with an answer, kept right while words are added, taken back with a hold (chain §4, §6).

What a card says is cut here, once; a page shows what stands on it and looks nowhere else.
"""

import json
from datetime import datetime
from typing import Any, cast

from accounts.models import Membership
from referrals.emergency.models import Card, HomeCommunity, Incident, Leg, Place, Recipient, Timeline
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import LegEvent, LegState
from referrals.emergency.rules.outside import ENDS_AFTER, MEETS_THE_PERSON, PURPOSE_OF, Fate, Purpose, fate_of_cards

WORDS_CODE = "card.words"
"""Of the timeline's rows that hold what the duty person wrote for an outside party."""


def give(incident: Incident, leg: Leg, recipient: Recipient) -> None:
    """The card of an outside recipient who has just taken ``leg``. A colleague, and whoever plays in a drill, gets none."""
    if recipient.token_hash is None or leg.is_drill:
        return
    purpose = PURPOSE_OF[LegKind(leg.kind)]
    card = Card.objects.filter(recipient=recipient).first() or Card(recipient=recipient)
    card.partner_id, card.purpose, card.until, card.revoked_at = recipient.partner_id, purpose.value, None, None
    card.body = _body(incident, leg, purpose)
    card.save()


def follow(incident: Incident, leg: Leg, before: LegState, event: LegEvent, moment: datetime) -> None:
    """What a move of ``leg`` makes of its cards: written in the same transaction, so that no card outlives a hold."""
    if leg.is_drill:
        return
    live = Card.objects.filter(recipient__leg=leg, revoked_at=None)
    match fate_of_cards(before, event, LegState(leg.state)):
        case Fate.REVOKE:
            live.update(revoked_at=moment)
        case Fate.REVOKE_OTHERS:
            live.exclude(recipient_id=leg.taken_by_id).update(revoked_at=moment)
        case Fate.END:
            live.filter(until=None).update(until=moment + ENDS_AFTER)
        case Fate.KEEP:
            refresh(incident, leg)


def refresh(incident: Incident, leg: Leg) -> None:
    """Write anew what the cards of an open leg say, after the grade or the words behind them changed."""
    for card in Card.objects.filter(recipient__leg=leg, revoked_at=None, until=None):
        card.body = _body(incident, leg, Purpose(card.purpose))
        card.save(update_fields=["body_sealed"])


def revoke(recipient: Recipient, moment: datetime) -> None:
    """Take back the card of one recipient."""
    Card.objects.filter(recipient=recipient, revoked_at=None).update(revoked_at=moment)


def card_of(recipient: Recipient, moment: datetime) -> Card | None:
    """The card that ``recipient`` may read at ``moment``; None when it has none, or no longer."""
    card: Card | None = Card.objects.filter(recipient=recipient, revoked_at=None).first()
    return None if card is None or (card.until is not None and card.until <= moment) else card


def body_of(card: Card) -> dict[str, Any]:
    """What stands on it: codes of closed lists, and words."""
    return cast(dict[str, Any], json.loads(card.body or "{}"))


def card_body(incident: Incident, leg: Leg) -> dict[str, Any]:
    """What would stand on the card of who has ``leg``: nothing is written. For whoever plays a party in a drill."""
    return cast(dict[str, Any], json.loads(_body(incident, leg, PURPOSE_OF[LegKind(leg.kind)])))


def _body(incident: Incident, leg: Leg, purpose: Purpose) -> str:
    """Cut by chain §6. Nothing that is not asked for here is ever on a card."""
    said: dict[str, Any] = {}
    match purpose:
        case Purpose.FAMILY:
            said = {"meeting_place": incident.read_words("meeting_place")}
        case Purpose.MEDICAL:
            said = {
                "kind": incident.kind,
                "grade": leg.grade,
                "place": incident.place,
                "where": incident.read_words("place"),
                "company": incident.company,
                "can_be_asked": incident.can_be_asked,
                "words": _newest_words(incident, leg),
            }
        case Purpose.COMMUNITY:
            said = {
                "place": incident.place,
                "where": _address(incident),
                "company": incident.company,
                "words": _newest_words(incident, leg),
            }
        case Purpose.LINE | Purpose.PROGRESS:  # what is said afterwards is written by ``workflow.progress``
            pass
    if purpose in MEETS_THE_PERSON and incident.person_id is not None:
        said["name"] = Membership.objects.get(pk=incident.person_id).name
    return json.dumps(said, ensure_ascii=False)


def _address(incident: Incident) -> str:
    """Where to look in: where the person is said to be; else the street that they gave as their home."""
    told = incident.read_words("place")
    if incident.place not in ("", Place.HOME) or incident.person_id is None:
        return told
    home = HomeCommunity.objects.filter(person_id=incident.person_id).first()
    street = str(home.street) if home else ""
    return street or told


def _newest_words(incident: Incident, leg: Leg) -> str:
    row = Timeline.objects.filter(incident=incident, leg=leg, code=WORDS_CODE).order_by("-at", "-pk").first()
    return row.words(incident.key) if row else ""
