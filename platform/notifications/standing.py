"""How a school's accounts answer while nothing is the matter, as whoever watches them tells (``settings.CHANNEL_STANDING``)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.models import ProviderAccount
from notifications.results import in_words


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked of an account: ``what`` (message, balance, texts, sign, application), when last, with what
    result (a code), when it last went well, and how often it failed since.
    """

    what: str
    at: datetime
    result: str
    well_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it; ``is_left_alone``: its circuit is open just now."""

    asked: tuple[Asked, ...] = ()
    is_left_alone: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page: a sentence, its moment, whether it is well."""

    text: str
    at: datetime | None
    is_well: bool


_WELL: Final[Mapping[str, Any]] = {
    "message": _("A trial message was taken"),
    "application": _("The application answers"),
    "sign": _("The signature is approved"),
}
_WRONG: Final[Mapping[str, Any]] = {
    "sign_waiting": _("The signature is not approved yet"),
    "sign_refused": _("The provider has refused the signature"),
    "switched_off": _("The application is switched off at the provider"),
}


def standing_of(accounts: Collection[ProviderAccount]) -> Mapping[UUID, Standing]:
    """By account; one that nobody asks stands in no row."""
    if not settings.CHANNEL_STANDING or not accounts:
        return {}
    found: Mapping[UUID, Standing] = import_string(settings.CHANNEL_STANDING)(accounts)
    return found


def lines_of(standing: Standing | None) -> list[Line]:
    """In words, what is wrong first; empty for an account that nobody asks."""
    return sorted(_lines(standing), key=lambda line: line.is_well) if standing is not None else []


def _lines(standing: Standing) -> Iterator[Line]:
    if standing.is_left_alone:
        yield Line(_now("It failed again and again and is left alone for half a minute at a time"), None, False)
    yield from _of(standing.asked)


def _of(asked: Iterable[Asked]) -> Iterator[Line]:
    for one in asked:
        if not one.failures and one.well_at is None:
            continue  # asked, and not answered yet
        if one.failures:
            yield Line(str(_WRONG.get(one.result) or in_words(one.result)), one.at, False)
        elif one.result.startswith("fen_"):
            yuan = f"{int(one.result.removeprefix('fen_')) / 100:.2f}"
            yield Line(_now("Balance: %(yuan)s yuan") % {"yuan": yuan}, one.at, True)
        elif one.result.startswith("texts_"):
            left = one.result.removeprefix("texts_")
            yield Line(_now("%(count)s texts left in the packages") % {"count": left}, one.at, True)
        else:
            yield Line(str(_WELL.get(one.what, one.result)), one.at, True)
