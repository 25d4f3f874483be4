"""The door on /my/ to a child's place that waits for the other guardian's answer. Found by ``ui.cards``."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actor import Actor
from kernel.clock import now
from referrals.models import ChildPlace
from ui.cards import MyCard, MyDoor
from ui.templatetags.ui import school_time


def _place(actor: Actor) -> MyCard:
    rows = ChildPlace.objects.filter(guardian_id=actor.membership_id, answered_at__isnull=True, until__gt=now())
    return MyCard(rows[:1], _door, is_of_family=True)


def _door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    note = _("answer by %(until)s") % {"until": school_time(rows[0].until)}
    return MyDoor(reverse("staff_place", args=[rows[0].pk]), "people", _("A place that can go on with you"), note)


CARDS: Final[tuple[Callable[[Actor], MyCard], ...]] = (_place,)
