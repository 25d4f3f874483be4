"""The door on /my/ to a mediation that is under way. Found by ``ui.cards``."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actor import Actor
from kernel.clock import now
from referrals.liaison import card_states
from referrals.liaison.mediation_states import CLOCKED, OPEN
from referrals.liaison.models import HandOn, Mediation
from referrals.liaison.texts import state_of
from ui.cards import MyCard, MyDoor
from ui.states import sign_of


def _mediation(actor: Actor) -> MyCard:
    over = Q(state__in=CLOCKED, until__lte=now())
    rows = Mediation.objects.filter(person_id=actor.membership_id, state__in=OPEN).exclude(over)
    return MyCard(rows[:1], _door, is_of_family=False)


def _door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    note = str(sign_of(state_of(rows[0], now()), "mediation").text)
    return MyDoor(reverse("mediation"), "people", _("Family mediation"), note)


def _hand_on(actor: Actor) -> MyCard:
    rows = HandOn.objects.filter(person_id=actor.membership_id, state__in=card_states.CLOCKED, until__gt=now())
    return MyCard(rows.order_by("until", "pk")[:1], _card_door, is_of_family=False)


def _card_door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    note = str(sign_of(rows[0].state, "hand_on").text)
    return MyDoor(reverse("my_card", args=[rows[0].pk]), "send", _("What the school would pass on"), note)


CARDS: Final[tuple[Callable[[Actor], MyCard], ...]] = (_mediation, _hand_on)
