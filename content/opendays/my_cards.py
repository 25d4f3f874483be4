"""A door on a person's own pages while an open day takes families. Found by ``ui.cards``."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from content.opendays.models import OpenDay
from content.opendays.states import DayState
from kernel.clock import now
from ui.cards import MyCard, MyDoor


def _open_day(actor: Actor) -> MyCard:
    rows = OpenDay.objects.filter(state=DayState.OPEN, answers_until__gt=now()).order_by("starts_at")
    return MyCard(rows[:1], _door)


def _door(rows: Sequence[Any]) -> MyDoor | None:
    if not rows:
        return None
    return MyDoor("/my/open-days/", "calendar", rows[0].title, _("Invite my family to the open day"))


CARDS: Final[tuple[Callable[[Actor], MyCard], ...]] = (_open_day,)
