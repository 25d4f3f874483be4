"""How the chain speaks to the person it is for."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from disclosure.sentences import panel
from referrals.emergency.rules.grades import Grade

Text = str | Promise

GRADE_TEXTS: Final[Mapping[Grade, Text]] = {
    Grade.GENERAL: _("When the school is worried about me (general)"),
    Grade.MAJOR: _("When I need help today (major)"),
    Grade.EXTREME: _("When my life is in danger (extreme)"),
}
"""The grades in people's words."""

GRADE_SHORT: Final[Mapping[Grade, Text]] = {
    Grade.GENERAL: _("worry"),
    Grade.MAJOR: _("help needed today"),
    Grade.EXTREME: _("life in danger"),
}


def grades_text(grades: Iterable[str]) -> list[Text]:
    """The grades, mildest first, short."""
    return [text for grade, text in GRADE_SHORT.items() if grade.value in set(grades)]


def see_contacts() -> list[tuple[str, Any]]:
    """谁能看到 of one's contacts, from the table."""
    return panel(("contact",), own=True)


def see_never() -> list[tuple[str, Any]]:
    """谁能看到 of the list of those never called."""
    return panel(("never",), own=True)


def see_community() -> list[tuple[str, Any]]:
    """谁能看到 of where one lives."""
    return panel(("community",), own=True)
