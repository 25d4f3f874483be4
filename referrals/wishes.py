"""What a person wishes of whoever helps: closed choices, never free text (rules §2). Pure: values only, no framework.

An agency reads them with the request, before it knows a name. Words of a person's own would be read by somebody who was
never meant; so what an agency should know is a choice of a list.
"""

from dataclasses import dataclass
from enum import StrEnum

from referrals.kinds import KINDS, Wish


class Gender(StrEnum):
    """Who it should be; none chosen: anybody."""

    FEMALE = "female"
    MALE = "male"


class Place(StrEnum):
    """How to meet; none chosen: either."""

    ON_SITE = "on_site"
    ONLINE = "online"


class Access(StrEnum):
    """What makes it easier to come and to follow."""

    STEP_FREE = "step_free"
    HEARING = "hearing"
    SIGHT = "sight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was chosen; empty for no wish. ``access`` in the order of ``Access``, each once."""

    gender: str = ""
    place: str = ""
    access: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gender or self.place or self.access)

    def chosen(self) -> frozenset[Wish]:
        """Which of the three were chosen."""
        return frozenset(wish for wish in Wish if getattr(self, wish))


NO_WISHES = Wishes()


def to_be_asked(kind: str, *, on_site: bool, online: bool) -> frozenset[Wish]:
    """What is asked on the way to a service: the place only where there are two."""
    return KINDS[kind].wishes - (frozenset() if on_site and online else {Wish.PLACE})


def beyond(wishes: Wishes, kind: str, *, on_site: bool, online: bool) -> frozenset[Wish]:
    """What a service of ``kind`` cannot be asked for: wishes its kind does not know, and a place where it is not."""
    offered = {Place.ON_SITE: on_site, Place.ONLINE: online}
    nowhere = bool(wishes.place) and not offered[Place(wishes.place)]
    return (wishes.chosen() - KINDS[kind].wishes) | (frozenset({Wish.PLACE}) if nowhere else frozenset())


def without(wishes: Wishes, names: frozenset[Wish]) -> Wishes:
    """The others."""
    return Wishes(
        gender="" if Wish.GENDER in names else wishes.gender,
        place="" if Wish.PLACE in names else wishes.place,
        access=() if Wish.ACCESS in names else wishes.access,
    )
