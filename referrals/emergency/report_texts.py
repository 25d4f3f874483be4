"""What a report asks for, in words: the twelve signs that come with the product, dimensions, posts (row 14.1)."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from referrals.emergency.models import ReportChecklist
from referrals.emergency.rules.reporting import Dimension, Post

DIMENSION_TEXTS: Final[Mapping[Dimension, Any]] = {
    Dimension.MOOD: _("Mood"),
    Dimension.BEHAVIOUR: _("Behaviour"),
    Dimension.SPEECH: _("Speech"),
}

SIGNS: Final[Mapping[Dimension, tuple[Any, ...]]] = {
    Dimension.MOOD: (
        _("Low, empty or without hope for days"),
        _("Sudden calm after a bad time"),
        _("Outbursts, weeping, panic"),
        _("Blames or despises themself"),
    ),
    Dimension.BEHAVIOUR: (
        _("Withdraws, is absent, cannot be reached"),
        _("Gives things away, puts affairs in order"),
        _("Hurts themself, or drinks or takes much"),
        _("Sleeps or eats hardly, neglects themself"),
    ),
    Dimension.SPEECH: (
        _("Speaks or writes of dying or of not being"),
        _("Says goodbye, asks others to look after something"),
        _("Says that they are a burden, or that there is no way out"),
        _("Threatens to hurt somebody"),
    ),
}
"""Unless the school asks for others."""

POST_TEXTS: Final[Mapping[Post, Any]] = {
    Post.ON_DUTY: _("Whoever is on duty now"),
    Post.PSYCHOLOGISTS: _("All psychologists and the centre"),
    Post.CENTRE_HEAD: _("Head of the centre"),
    Post.PRINCIPAL: pgettext_lazy("post", "Principal"),
    Post.MORAL: _("Head of moral education"),
    Post.DOCTOR: pgettext_lazy("post", "School doctor"),
}


def signs_of_school() -> dict[Dimension, list[str]]:
    """What the open school asks for."""
    row = ReportChecklist.objects.first()
    own: Mapping[str, list[str]] = row.signs if row else {}
    return {
        dimension: list(own.get(dimension.value, [])) if row else [str(sign) for sign in signs]
        for dimension, signs in SIGNS.items()
    }


KEPT_IN: Final = "zh-hans"
"""The language in which a sign of the product is kept. Which language somebody reads may tell who they are: a school has few
who read English.
"""


@cache
def _known() -> Mapping[str, Any]:
    """Every spelling of a sign that comes with the product → the sign."""
    found: dict[str, Any] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(sign): sign for signs in SIGNS.values() for sign in signs}
    return found


def as_kept(sign: str) -> str:
    """As a report keeps a sign, whatever the language of the page on which it was ticked; a school's own as it is."""
    with override(KEPT_IN):
        return str(_known().get(sign, sign))


def as_read(sign: str) -> str:
    """A kept sign for who reads it, in their language; so an older report tells no language either."""
    return str(_known().get(sign, sign))
