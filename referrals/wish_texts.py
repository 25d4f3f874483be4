"""A person's wishes in words, the same on every page that shows them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from referrals.kinds import Wish
from referrals.wishes import Access, Gender, Place, Wishes

LABELS: Final[Mapping[Wish, Any]] = {
    Wish.GENDER: _("It should be"),
    Wish.PLACE: _("How to meet"),
    Wish.ACCESS: _("What makes it easier"),
}
GENDERS: Final[Mapping[Gender, Any]] = {Gender.FEMALE: _("a woman"), Gender.MALE: _("a man")}
PLACES: Final[Mapping[Place, Any]] = {Place.ON_SITE: _("face to face"), Place.ONLINE: _("online, by video")}
ACCESS: Final[Mapping[Access, Any]] = {
    Access.STEP_FREE: _("a way without steps, for a wheelchair or a pram"),
    Access.HEARING: _("I hear badly: face to face and in writing"),
    Access.SIGHT: _("I see badly: please read out what is on paper"),
}
EITHER: Final = _("either is fine")


def wish_rows(wishes: Wishes) -> list[tuple[Any, list[Any]]]:
    """Label and words of each wish; empty for none."""
    rows: list[tuple[Any, list[Any]]] = []
    if wishes.gender:
        rows.append((LABELS[Wish.GENDER], [GENDERS[Gender(wishes.gender)]]))
    if wishes.place:
        rows.append((LABELS[Wish.PLACE], [PLACES[Place(wishes.place)]]))
    if wishes.access:
        rows.append((LABELS[Wish.ACCESS], [ACCESS[Access(value)] for value in wishes.access]))
    return rows
