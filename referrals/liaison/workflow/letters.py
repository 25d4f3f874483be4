"""The hand-over letter on paper: each print has a number of its own, and a QR code by which the hospital checks it (16.8)."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.actor import Actor
from audit import record
from kernel.clock import now
from kernel.errors import NotFound, Refused
from kernel.identifiers import keyed_hash, new_secret
from referrals.liaison.card_states import UNDER_WAY, stands_as
from referrals.liaison.models import HandOn, LetterCopy
from referrals.liaison.workflow.handing_on import locked_case


class Printed(NamedTuple):
    """A copy, and the secret that its QR code holds; it is told once."""

    copy: LetterCopy
    token: str


def letter_hash(token: str) -> bytes:
    """32 bytes under which a copy is found again."""
    return keyed_hash(settings.HASH_KEY, f"letter:{token}")


def check_letter(actor: Actor, case: HandOn) -> None:
    """Whether ``actor`` may print it now: the person, or the centre in another's matter; only while the card is good.

    NotFound for everybody else, Refused ``no_letter`` before the person's yes and once it is over.
    """
    own = actor.membership_id is not None and case.person_id == actor.membership_id and actor.may("card.own")
    if not own and not actor.may("card.write"):
        raise NotFound
    if stands_as(case.state, case.until, now()) not in UNDER_WAY:
        raise Refused("no_letter")


@transaction.atomic
def number_letter(*, actor: Actor, case_id: UUID | str) -> Printed:
    """The next copy of a card's letter, kept with who prints it and when. Raises as ``check_letter``."""
    case = locked_case(case_id)
    check_letter(actor, case)
    if actor.membership_id is None:
        raise NotFound
    last = LetterCopy.objects.filter(hand_on=case).aggregate(last=Max("number"))["last"] or 0
    token = new_secret()
    copy = LetterCopy(hand_on=case, number=last + 1, token_hash=letter_hash(token), by_id=actor.membership_id, at=now())
    copy.save(force_insert=True)
    record(actor=actor, action="card.letter", obj=case, facts={"number": copy.number})
    return Printed(copy, token)


def copy_of(token: str) -> LetterCopy | None:
    """The copy whose QR code holds ``token``, in the open school. One query."""
    return LetterCopy.objects.select_related("hand_on__partner").filter(token_hash=letter_hash(token)).first()
