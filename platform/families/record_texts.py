"""What the record says about families: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"family": _("Families and consent")}
AREAS: Final[Mapping[str, str]] = {"consent": "family", "child": "family", "relative": "family"}
NAMELESS: Final = frozenset({"consent", "child", "relative"})
"""First parts of actions that would tell who asked for help."""
ACTS: Final[Mapping[str, Any]] = {
    "consent.ask": _("Consent asked"),
    "consent.agree": _("Consent given"),
    "consent.refuse": _("Consent declined"),
    "consent.answer": _("Consent answered"),
    "consent.give": _("Consent given"),
    "consent.note": _("Consent written down for somebody who asked for it"),
    "consent.decline": _("Consent declined"),
    "consent.later": _("Consent put off"),
    "consent.withdraw": _("Consent withdrawn"),
    "consent.end": _("Consent ended by its date"),
    "child.register": _("Child entered"),
    "child.change": _("Child's data corrected"),
    "child.release": _("Child taken off the list"),
    "relative.register": _("Relative entered"),
    "relative.change": _("Relative corrected"),
    "relative.forget": _("Relative removed"),
}
