"""What a report asks for, in words: the twelve signs that come with the product, dimensions, posts (row 14.1)."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
