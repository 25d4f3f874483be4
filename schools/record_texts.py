"""The audit record as texts for a reader: what was done, what is told of it, and whose acts stay without a name.

Each app brings the texts of its own acts in ``record_texts``: ``ACTS`` (action → text), ``AREAS`` (first part of an
action → area), ``AREA_TITLES``, ``NAMELESS`` (first parts that would tell who asked for help) and ``FACTS``.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry import contributions, table
from schools.setting_texts import setting_label, setting_names, setting_value

AREA_TITLES: Final[Mapping[str, Any]] = {"house": _("School and record")}
AREAS: Final[Mapping[str, str]] = {
    "school": "house",
    "operator": "house",
    "setting": "house",
    "record": "house",
    "page": "house",
    "api": "house",
}
NAMELESS: Final = frozenset({"page", "api"})
ACTS: Final[Mapping[str, Any]] = {
    "school.create": _("School created"),
    "school.export": _("List of schools downloaded"),
    "school.change": _("Details of the school changed"),
    "school.administrator": _("Administrator given to a school"),
    "school.invite": _("Administrators invited again"),
    "operator.add": _("Operator added to the platform"),
    "operator.remove": _("Operator removed from the platform"),
    "setting.change": _("Setting of the school changed"),
    "record.export": _("Record downloaded"),
}
FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "setting": (_("Setting"), setting_label),
    "old": (_("Before"), setting_value),
    "new": (_("Now"), setting_value),
    "changed": (_("Changed"), setting_names),
    "rows": (_("Entries"), str),
}
"""What is told of an act beside it; ids stay in the record."""


@cache
def acts() -> Mapping[str, Any]:
    """Every action of the record → its text."""
    return table("record_texts", "ACTS")


@cache
def areas() -> Mapping[str, tuple[Any, tuple[str, ...]]]:
    """Key of the filter → (its title, the first parts of the acts that belong there)."""
    firsts: dict[str, list[str]] = {}
    for first, area in table("record_texts", "AREAS").items():
        firsts.setdefault(area, []).append(first)
    return {area: (title, tuple(firsts.get(area, ()))) for area, title in table("record_texts", "AREA_TITLES").items()}


@cache
def nameless() -> frozenset[str]:
    """First parts of actions that would tell who asked for help: shown with the role alone (rules §5)."""
    return frozenset().union(*(firsts for _app, firsts in contributions("record_texts", "NAMELESS")))


@cache
def facts() -> Mapping[str, tuple[Any, Callable[[Any], Any]]]:
    """Fact → (its label, how a value is shown)."""
    return table("record_texts", "FACTS")


EDGES: Final[Mapping[str, Any]] = {"page": _("A page's form"), "api": _("A program's call")}
"""First part of an action → what was refused before any writer was asked; the rest of such an action is the address's own name."""

KINDS: Final[Mapping[str, Any]] = {
    "member": _("Staff of the school"),
    "partner": _("Partner institution"),
    "operator": _("Operator"),
    "family": _("Family"),
    "outside": _("Outside party"),
    "system": _("The system"),
}
"""Who acts, where no name is shown."""
