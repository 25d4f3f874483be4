"""What the record says about family tips. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREAS: Final[Mapping[str, str]] = {"tips": "family"}
NAMELESS: Final = frozenset({"tips"})
ACTS: Final[Mapping[str, Any]] = {
    "tips.ask": _("Tips by e-mail asked for"),
    "tips.confirm": _("Tips by e-mail begun"),
    "tips.end": _("Tips by e-mail ended"),
    "tips.series": _("Series of tips made"),
    "tips.order": _("Series of tips changed"),
    "tips.stop": _("Series of tips stopped"),
    "tips.export": _("List of tips downloaded"),
}
