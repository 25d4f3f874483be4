"""What the record says about a school's calendar. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def _worked(value: Any) -> str:
    return gettext("Worked") if value else gettext("Free")


AREAS: Final[Mapping[str, str]] = {"workday": "house"}
ACTS: Final[Mapping[str, Any]] = {
    "workday.add": _("Days entered in the school calendar"),
    "workday.remove": _("Days taken out of the school calendar"),
}
FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "first_day": (pgettext_lazy("calendar", "First day"), str),
    "last_day": (pgettext_lazy("calendar", "Last day"), str),
    "is_workday": (_("Days are"), _worked),
}
