"""Doors that an app puts on a person's own pages, /my/ and /my/family/, whose apps must not know it (``my_cards.CARDS``)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.actor import Actor
from registry import contributions

Text = str | Promise


class MyDoor(NamedTuple):
    """What ``ui/components/task.html`` draws."""

    url: str
    icon: str
    title: Text
    note: Text


@dataclass(frozen=True, slots=True)
class MyCard:
    """``rows`` is asked in one message with the page's own lists (``tenancy.messages.together``), ``door`` made of it.

    ``is_of_family``: it stands on /my/family/ as well.
    """

    rows: QuerySet[Any]
    door_of: Callable[[Sequence[Any]], MyDoor | None]
    is_of_family: bool = True

    @property
    def door(self) -> MyDoor | None:
        """The door as its rows have it; None where there is nothing to see."""
        return self.door_of(list(self.rows))


def my_cards(actor: Actor) -> list[MyCard]:
    """Every app's, in the order of the apps. Asks nothing yet."""
    return [make(actor) for _app, makers in contributions("my_cards", "CARDS") for make in makers]
